// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/network_session.h"

#include "base/bech32m.h"
#include "codec/cbor.h"
#include "ledger/registration.h"
#include "node/join_process.h"
#include "node/log.h"

#include <QCoreApplication>
#include <QPointer>

#include <algorithm>
#include <chrono>
#include <thread>

namespace loam::node {

using base::Errc;
using namespace std::chrono_literals;

namespace {

    constexpr auto kMembershipTick = 2s;
    constexpr std::size_t kMaxEarlyCosignatures = 1024;
    const std::string kTransactionTopic = "tx";
    const std::string kCosignatureTopic = "cosign";

    base::UnixTime wallTime()
    {
        return base::SystemClock{}.now();
    }

    base::Bytes encodeCosignature(std::uint64_t size, const crypto::NoteSignature& signature)
    {
        codec::Writer writer;
        writer.array(4)
            .unsignedInt(size)
            .text(signature.name)
            .bytes(signature.keyId)
            .bytes(signature.signature);
        return writer.take();
    }

    base::Result<std::pair<std::uint64_t, crypto::NoteSignature>> decodeCosignature(
        base::ByteView bytes)
    {
        codec::Reader reader{ bytes };
        crypto::NoteSignature signature;
        TRY(reader.array(std::size_t{ 4 }));
        TRY_ASSIGN(const std::uint64_t size, reader.unsignedInt());
        TRY_ASSIGN(signature.name, reader.text());
        TRY_ASSIGN(const base::ByteView keyId, reader.bytes());
        TRY_ASSIGN(const base::ByteView body, reader.bytes());
        TRY(reader.finish());
        if (keyId.size() != signature.keyId.size()) {
            return base::fail(Errc::Invalid, "a cosignature's key id has four bytes");
        }
        std::copy(keyId.begin(), keyId.end(), signature.keyId.begin());
        signature.signature = base::toBytes(body);
        return std::pair{ size, std::move(signature) };
    }

} // namespace

base::Result<std::unique_ptr<NetworkSession>> NetworkSession::open(Config config)
{
    std::unique_ptr<NetworkSession> session{ new NetworkSession{ std::move(config) } };
    TRY(session->start());
    return session;
}

NetworkSession::NetworkSession(Config config)
    : m_config{ std::move(config) }
{
    m_membershipTick.setInterval(kMembershipTick);
    connect(&m_membershipTick, &QTimer::timeout, this, &NetworkSession::keepMembership);
}

NetworkSession::~NetworkSession()
{
    m_registration.cancel();
    // The network first: nothing may arrive while the rest is taken apart.
    m_rounds.reset();
    m_swarm.reset();
}

base::Result<> NetworkSession::start()
{
    TRY_ASSIGN(m_ledger, ledger::Ledger::open(m_config.home.ledgerDatabase(), m_config.genesis));
    m_mempool = std::make_unique<ledger::Mempool>(*m_ledger);

    TRY_ASSIGN(auto recovered, m_ledger->recovered());
    TRY_ASSIGN(auto simplex,
        consensus::Simplex::create({ .validators = m_ledger->validatorSet(),
                                       .network = m_ledger->networkId(),
                                       .self = &m_config.key,
                                       .delta = m_config.genesis.delta,
                                       .verify = {} },
            std::move(recovered)));
    m_consensus = std::make_unique<ConsensusDriver>(std::move(simplex), hooks());
    TRY(listen());
    m_consent = std::make_unique<PrivateConsent>(m_config.data);
    m_rounds = std::make_unique<RoundDriver>(RoundDriver::Context{
        .home = m_config.home,
        .key = m_config.key,
        .ledger = *m_ledger,
        .swarm = *m_swarm,
        .store = m_config.store,
        .consent = *m_consent,
        .trainer = m_config.trainer,
        .verifier = m_config.verifier,
        .means = [this] { return m_config.device.means(); },
        .trainedOn
        = [this](const std::string& device,
              const base::Result<QJsonObject>& outcome) { m_config.device.note(device, outcome); },
        .misbehave = m_config.misbehave,
        .submit = [this](const ledger::TransactionBody& body) -> base::Result<> {
            TRY(submit(body));
            return {};
        },
        .wake =
            [this] {
                if (isValidator()) {
                    m_consensus->wake();
                }
            },
    });
    connect(&m_config.data, &DataService::changed, this, [this] {
        m_rounds->consentChanged();
        keepMembership();
    });
    m_consensus->start();
    m_membershipTick.start();
    return {};
}

bool NetworkSession::isValidator() const
{
    return m_consensus->simplex().isValidator();
}

ledger::WalletBalance NetworkSession::balance() const
{
    return ledger::walletBalance(*m_ledger, m_config.key.publicKey());
}

base::Result<std::string> NetworkSession::historyCsv()
{
    return ledger::historyCsv(*m_ledger, m_config.key.publicKey());
}

Invitation NetworkSession::invitation() const
{
    Invitation invitation{ m_ledger->networkId(), m_config.genesis.name, { m_swarm->listening() } };
    for (const swarm::PeerInfo& peer : m_swarm->peers()) {
        if (invitation.endpoints.size() < 4) {
            invitation.endpoints.push_back(peer.endpoint);
        }
    }
    return invitation;
}

ConsensusDriver::Hooks NetworkSession::hooks()
{
    return {
        .persist = [this](const ConsensusRecord& record) { return persist(record); },
        .broadcast =
            [this](base::Bytes message) {
                m_swarm->broadcast(swarm::Channel::Consensus, std::move(message));
            },
        .send =
            [this](const base::PublicKey& to, base::Bytes message) {
                m_swarm->send(to, swarm::Channel::Consensus, std::move(message));
            },
        .propose = [this](const consensus::RequestProposal& request) { return propose(request); },
        .validate = [this](const consensus::ValidateBlock& request,
                        std::function<void(bool)> done) { validate(request, std::move(done)); },
        .read = [this](consensus::Height from) { return readFinal(from); },
        .evidence =
            [this](const consensus::Evidence& evidence) {
                qCWarning(lcConsensus)
                    << "a validator voted twice at height" << evidence.first.height;
                if (auto sent = submit(ledger::ReportEvidence{ evidence }); !sent) {
                    qCInfo(lcConsensus).noquote()
                        << "evidence not needed:" << QString::fromStdString(sent.error().message);
                }
            },
        .advanced = [this] { advanced(); },
        .fault =
            [](const base::PublicKey& peer, const base::Error& error) {
                qCWarning(lcConsensus).noquote()
                    << "peer" << QString::fromStdString(base::toAddress(peer)).left(12) << "sent"
                    << QString::fromStdString(error.message);
            },
        .failed
        = [this](
              const base::Error& error) { Q_EMIT stopped(QString::fromStdString(error.message)); },
    };
}

void NetworkSession::handle(const swarm::Event& event)
{
    std::visit(
        [this](const auto& one) {
            using Kind = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<Kind, swarm::ShardComplete>) {
                m_rounds->shardComplete(one);
            } else if constexpr (std::is_same_v<Kind, swarm::ShardFailed>) {
                qCWarning(lcSwarm).noquote() << QString::fromStdString(one.error.message);
                m_rounds->shardFailed(one);
            } else if constexpr (std::is_same_v<Kind, swarm::PeerDown>) {
                qCInfo(lcSwarm).noquote()
                    << "peer" << QString::fromStdString(base::toAddress(one.id)).left(12)
                    << "left:" << QString::fromStdString(one.reason);
                Q_EMIT peersChanged();
            } else if constexpr (std::is_same_v<Kind, swarm::EndpointLearned>) {
                static_cast<void>(m_config.store.rememberEndpoint(one.endpoint, wallTime()));
            } else if constexpr (std::is_same_v<Kind,
                                     swarm::PeerRefused> || std::is_same_v<Kind, swarm::Notice>) {
                qCInfo(lcSwarm).noquote() << QString::fromStdString(one.error.message);
            } else if constexpr (
                std::is_same_v<Kind,
                    swarm::
                        PeerUp> || std::is_same_v<Kind, swarm::Message> || std::is_same_v<Kind, swarm::GossipReceived> || std::is_same_v<Kind, swarm::RequestReceived>) {
                handleEvent(one);
            }
        },
        event);
}

