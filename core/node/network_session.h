// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cancellation.h"
#include "ledger/ledger.h"
#include "ledger/mempool.h"
#include "ledger/wallet.h"
#include "node/consensus_driver.h"
#include "node/invitation.h"
#include "node/round_driver.h"
#include "node/settings.h"

#include <QJsonObject>
#include <QObject>
#include <QTimer>

#include <map>
#include <memory>
#include <span>

namespace loam::node {

/// One node's life in one network: ledger, pool, consensus, rounds and peers, wired together.
/// Everything on the event-loop thread; the swarm's events arrive there as values.
class NetworkSession final : public QObject
{
    Q_OBJECT
public:
    struct Config
    {
        Home home;
        ledger::Genesis genesis;
        const crypto::KeyPair& key;
        const Settings& settings;
        TrainingDevice& device;
        NodeStore& store;
        DataService& data;
        WorkerProcess& trainer;
        WorkerProcess& verifier;
        bool misbehave{ false };
        std::vector<swarm::Endpoint> endpoints; ///< besides the remembered ones
    };

    static base::Result<std::unique_ptr<NetworkSession>> open(Config config);
    ~NetworkSession() override;

    ledger::Ledger& ledger() { return *m_ledger; }
    const ledger::Ledger& ledger() const { return *m_ledger; }
    ledger::Mempool& mempool() { return *m_mempool; }
    swarm::Swarm& swarm() { return *m_swarm; }
    RoundDriver& rounds() { return *m_rounds; }
    bool isValidator() const;
    ledger::WalletBalance balance() const;
    /// The whole history of this node's account, RFC 4180.
    base::Result<std::string> historyCsv();
    Invitation invitation() const;

    /// Signs a transaction of this node, takes it into the pool and spreads it. Returns its id;
    /// Denied with the ledger's reason when it would not be taken.
    base::Result<base::Hash256> submit(const ledger::TransactionBody& body);
    /// Makes this node a member of the runs it joined, as far as the owner's consent goes, or takes
    /// it out of them.
    void setMembership(bool wanted);

Q_SIGNALS:
    void blockFinalized(qint64 height);
    /// Entries concern this node's account.
    void walletChanged();
    void peersChanged();
    void stopped(const QString& reason);

private:
    explicit NetworkSession(Config config);
    base::Result<> start();
    base::Result<> listen();
    base::Result<> startSwarm(std::uint16_t port);
    ConsensusDriver::Hooks hooks();

    base::Result<> persist(const ConsensusRecord& record);
    base::Result<> makeFinal(const consensus::Finalized& finalized);
    base::Bytes propose(const consensus::RequestProposal& request);
    void validate(const consensus::ValidateBlock& request, std::function<void(bool)> done);
    base::Result<> executeChain(std::span<const consensus::BlockPtr> blocks);
    ledger::FinalRecords readFinal(consensus::Height from);
    void advanced();
    void wakeIfNeeded();
    void announceClosures(const ledger::FinalizedInfo& info);

    void handle(const swarm::Event& event);
    void handleEvent(const swarm::PeerUp& event);
    void handleEvent(const swarm::Message& event);
    void handleEvent(const swarm::GossipReceived& event);
    void handleEvent(const swarm::RequestReceived& event);
    /// Whether consensus no longer listens to a peer: a slashed validator, as long as the others
    /// make a quorum without the slashed ones.
    bool isShutOut(const base::PublicKey& peer) const;
    void takeTransaction(base::ByteView bytes);
    void takeCosignature(base::ByteView bytes);
    void cosign();
    /// Tells peers that do not vote how far the chain is; they fetch what they lack.
    void passFinalityOn(std::span<const base::PublicKey> peers);
    void keepMembership();
    void registerNode();

    Config m_config;
    std::unique_ptr<ledger::Ledger> m_ledger;
    std::unique_ptr<ledger::Mempool> m_mempool;
    std::unique_ptr<ConsensusDriver> m_consensus;
    std::unique_ptr<swarm::Swarm> m_swarm;
    std::unique_ptr<PrivateConsent> m_consent;
    std::unique_ptr<RoundDriver> m_rounds;
    std::vector<ledger::FinalizedInfo> m_news;
    std::multimap<std::uint64_t, base::Bytes> m_earlyCosignatures; ///< by size of the log
    QTimer m_membershipTick;
    base::CancelSource m_registration;
    bool m_registering{ false };
    bool m_wantMembership{ false };
};

} // namespace loam::node
