// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/ed25519.h"
#include "ledger/ledger.h"
#include "node/node_store.h"
#include "node/private_consent.h"
#include "node/private_round.h"
#include "node/private_training.h"
#include "node/run_files.h"
#include "node/training_device.h"
#include "node/worker_process.h"
#include "swarm/swarm.h"
#include "training/manifest.h"

#include <QElapsedTimer>
#include <QJsonObject>
#include <QObject>
#include <QTimer>

#include <map>
#include <memory>
#include <optional>
#include <set>

namespace loam::node {

/// Takes part in the rounds of every run: fetches what a run needs, trains where this node is a
/// member, shows its update once everybody has committed to one, recomputes the round's result and
/// offers it to consensus. All on the event-loop thread; heavy work happens in two workers.
class RoundDriver final : public QObject
{
    Q_OBJECT
public:
    struct Context
    {
        Home home;
        const crypto::KeyPair& key;
        ledger::Ledger& ledger;
        swarm::Swarm& swarm;
        NodeStore& store;
        PrivateConsent& consent;
        WorkerProcess& trainer;
        WorkerProcess& verifier;
        /// What a training may use at this moment.
        std::function<WorkMeans()> means;
        /// Hears what became of a training, and where.
        std::function<void(const std::string& device, const base::Result<QJsonObject>& outcome)>
            trainedOn;
        bool misbehave{ false };
        /// Signs and spreads a transaction of this node.
        std::function<base::Result<>(const ledger::TransactionBody&)> submit;
        /// Consensus has something to order.
        std::function<void()> wake;
    };

    explicit RoundDriver(Context context);

    /// To be called after every change of the ledger and of the policy; cheap.
    void advance();
    void setMayTrain(bool mayTrain);
    /// To be called whenever the owner may have changed his consent: private work that it no longer
    /// covers is cut off before this returns.
    void consentChanged();
    /// Whether a run trains on private text; false for one whose manifest cannot be read.
    bool isPrivate(const ledger::Run& run);
    /// Whether this node may be a member: of a private run only under the owner's grant.
    base::Result<> mayJoin(const ledger::Run& run);

    /// The closures this validator can propose on top of the given state of the ledger.
    std::vector<ledger::CloseRound> readyClosures() const;
    /// Whether a proposed closure is what this node computes itself; answers when it knows.
    void verify(const ledger::CloseRound& closure, std::function<void(bool)> done);
    /// A closure became final, with what it paid to whom.
    void closed(const ledger::CloseRound& closure, const QJsonObject& earned);

    /// Answers a peer's request for the body of an update; Denied before the round is committed.
    base::Result<base::Bytes> updateBody(const base::Hash256& commitment) const;

    /// Answers a group member's request in a private round.
    base::Result<base::Bytes> privateRequest(
        const base::PublicKey& from, std::string_view method, base::ByteView body);

    void shardComplete(const swarm::ShardComplete& event);
    void shardFailed(const swarm::ShardFailed& event);

    /// A run that is being opened: base files, first parameters, manifest.
    struct Opening
    {
        RunBundle bundle;
        base::Hash256 initialParams;
        std::int64_t parameters{ 0 };
    };
    struct OpenRequest
    {
        training::RunManifest manifest; ///< hashes of tokenizer and probe are filled in
        std::vector<std::string> corpora; ///< folders the vocabulary is learnt from
        std::string probe; ///< held-out text file
    };
    void prepareOpening(OpenRequest request, std::function<void(base::Result<Opening>)> done);

    /// The files of the run's newest parameters, as a worker opens them; Unavailable without any.
    base::Result<QJsonObject> modelSource(const ledger::RunId& run) const;

    /// What the status shows.
    struct Snapshot
    {
        std::optional<ledger::RunId> run;
        std::uint64_t round{ 0 };
        std::string phase; ///< "fetching", "training", "waiting", ...
        base::Hash256 params;
        bool hasParams{ false };
    };
    Snapshot snapshot() const;

Q_SIGNALS:
    void trainingProgress(const QJsonObject& progress);
    void roundClosed(const QJsonObject& report);
    void trouble(const QString& sentence);

private:
    enum class Step { Idle, Running, Done, Failed };

    /// Everything about one run that the ledger does not know.
    struct Work
    {
        ledger::RunId id;
        RunFiles files;
        BaseFiles base;
        training::RunManifest manifest;
        std::string baseMagnet;
        Step baseFiles{ Step::Idle };
        std::string baseShard; ///< ShardId while it is being fetched
        Step params{ Step::Idle };
        std::optional<std::uint64_t> paramsRound; ///< round whose parameters lie verified on disk
        std::string paramsShard;