void NetworkSession::handleEvent(const swarm::PeerUp& event)
{
    qCInfo(lcSwarm).noquote() << "peer"
                              << QString::fromStdString(base::toAddress(event.id)).left(12) << "at"
                              << QString::fromStdString(event.endpoint.toString());
    // Gossip reaches those who are there; a newcomer is told directly.
    for (const ledger::SignedTx& tx : m_mempool->candidates()) {
        m_swarm->send(event.id, swarm::Channel::Ledger, tx.bytes());
    }
    passFinalityOn(std::span{ &event.id, 1 });
    Q_EMIT peersChanged();
}

void NetworkSession::handleEvent(const swarm::Message& event)
{
    if (event.channel == swarm::Channel::Consensus) {
        if (!isShutOut(event.from)) {
            m_consensus->received(event.from, event.body);
        }
    } else if (event.channel == swarm::Channel::Ledger) {
        takeTransaction(event.body);
    }
}

bool NetworkSession::isShutOut(const base::PublicKey& peer) const
{
    if (!m_ledger->slash(peer)) {
        return false;
    }
    const consensus::ValidatorSet validators = m_ledger->validatorSet();
    const auto slashed = std::ranges::count_if(validators.members,
        [this](const base::PublicKey& member) { return m_ledger->slash(member).has_value(); });
    return slashed <= static_cast<std::ptrdiff_t>(validators.faults());
}

