// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "swarm/config.h"
#include "swarm/events.h"

#include <functional>
#include <memory>

namespace loam::swarm {

/// Receives every event, on the swarm's network thread. It must be quick, must not throw and must
/// not destroy the swarm; calling the swarm's other members from it is allowed. No event comes
/// after the destructor has begun.
using EventSink = std::function<void(Event)>;

/// A node's place in one Loam network: it finds peers through the DHT and a rendezvous torrent
/// derived from the network id, authenticates them, carries messages to them and moves shards.
/// Protocol: docs/protocol-swarm.md. One network thread of its own owns all state; every member
/// is safe from any thread and copies what it returns. Callbacks run on the network thread, each
/// exactly once, at the latest (with Cancelled) in the destructor.
class Swarm
{
public:
    /// Starts to listen, loads known shards and begins to look for peers. Waits until the socket
    /// is bound (milliseconds). Fails with Unavailable when the address cannot be bound, Invalid
    /// for a bad configuration, Io when `home` cannot be written.
    static base::Result<std::unique_ptr<Swarm>> start(Config config, EventSink sink);
    /// Saves resume data (at most 5 s), fails what is pending and closes every connection.
    ~Swarm();
    Swarm(const Swarm&) = delete;
    Swarm& operator=(const Swarm&) = delete;

    const base::PublicKey& id() const;
    /// What we are bound to; the port is the real one.
    const Endpoint& listening() const;

    // Peers

    /// Feeds the DHT and (unless DhtOnly) dials the endpoint as a peer, again and again with
    /// growing pauses. Unparsable endpoints give a Notice.
    void addEndpoint(Endpoint endpoint);
    std::vector<PeerInfo> peers() const;
    Traffic totals() const;
    void setRateCaps(RateCaps caps);
    /// Closes the connections to a peer and refuses it for `duration`.
    void ban(const base::PublicKey& id, std::chrono::seconds duration);

    // Messages: at most once, in order per channel, lost with the connection.

    /// Queues a message of at most kMaxMessage bytes for a connected peer; otherwise it is dropped.
    void send(const base::PublicKey& to, Channel channel, base::Bytes body);
    /// The same to every connected peer.
    void broadcast(Channel channel, base::Bytes body);
    /// Floods at most kMaxGossip bytes under a topic of at most 64. A message is known by the
    /// hash of topic and body: equal ones within ten minutes are one message.
    void gossip(std::string topic, base::Bytes body);

    // Requests: bodies of up to PeerLimits::maxBody, cut into frames under a credit window.

    using ResponseCallback = std::function<void(base::Result<base::Bytes>)>;
    /// Asks a connected peer. The callback gets the answer or the peer's own error, Timeout after
    /// `deadline`, Unavailable when the peer is not connected or vanishes, or its queue is full.
    void request(const base::PublicKey& to, std::string method, base::Bytes body,
        std::chrono::milliseconds deadline, ResponseCallback callback);
    /// Answers once; ignored when the request is unknown, already answered, or its peer has gone.
    void respond(const RequestId& id, base::Result<base::Bytes> answer);

    // Shards

    /// Makes a hybrid v1+v2 torrent of a file or folder where it lies and seeds it. The info hash
    /// depends on the name and the bytes alone. Hashes everything on the calling thread (about
    /// 0.2 s for 64 MiB). Fails with NotFound, Io, or Invalid (empty, links, special files).
    base::Result<ShardInfo> publish(const std::filesystem::path& path);
    /// Downloads into `folder` from the DHT's and our own peers; a magnet link or an info hash in
    /// hex (40 or 64). Known shards are resumed, never fetched twice. Fails with Invalid or Io.
    base::Result<ShardId> fetch(std::string_view magnetOrHash, const std::filesystem::path& folder);
    /// Reads every byte from disk and checks it; ends in ShardComplete, or ShardDamaged first.
    base::Result<> verify(const ShardId& id);
    base::Result<> pause(const ShardId& id);
    base::Result<> resume(const ShardId& id);
    base::Result<> remove(const ShardId& id, FilesOnDisk files);
    std::vector<ShardStatus> shards() const;

    // Signed pointers in the DHT (BEP 44)

    /// Stores a value of at most kMaxItemValue bytes under our key and `salt` (at most 64 bytes),
    /// and again every 30 minutes while we run. `sequence` must exceed every earlier one of the
    /// salt (Invalid otherwise). The callback gets the number of nodes that stored it;
    /// Unavailable for none, Denied when the DHT holds the same or a higher sequence already.
    void putItem(std::string salt, std::int64_t sequence, base::Bytes value,
        std::function<void(base::Result<std::size_t>)> callback);
    /// The first answer whose signature holds; NotFound when nobody has one, Timeout after 20 s.
    void getItem(const base::PublicKey& key, std::string salt,
        std::function<void(base::Result<Item>)> callback);

private:
    class Impl;
    explicit Swarm(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace loam::swarm
