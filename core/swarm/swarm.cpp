// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/swarm.h"

#include "swarm/engine.h"
#include "swarm/torrents.h"

namespace loam::swarm {

using base::Errc;
using base::fail;

class Swarm::Impl : public Engine
{
public:
    using Engine::Engine;
};

Swarm::Swarm(std::unique_ptr<Impl> impl)
    : m_impl{ std::move(impl) }
{
}

Swarm::~Swarm() = default;

base::Result<std::unique_ptr<Swarm>> Swarm::start(Config config, EventSink sink)
{
    auto impl = std::make_unique<Impl>(std::move(config), std::move(sink));
    TRY(impl->start());
    return std::unique_ptr<Swarm>{ new Swarm{ std::move(impl) } };
}

const base::PublicKey& Swarm::id() const
{
    return m_impl->id();
}

const Endpoint& Swarm::listening() const
{
    return m_impl->listening();
}

void Swarm::addEndpoint(Endpoint endpoint)
{
    m_impl->post([impl = m_impl.get(), endpoint = std::move(endpoint)] {
        if (auto added = impl->rendezvous().addEndpoint(endpoint); !added) {
            impl->notice(std::move(added).error());
        }
    });
}

std::vector<PeerInfo> Swarm::peers() const
{
    return m_impl->ask([impl = m_impl.get()] { return impl->peers().peers(); });
}

Traffic Swarm::totals() const
{
    return m_impl->ask([impl = m_impl.get()] { return impl->totals(); });
}

void Swarm::setRateCaps(RateCaps caps)
{
    m_impl->post([impl = m_impl.get(), caps] { impl->setRateCaps(caps); });
}

void Swarm::ban(const base::PublicKey& id, std::chrono::seconds duration)
{
    m_impl->post([impl = m_impl.get(), id, duration] { impl->peers().ban(id, duration); });
}

void Swarm::send(const base::PublicKey& to, Channel channel, base::Bytes body)
{
    m_impl->post([impl = m_impl.get(), to, channel, body = std::move(body)]() mutable {
        impl->peers().send(to, channel, std::move(body));
    });
}

void Swarm::broadcast(Channel channel, base::Bytes body)
{
    m_impl->post([impl = m_impl.get(), channel, body = std::move(body)] {
        impl->peers().broadcast(channel, body);
    });
}

void Swarm::gossip(std::string topic, base::Bytes body)
{
    if (topic.empty() || topic.size() > kMaxName || body.size() > kMaxGossip) {
        m_impl->post([impl = m_impl.get()] {
            impl->notice({ Errc::Invalid, "a gossip message was not sent: wrong topic or size" });
        });
        return;
    }
    m_impl->post([impl = m_impl.get(), topic = std::move(topic), body = std::move(body)]() mutable {
        impl->peers().gossip(std::move(topic), std::move(body));
    });
}

void Swarm::request(const base::PublicKey& to, std::string method, base::Bytes body,
    std::chrono::milliseconds deadline, ResponseCallback callback)
{
    m_impl->post([impl = m_impl.get(), to,
                     item = RequestItem{ 0, std::move(method), deadline, std::move(body) },
                     callback = std::move(callback)]() mutable {
        impl->request(to, std::move(item), std::move(callback));
    });
}

void Swarm::respond(const RequestId& id, base::Result<base::Bytes> answer)
{
    m_impl->post([impl = m_impl.get(), id, answer = std::move(answer)]() mutable {
        impl->peers().requests().answer(id, std::move(answer));
    });
}

base::Result<ShardInfo> Swarm::publish(const std::filesystem::path& path)
{
    TRY_ASSIGN(auto torrent, makeShardTorrent(path));
    std::filesystem::path whole = std::filesystem::absolute(path).lexically_normal();
    if (!whole.has_filename()) {
        whole = whole.parent_path();
    }
    return m_impl->ask([impl = m_impl.get(), torrent, folder = whole.parent_path()] {
        return impl->shards().publish(torrent, folder);
    });
}

base::Result<ShardId> Swarm::fetch(
    std::string_view magnetOrHash, const std::filesystem::path& folder)
{
    const bool open = m_impl->config().profile == Profile::Public;
    TRY_ASSIGN(auto params, parseSource(magnetOrHash, open));
    return m_impl->ask([impl = m_impl.get(), params, whole = std::filesystem::absolute(folder)] {
        return impl->shards().fetch(params, whole);
    });
}

base::Result<> Swarm::verify(const ShardId& id)
{
    return m_impl->ask([impl = m_impl.get(), id] { return impl->shards().verify(id); });
}

base::Result<> Swarm::pause(const ShardId& id)
{
    return m_impl->ask([impl = m_impl.get(), id] { return impl->shards().pause(id); });
}

base::Result<> Swarm::resume(const ShardId& id)
{
    return m_impl->ask([impl = m_impl.get(), id] { return impl->shards().resume(id); });
}

base::Result<> Swarm::remove(const ShardId& id, FilesOnDisk files)
{
    return m_impl->ask(
        [impl = m_impl.get(), id, files] { return impl->shards().remove(id, files); });
}

std::vector<ShardStatus> Swarm::shards() const
{
    return m_impl->ask([impl = m_impl.get()] { return impl->shards().list(); });
}

void Swarm::putItem(std::string salt, std::int64_t sequence, base::Bytes value,
    std::function<void(base::Result<std::size_t>)> callback)
{
    m_impl->post([impl = m_impl.get(), salt = std::move(salt), sequence, value = std::move(value),
                     callback = std::move(callback)]() mutable {
        impl->putItem(std::move(salt), sequence, std::move(value), std::move(callback));
    });
}

void Swarm::getItem(
    const base::PublicKey& key, std::string salt, std::function<void(base::Result<Item>)> callback)
{
    m_impl->post([impl = m_impl.get(), key, salt = std::move(salt),
                     callback = std::move(callback)]() mutable {
        impl->getItem(key, std::move(salt), std::move(callback));
    });
}

} // namespace loam::swarm