void NetworkSession::handleEvent(const swarm::GossipReceived& event)
{
    if (event.topic == kTransactionTopic) {
        takeTransaction(event.body);
    } else if (event.topic == kCosignatureTopic) {
        takeCosignature(event.body);
    }
}

void NetworkSession::handleEvent(const swarm::RequestReceived& event)
{
    if (event.method == "genesis.get") {
        m_swarm->respond(event.id, m_config.genesis.encode());
        return;
    }
    if (event.method == "update.get") {
        const auto commitment = base::Hash256::from(event.body);
        m_swarm->respond(event.id,
            commitment ? m_rounds->updateBody(*commitment)
                       : base::Result<base::Bytes>{ tl::unexpected{ commitment.error() } });
        return;
    }
    if (event.method == "private.put" || event.method == "private.get") {
        m_swarm->respond(
            event.id, m_rounds->privateRequest(event.id.peer, event.method, event.body));
        return;
    }
    m_swarm->respond(
        event.id, base::fail(Errc::NotFound, "this node knows no request \"" + event.method + '"'));
}

void NetworkSession::takeTransaction(base::ByteView bytes)
{
    auto tx = ledger::SignedTx::decode(bytes);
    if (!tx || m_mempool->contains(tx->id())) {
        return;
    }
    if (m_mempool->add(std::move(*tx), wallTime()) && isValidator()) {
        m_consensus->wake();
    }
}

base::Result<base::Hash256> NetworkSession::submit(const ledger::TransactionBody& body)
{
    const ledger::Signer signer{ m_config.key, m_config.genesis };
    auto tx = signer.sign(m_mempool->nextSequence(m_config.key.publicKey()), body);
    if (!tx) {
        return tl::unexpected{ tx.error().toError() };
    }
    const base::Hash256 id = tx->id();
    const base::Bytes bytes = tx->bytes();
    if (auto taken = m_mempool->add(std::move(*tx), wallTime()); !taken) {
        return tl::unexpected{ taken.error().toError() };
    }
    m_swarm->gossip(kTransactionTopic, bytes);
    if (isValidator()) {
        m_consensus->wake();
    }
    return id;
}

