// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "swarm/item_store.h"
#include "swarm/rendezvous.h"
#include "swarm/shard_store.h"
#include "swarm/swarm.h"
#include "swarm/wire.h"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

namespace loam::swarm {

/// Owns the libtorrent session and the network thread, and brings its parts together. Everything
/// below is touched on the network thread only, but for construction and the end.
class Engine
{
public:
    Engine(Config config, EventSink sink);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Starts the thread and waits for the socket.
    base::Result<> start();

    const Config& config() const { return m_config; }
    const base::PublicKey& id() const { return m_key.publicKey(); }
    const Endpoint& listening() const { return m_listening; }
    PeerTable& peers() { return *m_peers; }
    ShardStore& shards() { return *m_shards; }
    ItemStore& items() { return *m_items; }
    Rendezvous& rendezvous() { return *m_rendezvous; }
    void notice(base::Error error) { emit(Notice{ std::move(error) }); }
    Traffic totals() const;
    void setRateCaps(const RateCaps& caps);

    void request(const base::PublicKey& to, RequestItem item, Requests::Callback callback);
    void putItem(std::string salt, std::int64_t sequence, base::Bytes value,
        ItemStore::PutCallback callback);
    void getItem(const base::PublicKey& key, std::string salt, ItemStore::GetCallback callback);

    /// Runs it on the network thread, in the order of the calls.
    template <class Work> void post(Work work)
    {
        asio::post(m_io, [this, work = std::move(work)]() mutable {
            try {
                work();
            } catch (const std::exception& problem) {
                notice(unexpected(problem));
            }
        });
    }
    /// Runs it on the network thread and waits for the value; at once when already there. What
    /// libtorrent throws becomes an error, or a Notice where the value cannot be one.
    template <class Work> auto ask(Work work) -> decltype(work())
    {
        using Value = decltype(work());
        auto guarded = [this, work = std::move(work)]() mutable -> Value {
            try {
                return work();
            } catch (const std::exception& problem) {
                if constexpr (std::is_constructible_v<Value, tl::unexpected<base::Error>>) {
                    return tl::unexpected{ unexpected(problem) };
                } else {
                    notice(unexpected(problem));
                    return Value();
                }
            }
        };
        if (std::this_thread::get_id() == m_thread.get_id()) {
            return guarded();
        }
        std::packaged_task<Value()> task{ std::move(guarded) };
        auto value = task.get_future();
        // Wrapped, because asio would take a bare task's future for itself.
        asio::post(m_io, [task = std::move(task)]() mutable { task(); });
        return value.get();
    }

private:
    static base::Error unexpected(const std::exception& problem);
    base::Result<> openSession();
    base::Result<> joinNetwork(lt::add_torrent_params params);
    void runThread();
    void emit(Event event);
    void drainAlerts();
    void handle(lt::alert& alert);
    void bound(const lt::listen_succeeded_alert& alert);
    void unbound(const lt::listen_failed_alert& alert);
    void readStats(const lt::session_stats_alert& alert);
    void scheduleTick();
    void tick();
    void saveShards();

    Config m_config;
    EventSink m_sink;
    base::SystemClock m_clock;
    crypto::KeyPair m_key;
    LinkIdentity m_identity;
    ShardFiles m_files;
    bool m_unclean{ false };
    std::atomic<bool> m_quiet{ false };

    asio::io_context m_io;
    asio::executor_work_guard<asio::io_context::executor_type> m_work;
    asio::thread_pool m_disk{ 1 };
    std::unique_ptr<lt::session> m_session;
    lt::session_proxy m_proxy;
    std::unique_ptr<PeerTable> m_peers;
    std::unique_ptr<WireContext> m_wires;
    std::unique_ptr<ShardStore> m_shards;
    std::unique_ptr<ItemStore> m_items;
    std::unique_ptr<Rendezvous> m_rendezvous;
    asio::steady_timer m_timer;
    std::thread m_thread;

    std::promise<base::Result<Endpoint>> m_bound;
    bool m_isBound{ false };
    Endpoint m_listening;
    base::MonotonicTime m_nextStats;
    Traffic m_wireTotals;
    bool m_saving{ false };
    std::promise<void> m_saved;
};

} // namespace loam::swarm
