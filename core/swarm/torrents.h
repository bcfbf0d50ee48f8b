// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "swarm/lt.h"
#include "swarm/types.h"

namespace loam::swarm {

/// The torrent on which the nodes of a network meet: valid v2 metadata that each of them derives
/// from the network id, for content that nobody can have (its Merkle root is a hash of the id).
/// Nobody is ever a seed, because seeds hide from one another in the DHT.
base::Result<std::shared_ptr<lt::torrent_info>> makeRendezvous(const base::NetworkId& network);

/// Hashes a file or folder into a hybrid torrent that depends on its name and bytes alone: files
/// in the order of their paths, no dates, no attributes, piece size by total size. Blocking.
base::Result<std::shared_ptr<lt::torrent_info>> makeShardTorrent(const std::filesystem::path& path);

ShardId shardId(const lt::info_hash_t& hashes);
ShardInfo shardInfo(const lt::torrent_info& torrent);
/// A magnet link or a bare info hash. Trackers and web seeds are dropped unless `open`: they would
/// reach outside a private network.
base::Result<lt::add_torrent_params> parseSource(std::string_view magnetOrHash, bool open);

} // namespace loam::swarm
