// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "swarm/link.h"
#include "swarm/lt.h"
#include "swarm/peer_table.h"

namespace loam::swarm {

/// What the connections of the rendezvous torrent need; outlives the network thread.
struct WireContext
{
    asio::io_context& io;
    const base::Clock& clock;
    const LinkIdentity& identity;
    PeerTable& peers;
    /// Reports what a connection could not do.
    std::function<void(base::Error)> notice;
    std::uint64_t nextSerial{ 1 };
};

/// The BEP 10 extension `loam_msg` for the rendezvous torrent: makes a Link of every connection
/// whose other end offers the extension, and closes the others.
std::shared_ptr<lt::torrent_plugin> makeWirePlugin(WireContext& context);

} // namespace loam::swarm
