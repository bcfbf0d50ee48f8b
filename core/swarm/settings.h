// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "swarm/config.h"
#include "swarm/lt.h"

namespace loam::swarm {

/// Everything libtorrent is told at its start. The values were found by measurement: see
/// docs/protocol-swarm.md, "libtorrent".
lt::session_params sessionParams(const Config& config);
/// Caps alone, also changed while running.
lt::settings_pack rateSettings(const RateCaps& caps);
/// Puts peers on local networks into the global class as well, to which the caps belong;
/// libtorrent alone would exempt them.
lt::ip_filter peerClasses();

base::Result<lt::tcp::endpoint> toTcp(const Endpoint& endpoint);
/// IPv4 addresses mapped into IPv6 come out as IPv4.
Endpoint fromTcp(const lt::tcp::endpoint& endpoint);
std::span<const char> asChars(base::ByteView bytes);

} // namespace loam::swarm