void NetworkSession::cosign()
{
    ledger::AuditLog& log = m_ledger->audit();
    if (isValidator()) {
        auto signature = log.cosign(log.size(), m_config.key, wallTime());
        if (signature && log.addCosignature(log.size(), *signature)) {
            m_swarm->gossip(kCosignatureTopic, encodeCosignature(log.size(), *signature));
        }
    }
    const auto end = m_earlyCosignatures.upper_bound(log.size());
    std::vector<base::Bytes> due;
    for (auto early = m_earlyCosignatures.begin(); early != end; ++early) {
        due.push_back(std::move(early->second));
    }
    m_earlyCosignatures.erase(m_earlyCosignatures.begin(), end);
    for (const base::Bytes& bytes : due) {
        takeCosignature(bytes);
    }
}

void NetworkSession::takeCosignature(base::ByteView bytes)
{
    const auto decoded = decodeCosignature(bytes);
    if (!decoded) {
        return;
    }
    const auto& [size, signature] = *decoded;
    if (size > m_ledger->audit().size()) {
        if (m_earlyCosignatures.size() < kMaxEarlyCosignatures) {
            m_earlyCosignatures.emplace(size, base::toBytes(bytes));
        }
        return;
    }
    if (auto added = m_ledger->audit().addCosignature(size, signature); !added) {
        qCDebug(lcConsensus).noquote()
            << "cosignature not kept:" << QString::fromStdString(added.error().message);
    }
}

void NetworkSession::setMembership(bool wanted)
{
    m_wantMembership = wanted;
    keepMembership();
}

void NetworkSession::keepMembership()
{
    const auto joined = m_config.store.joinedRuns();
    const base::PublicKey& me = m_config.key.publicKey();
    // With something of ours on its way the answer may change by itself; a slashed node has none.
    if (!joined || m_ledger->slash(me)
        || m_mempool->nextSequence(me) != m_ledger->account(me).nextSequence) {
        return;
    }
    for (const JoinedRun& one : *joined) {
        const auto run = m_ledger->run(one.run);
        if (!run || run->phase == ledger::RunPhase::Finished) {
            continue;
        }
        const auto member = m_ledger->member(one.run, me);
        const bool isMember = member && member->status == ledger::Membership::Active;
        // Without consent a node is no member of a private run, or the others would wait for it.
        const bool isWanted = m_wantMembership && m_rounds->mayJoin(*run);
        if (isMember == isWanted || (member && member->status == ledger::Membership::Excluded)) {
            continue;
        }
        if (isWanted && !m_ledger->node(me)) {
            registerNode();
            return;
        }
        auto sent
            = isWanted ? submit(ledger::JoinRun{ one.run }) : submit(ledger::LeaveRun{ one.run });
        if (!sent) {
            qCInfo(lcNode).noquote()
                << "membership unchanged:" << QString::fromStdString(sent.error().message);
        }
    }
}

void NetworkSession::registerNode()
{
    if (m_registering) {
        return;
    }
    m_registering = true;
    // Proof of work may take minutes; a thread of its own, which hands back a number.
    std::thread{
        [self = QPointer{ this }, network = m_ledger->networkId(), key = m_config.key.publicKey(),
            difficulty = m_config.genesis.registrationDifficulty, token = m_registration.token()] {
            auto nonce = ledger::solveRegistrationWork(network, key, difficulty, token);
            QMetaObject::invokeMethod(
                qApp,
                [self, nonce] {
                    if (!self) {
                        return;
                    }
                    self->m_registering = false;
                    const std::string name
                        = base::toAddress(self->m_config.key.publicKey()).substr(0, 16);
                    if (nonce && self->submit(ledger::RegisterNode{ name, *nonce })) {
                        self->keepMembership();
                    }
                },
                Qt::QueuedConnection);
        }
    }.detach();
}

} // namespace loam::node