        std::uint64_t round{ 0 };
        base::Hash256 beacon;
        bool roundStarted{ false };
        Step training{ Step::Idle };
        QElapsedTimer lastSubmit;
        base::Hash256 commitment;
        std::int64_t updateBytes{ 0 };
        std::int64_t updateTokens{ 0 };
        std::vector<base::PublicKey>
            cohort; ///< of a private round, as it was when it was seen open
        std::uint32_t clipMicro{ 0 }; ///< of the private round
        std::string refusal; ///< why this node takes no part in the private round
        std::optional<consent::BatchGate::Permit> permit; ///< of the private round at work
        std::unique_ptr<PrivateTraining> privateTraining;
        std::unique_ptr<PrivateRound> exchange; ///< with the others of this node's group

        std::set<base::Hash256> fetching;
        QElapsedTimer gathering; ///< since all commitments were known
        std::set<base::Hash256> missing; ///< bodies given up on
        Step aggregation{ Step::Idle };
        std::string aggregationKey; ///< list that was or is being aggregated
        std::optional<ledger::CloseRound> closure;
        std::vector<std::pair<ledger::CloseRound, std::function<void(bool)>>> waiting;
        int failures{ 0 };
        QElapsedTimer lastFailure;
    };

    std::vector<ledger::Run> runs() const;
    void advance(Work& work, const ledger::Run& run);
    Work* workFor(const ledger::Run& run);
    Work* find(const ledger::RunId& id);
    void startRound(Work& work, const ledger::Run& run);
    bool ensureBase(Work& work);
    bool ensureParams(Work& work, const ledger::Run& run);
    /// Has a file that lies there with other contents than agreed checked piece by piece; what is
    /// missing comes from the peers.
    void repair(const std::filesystem::path& file, const swarm::ShardId& shard);
    void initParams(Work& work, const ledger::Run& run);
    void maybeTrain(Work& work, const ledger::Run& run);
    void trained(Work& work, std::uint64_t round, const QJsonObject& result);
    void maybeTrainPrivate(Work& work, const ledger::Run& run);
    /// The clip of a private run's present round, as the log has it.
    std::uint32_t clipOf(const ledger::Run& run, const training::PrivateTerms& terms) const;
    bool startExchange(Work& work, const ledger::Run& run);
    void openPrivateRound(Work& work, const ledger::Run& run);
    void trainPrivate(Work& work, DataService::Batches batches);
    void privateTrained(Work& work, base::Result<PrivateTraining::Trained> trained);
    /// Cuts off what the owner's consent no longer covers.
    void stopPrivate(Work& work, const base::Error& why);
    void recorded(Work& work, const base::Bytes& record);
    void trainFinished(Work& work, const QJsonObject& facts);
    std::vector<base::PublicKey> cohortOf(const ledger::Run& run) const;
    /// The job that closes a private round, from that of an open one.
    QJsonObject privateJob(
        const ledger::Run& run, const std::vector<ledger::Member>& members, QJsonObject job) const;
    /// Adds to the report of a private round what it has cost this node so far.
    void describePrivacy(const ledger::CloseRound& closure, QJsonObject& report) const;
    void maybeSubmit(Work& work, const ledger::Run& run);
    void maybeAggregate(Work& work, const ledger::Run& run);
    void fetchBody(Work& work, const ledger::Member& member);
    void aggregate(Work& work, const ledger::Run& run, std::vector<ledger::Member> members);
    void aggregated(Work& work, const ledger::Run& run, const std::vector<ledger::Member>& members,
        const QJsonObject& result);
    void setClosure(Work& work, ledger::CloseRound closure);
    void failed(Work& work, const std::string& what, const base::Error& error);
    bool coolingDown(const Work& work) const;
    bool isCommitted(const ledger::Run& run) const;
    std::vector<ledger::Member> submitters(const ledger::Run& run) const;
    void removeOld(Work& work);

    Context m_context;
    QTimer m_tick;
    std::map<ledger::RunId, std::unique_ptr<Work>> m_works;
    bool m_mayTrain{ false };
    std::uint64_t m_sentBefore{ 0 };
    std::uint64_t m_receivedBefore{ 0 };
};

} // namespace loam::node
