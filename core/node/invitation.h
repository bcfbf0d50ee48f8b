// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "swarm/swarm.h"

#include <string>
#include <vector>

namespace loam::node {

/// What a newcomer needs to find a network:
/// `loam:join?network=<hex>&name=<text>&at=<host:port>...`. The genesis itself is fetched from the
/// first peer and must hash to the network id.
struct Invitation
{
    base::NetworkId network;
    std::string name;
    std::vector<swarm::Endpoint> endpoints;

    std::string encode() const;
    /// Invalid with the offending part named.
    static base::Result<Invitation> parse(std::string_view text);
};

} // namespace loam::node
