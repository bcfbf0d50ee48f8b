// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/ed25519.h"
#include "ledger/genesis.h"
#include "node/home.h"
#include "node/invitation.h"
#include "node/settings.h"
#include "swarm/swarm.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>

namespace loam::node {

/// Fetches the genesis of the invited network from the first peer that has it and checks it
/// against the network id. Calls back exactly once.
class JoinProcess final : public QObject
{
    Q_OBJECT
public:
    using Done = std::function<void(base::Result<ledger::Genesis>)>;

    static base::Result<std::unique_ptr<JoinProcess>> start(Invitation invitation,
        const crypto::KeyPair& key, const Home& home, const Settings& settings, Done done);
    ~JoinProcess() override;

private:
    JoinProcess(Invitation invitation, Done done);
    void ask(const base::PublicKey& peer);
    void answered(const base::Result<base::Bytes>& body);
    void finish(base::Result<ledger::Genesis> result);

    Invitation m_invitation;
    Done m_done;
    std::unique_ptr<swarm::Swarm> m_swarm;
    QTimer m_deadline;
};

/// The swarm's configuration that all of a node's networks share.
swarm::Config swarmConfig(const crypto::KeyPair& key, const base::NetworkId& network,
    const Home& home, const Settings& settings);

} // namespace loam::node
