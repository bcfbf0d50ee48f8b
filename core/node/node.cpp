// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/node.h"

#include "base/file.h"
#include "node/log.h"

#include <chrono>

namespace loam::node {

using base::Errc;
using namespace std::chrono_literals;

namespace {

    constexpr auto kPolicyTick = 1s;
    constexpr std::chrono::milliseconds kPracticeDelta = 2000ms;
    constexpr std::int64_t kValidatorBond = 100 * base::Amount::kMicroPerLoam;

    base::Result<> moveFile(const std::filesystem::path& from, const std::filesystem::path& to)
    {
        std::error_code code;
        if (!std::filesystem::exists(from, code)) {
            return {};
        }
        std::filesystem::rename(from, to, code);
        if (code) {
            return base::fail(Errc::Io,
                "cannot move " + from.string() + " to " + to.string() + ": " + code.message());
        }
        return {};
    }

    /// Where the files of a network wait while the node is not in it.
    std::filesystem::path restingPlace(const Home& home, const base::NetworkId& network)
    {
        return home.root / "networks" / base::toHex(network.view()).substr(0, 16);
    }

    base::Result<> moveLedger(const std::filesystem::path& from, const std::filesystem::path& to)
    {
        TRY(base::makeFolder(to));
        for (const char* name : { "ledger.db", "ledger.db-wal", "ledger.db-shm", "genesis.cbor" }) {
            TRY(moveFile(from / name, to / name));
        }
        return {};
    }

} // namespace

base::Result<std::unique_ptr<Node>> Node::open(NodeOptions options)
{
    TRY(options.home.create());
    TRY_ASSIGN(auto identity, Identity::open(options.home));
    std::unique_ptr<Node> node{ new Node{ std::move(options), std::move(identity) } };
    TRY_ASSIGN(node->m_settings, Settings::load(node->m_options.home.settings()));
    for (const std::string& notice : node->m_settings.notices()) {
        qCWarning(lcNode).noquote() << QString::fromStdString(notice);
    }
    TRY_ASSIGN(node->m_store, NodeStore::open(node->m_options.home.nodeDatabase()));
    TRY_ASSIGN(node->m_models, ModelStore::open(node->m_options.home, *node->m_librarian));
    node->m_chats = std::make_unique<Chats>(node->m_store->chats(), *node->m_answers);

    TRY(node->openData());
    auto genesisBytes = base::readFile(node->m_options.home.genesis(), ledger::Genesis::kMaxBytes);
    if (genesisBytes) {
        TRY_ASSIGN(const auto genesis, ledger::Genesis::decode(*genesisBytes));
        if (node->m_identity.isUnlocked()) {
            TRY(node->openSession(genesis, {}));
        }
    } else if (genesisBytes.error().code != Errc::NotFound) {
        return tl::unexpected{ std::move(genesisBytes).error() };
    }
    node->evaluatePolicy();
    node->m_policyTick.start(kPolicyTick);
    return node;
}

Node::Node(NodeOptions options, Identity identity)
    : m_options{ std::move(options) }
    , m_identity{ std::move(identity) }
    , m_machine{ platform::openMachine({}) }
    , m_trainer{ std::make_unique<WorkerProcess>(
          m_options.workerProgram, WorkerProcess::Urgency::WhenIdle) }
    , m_verifier{ std::make_unique<WorkerProcess>(
          m_options.workerProgram, WorkerProcess::Urgency::Awaited) }
    , m_librarian{ std::make_unique<WorkerProcess>(
          m_options.workerProgram, WorkerProcess::Urgency::Awaited) }
    , m_answers{ std::make_unique<AnswerService>(m_options.workerProgram, *m_librarian,
          [this](std::string_view model) { return servedModel(model); }) }
    , m_device{ m_settings, *m_answers }
{
    connect(&m_device, &TrainingDevice::gaveUp, this,
        [this](const QString& device, const QString& reason) {
            setTrouble(tr("%1 failed twice while training: %2").arg(device, reason));
        });
    // Until the list is here the processor works.
    if (m_settings.contribution.device != "cpu") {
        m_answers->refreshDevices([this] { Q_EMIT changed(); });
    }
    connect(m_answers.get(), &AnswerService::deviceGaveUp, this,
        [this](const QString& device, const QString& reason) {
            setTrouble(
                tr("%1 stopped three times while answering and stays off: %2").arg(device, reason));
        });
    connect(&m_policyTick, &QTimer::timeout, this, &Node::evaluatePolicy);
    for (const auto* worker : { m_trainer.get(), m_verifier.get(), m_librarian.get() }) {
        connect(worker, &WorkerProcess::gaveUp, this, [this](const QString& reason) {
            setTrouble(tr("The worker stopped three times and stays off: %1").arg(reason));
        });
    }
}

base::Result<> Node::openData()
{
    m_adapters.reset();
    m_meter.reset();
    m_data.reset();
    const std::filesystem::path worker = m_options.workerProgram.toStdString();
    TRY_ASSIGN(m_data,
        DataService::open(
            m_options.home, m_identity.publicKey(), worker.parent_path() / "loam-extractor"));
    m_data->setKey(m_identity.key());
    connect(m_data.get(), &DataService::changed, this, &Node::dataChanged);
    m_meter = std::make_unique<MeterService>(*m_data, *m_librarian, m_options.home.meter());
    connect(m_meter.get(), &MeterService::measured, this, &Node::meterChanged);
    return openAdapters();
}

Node::~Node()
{
    m_adapters.reset();
    m_meter.reset();
    m_chats.reset();
    m_answers.reset();
    m_models.reset();
    m_joining.reset();
    m_session.reset();
}

base::Result<> Node::openSession(
    const ledger::Genesis& genesis, std::vector<swarm::Endpoint> endpoints)
{
    const bool practice = genesis.purpose == ledger::NetworkPurpose::Practice;
    // Somebody watches a practice network and waits for it to end.
    m_trainer->setUrgency(
        practice ? WorkerProcess::Urgency::Awaited : WorkerProcess::Urgency::WhenIdle);
    TRY_ASSIGN(m_session,
        NetworkSession::open({ .home = m_options.home,
            .genesis = genesis,
            .key = *m_identity.key(),
            .settings = m_settings,
            .device = m_device,
            .store = *m_store,
            .data = *m_data,
            .trainer = *m_trainer,
            .verifier = *m_verifier,
            .misbehave = m_options.misbehave && practice,
            .endpoints = std::move(endpoints) }));
    RoundDriver& rounds = m_session->rounds();
    connect(&rounds, &RoundDriver::trainingProgress, this, [this](const QJsonObject& progress) {
        m_training = progress;
        m_trouble.clear();
        const base::UnixTime now = base::SystemClock{}.now();
        static_cast<void>(m_store->addMetric("tokens_per_second",
            { now, progress.value(QLatin1String{ "tokens_per_second" }).toDouble() }));
        Q_EMIT trainingProgress(progress);
    });
    connect(&rounds, &RoundDriver::roundClosed, this, [this](const QJsonObject& report) {
        static_cast<void>(m_store->addMetric("loss",
            { base::SystemClock{}.now(), report.value(QLatin1String{ "loss_after" }).toDouble() }));
        Q_EMIT roundClosed(report);
    });
    connect(&rounds, &RoundDriver::trouble, this, &Node::setTrouble);
    connect(m_session.get(), &NetworkSession::stopped, this, &Node::setTrouble);
    connect(m_session.get(), &NetworkSession::blockFinalized, this, &Node::blockFinalized);
    connect(m_session.get(), &NetworkSession::walletChanged, this, &Node::walletChanged);
    for (const auto signal : { &NetworkSession::peersChanged, &NetworkSession::walletChanged }) {
        connect(m_session.get(), signal, this, &Node::changed);
    }
    connect(m_session.get(), &NetworkSession::blockFinalized, this, &Node::changed);
    m_session->setMembership(m_settings.contribution.on);
    evaluatePolicy();
    return {};
}

base::Result<> Node::enterNetwork(
    const ledger::Genesis& genesis, std::vector<swarm::Endpoint> endpoints)
{
    // The ledger of an earlier stay is taken up again.
    TRY(moveLedger(restingPlace(m_options.home, genesis.networkId()), m_options.home.root));
    TRY(base::writeFileAtomically(m_options.home.genesis(), genesis.encode()));
    auto opened = openSession(genesis, std::move(endpoints));
    if (!opened) {
        // Nothing half done: without a session there is no network.
        m_session.reset();
        static_cast<void>(
            moveLedger(m_options.home.root, restingPlace(m_options.home, genesis.networkId())));
    }
    Q_EMIT changed();
    return opened;
}

base::Result<> Node::requireNoNetwork() const
{
    if (!m_identity.isUnlocked()) {
        return base::fail(Errc::Denied, "the wallet is locked; unlock it first");
    }
    if (m_session) {
        return base::fail(Errc::Denied,
            "this node is in the network \"" + m_session->ledger().genesis().name
                + "\" already; leave it first with `loamctl net leave`");
    }
    return {};
}

base::Result<> Node::unlock(std::string_view passphrase)
{
    TRY(m_identity.unlock(passphrase));
    m_data->setKey(m_identity.key());
    m_adapters->identityChanged();
    if (!m_session) {
        auto bytes = base::readFile(m_options.home.genesis(), ledger::Genesis::kMaxBytes);
        if (bytes) {
            TRY_ASSIGN(const auto genesis, ledger::Genesis::decode(*bytes));
            TRY(openSession(genesis, {}));
        }
    }
    evaluatePolicy();
    return {};
}

void Node::lock()
{
    m_trainer->cancelAll();
    m_session.reset();
    m_data->setKey(nullptr);
    m_identity.lock();
    m_adapters->identityChanged();
    evaluatePolicy();
}

base::Result<> Node::changePassphrase(std::string_view old, std::string_view replacement)
{
    // The session signs with the very key object that is replaced here.
    const bool wasOpen = m_session != nullptr;
    m_trainer->cancelAll();
    m_session.reset();
    m_data->setKey(nullptr);
    auto done = m_identity.changePassphrase(old, replacement);
    m_data->setKey(m_identity.key());
    if (wasOpen) {
        TRY_ASSIGN(
            const auto bytes, base::readFile(m_options.home.genesis(), ledger::Genesis::kMaxBytes));
        TRY_ASSIGN(const auto genesis, ledger::Genesis::decode(bytes));
        TRY(openSession(genesis, {}));
    }
    return done;
}

base::Result<> Node::restore(std::string_view words, std::string_view passphrase)
{
    if (m_session) {
        return base::fail(Errc::Denied,
            "leave the network first (`loamctl net leave`); the current identity is in use there");
    }
    m_data->setKey(nullptr);
    auto restored = m_identity.restore(words, passphrase);
    // Consents of another identity say nothing about this one.
    TRY(openData());
    TRY(restored);
    evaluatePolicy();
    Q_EMIT changed();
    return {};
}

base::Result<Invitation> Node::createNetwork(const NetworkRequest& request)
{
    TRY(requireNoNetwork());
    ledger::Genesis genesis;
    genesis.name = request.name;
    genesis.time = base::SystemClock{}.now();
    genesis.validators = request.validators;
    if (genesis.validators.empty()) {
        genesis.validators.push_back(m_identity.publicKey());
    }
    genesis.delta = kPracticeDelta;
    genesis.validatorBond = base::Amount::fromMicro(kValidatorBond);
    for (const base::PublicKey& validator : genesis.validators) {
        genesis.initialBalances[validator] = genesis.validatorBond;
    }
    genesis.purpose
        = request.practice ? ledger::NetworkPurpose::Practice : ledger::NetworkPurpose::Community;
    TRY(genesis.validate());
    TRY(enterNetwork(genesis, {}));
    return m_session->invitation();
}

void Node::joinNetwork(const Invitation& invitation, std::function<void(base::Result<>)> done)
{
    if (m_session && m_session->ledger().networkId() == invitation.network) {
        // The same network once more: this node has lost the others, and here is where they are.
        for (const swarm::Endpoint& endpoint : invitation.endpoints) {
            m_session->swarm().addEndpoint(endpoint);
        }
        done({});
        return;
    }
    if (auto ready = requireNoNetwork(); !ready) {
        done(std::move(ready));
        return;
    }
    auto joining = JoinProcess::start(invitation, *m_identity.key(), m_options.home, m_settings,
        [this, endpoints = invitation.endpoints, done](base::Result<ledger::Genesis> genesis) {
            done(genesis ? enterNetwork(*genesis, endpoints)
                         : base::Result<>{ tl::unexpected{ genesis.error() } });
            m_joining.release()->deleteLater();
        });
    if (!joining) {
        done(tl::unexpected{ joining.error() });
        return;
    }
    m_joining = std::move(*joining);
}

base::Result<> Node::leaveNetwork()
{
    if (!m_session) {
        return base::fail(Errc::NotFound, "this node is in no network");
    }
    const base::NetworkId network = m_session->ledger().networkId();
    m_trainer->cancelAll();
    m_verifier->cancelAll();
    m_session.reset();
    TRY(moveLedger(m_options.home.root, restingPlace(m_options.home, network)));
    evaluatePolicy();
    Q_EMIT changed();
    return {};
}

void Node::setTrouble(const QString& sentence)
{
    m_trouble = sentence;
    Q_EMIT changed();
}

} // namespace loam::node
