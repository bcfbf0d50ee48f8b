// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/join_process.h"

#include "node/log.h"

#include <QCoreApplication>
#include <QPointer>

#include <chrono>

namespace loam::node {

using base::Errc;
using namespace std::chrono_literals;

namespace {

    constexpr auto kJoinDeadline = 60s;
    constexpr auto kAnswerDeadline = 15s;

    swarm::Profile profileOf(const std::string& name)
    {
        return name == "loopback" ? swarm::Profile::Loopback
            : name == "lan"       ? swarm::Profile::Lan
                                  : swarm::Profile::Public;
    }

} // namespace

swarm::Config swarmConfig(const crypto::KeyPair& key, const base::NetworkId& network,
    const Home& home, const Settings& settings)
{
    swarm::Config config;
    config.profile = profileOf(settings.network.profile);
    config.listenAddress = settings.network.listenInterface;
    config.port = settings.network.port;
    config.home = home.root;
    config.network = network;
    config.identity = key.seed().clone();
    config.maxPeers = static_cast<std::size_t>(settings.network.maxPeers);
    config.agent = "loam " LOAM_VERSION;
    return config;
}

base::Result<std::unique_ptr<JoinProcess>> JoinProcess::start(Invitation invitation,
    const crypto::KeyPair& key, const Home& home, const Settings& settings, Done done)
{
    swarm::Config config = swarmConfig(key, invitation.network, home, settings);
    config.knownEndpoints = invitation.endpoints;
    std::unique_ptr<JoinProcess> process{ new JoinProcess{
        std::move(invitation), std::move(done) } };
    TRY_ASSIGN(process->m_swarm,
        swarm::Swarm::start(
            std::move(config), [self = QPointer{ process.get() }](const swarm::Event& event) {
                const auto* up = std::get_if<swarm::PeerUp>(&event);
                if (up == nullptr) {
                    return;
                }
                QMetaObject::invokeMethod(
                    qApp,
                    [self, peer = up->id] {
                        if (self) {
                            self->ask(peer);
                        }
                    },
                    Qt::QueuedConnection);
            }));
    process->m_deadline.start(kJoinDeadline);
    return process;
}

JoinProcess::JoinProcess(Invitation invitation, Done done)
    : m_invitation{ std::move(invitation) }
    , m_done{ std::move(done) }
{
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        std::string tried;
        for (const swarm::Endpoint& endpoint : m_invitation.endpoints) {
            tried += (tried.empty() ? "" : ", ") + endpoint.toString();
        }
        finish(base::fail(Errc::Timeout,
            "no peer of the network answered at " + tried
                + "; check that the inviting computer is on, or ask for a new invitation"));
    });
}

JoinProcess::~JoinProcess() = default;

void JoinProcess::ask(const base::PublicKey& peer)
{
    m_swarm->request(peer, "genesis.get", {}, kAnswerDeadline,
        [self = QPointer{ this }](base::Result<base::Bytes> body) {
            QMetaObject::invokeMethod(
                qApp,
                [self, body = std::move(body)] {
                    if (self) {
                        self->answered(body);
                    }
                },
                Qt::QueuedConnection);
        });
}

void JoinProcess::answered(const base::Result<base::Bytes>& body)
{
    if (!body) {
        qCInfo(lcNode).noquote() << "no genesis yet:"
                                 << QString::fromStdString(body.error().message);
        return;
    }
    auto genesis = ledger::Genesis::decode(*body);
    if (genesis && genesis->networkId() == m_invitation.network) {
        finish(std::move(genesis));
        return;
    }
    qCWarning(lcNode) << "a peer sent a genesis of another network";
}

void JoinProcess::finish(base::Result<ledger::Genesis> result)
{
    m_deadline.stop();
    // The callback may destroy this object.
    const Done done = std::exchange(m_done, nullptr);
    if (done) {
        m_swarm.reset();
        done(std::move(result));
    }
}

} // namespace loam::node
