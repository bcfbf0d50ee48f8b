// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/engine.h"

#include "base/file.h"
#include "crypto/random.h"
#include "swarm/torrents.h"

namespace loam::swarm {

using namespace std::chrono_literals;
using base::Errc;
using base::fail;

namespace {

    constexpr auto kTick = 100ms;
    constexpr auto kStatsEvery = 2s;
    constexpr auto kBindTimeout = 10s;
    constexpr auto kSaveTimeout = 5s;

    std::uint64_t counter(const lt::session_stats_alert& alert, const char* name)
    {
        const int index = lt::find_metric_idx(name);
        if (index < 0) {
            return 0;
        }
        return static_cast<std::uint64_t>(alert.counters()[index]);
    }

} // namespace

Engine::Engine(Config config, EventSink sink)
    : m_config{ std::move(config) }
    , m_sink{ std::move(sink) }
    , m_key{ m_config.identity.clone() }
    , m_identity{ m_key, m_config.network, {}, m_config.agent, 0, m_config.limits }
    , m_files{ m_config.home / "torrents" }
    , m_work{ asio::make_work_guard(m_io) }
    , m_timer{ m_io }
{
    crypto::randomBytes(m_identity.instance.mutableView());
}

base::Result<> Engine::openSession()
try {
    TRY_ASSIGN(const auto torrent, makeRendezvous(m_config.network));
    m_session = std::make_unique<lt::session>(sessionParams(m_config), m_io);
    m_session->add_extension(&lt::create_ut_metadata_plugin);
    m_session->add_extension(&lt::create_smart_ban_plugin);
    if (m_config.discovery == Discovery::DhtAndDirect) {
        m_session->add_extension(&lt::create_ut_pex_plugin);
    }
    m_session->set_peer_class_filter(peerClasses());
    m_session->set_alert_notify([this] { asio::post(m_io, [this] { drainAlerts(); }); });

    const auto emitter = [this](Event event) { emit(std::move(event)); };
    m_peers = std::make_unique<PeerTable>(m_clock, m_config.limits, m_config.maxPeers, emitter);
    m_wires = std::make_unique<WireContext>(WireContext{ m_io, m_clock, m_identity, *m_peers,
        [this](base::Error error) { notice(std::move(error)); } });
    m_shards = std::make_unique<ShardStore>(*m_session, m_files, m_disk, m_clock, emitter);
    m_items = std::make_unique<ItemStore>(*m_session, m_key, m_clock);

    lt::add_torrent_params params;
    params.ti = torrent;
    params.save_path = (m_config.home / "torrents").string();
    params.flags &= ~(lt::torrent_flags::paused | lt::torrent_flags::auto_managed);
    params.max_connections = static_cast<int>(m_config.maxPeers) * 2 + 32;
    params.extensions.emplace_back(
        [this](const lt::torrent_handle&, lt::client_data_t) { return makeWirePlugin(*m_wires); });
    // Queued before the thread runs, so that no alert comes before the parts are complete.
    std::packaged_task<base::Result<>()> join{ [this, params = std::move(params)]() mutable {
        return joinNetwork(std::move(params));
    } };
    std::future<base::Result<>> joined = join.get_future();
    // Wrapped, because asio would take a bare task's future for itself.
    asio::post(m_io, [join = std::move(join)]() mutable { join(); });
    m_thread = std::thread{ [this] { runThread(); } };
    return joined.get();
} catch (const std::exception& problem) {
    return fail(Errc::Unavailable, std::string{ "cannot start the network: " } + problem.what());
}

base::Result<> Engine::joinNetwork(lt::add_torrent_params params)
{
    lt::error_code error;
    lt::torrent_handle handle = m_session->add_torrent(std::move(params), error);
    if (error) {
        return fail(Errc::Unavailable, "cannot join the network: " + error.message());
    }
    m_rendezvous = std::make_unique<Rendezvous>(
        *m_session, std::move(handle), *m_peers, m_clock, m_config.discovery, m_config.maxPeers);
    for (const Endpoint& endpoint : m_config.knownEndpoints) {
        if (auto added = m_rendezvous->addEndpoint(endpoint); !added) {
            notice(std::move(added).error());
        }
    }
    m_shards->load(m_unclean);
    scheduleTick();
    return {};
}

base::Error Engine::unexpected(const std::exception& problem)
{
    return { Errc::Unavailable, std::string{ "libtorrent refused: " } + problem.what() };
}

base::Result<> Engine::start()
{
    if (m_config.maxPeers == 0 || m_config.agent.size() > 64 || m_config.home.empty()) {
        return fail(Errc::Invalid, "the network's configuration is out of range");
    }
    TRY(toTcp({ m_config.listenAddress, 1 }));
    TRY_ASSIGN(m_unclean, m_files.open());
    TRY(openSession());
    std::future<base::Result<Endpoint>> bound = m_bound.get_future();
    if (bound.wait_for(kBindTimeout) != std::future_status::ready) {
        return fail(Errc::Timeout, "cannot listen on " + m_config.listenAddress);
    }
    TRY_ASSIGN(m_listening, bound.get());
    return {};
}

Engine::~Engine()
{
    if (!m_session) {
        return;
    }
    if (!m_thread.joinable()) {
        m_thread = std::thread{ [this] { runThread(); } };
    }
    // Everything that may call back must do so before the parts begin to go.
    std::future<void> saved = m_saved.get_future();
    ask([this] {
        m_quiet = true;
        m_timer.cancel();
        if (m_peers && m_items && m_shards) {
            m_peers->requests().cancelAll();
            m_items->cancelAll();
            // Nothing may be written after the state that is saved now.
            m_session->pause();
            saveShards();
        } else {
            m_saved.set_value();
        }
    });
    const bool inTime = saved.wait_for(kSaveTimeout) == std::future_status::ready;
    m_disk.join();
    const bool well = ask([this] {
        m_session->set_alert_notify({});
        m_saving = false;
        return m_shards && m_shards->savedWell();
    });
    if (inTime && well) {
        m_files.close();
    }
    // The order is libtorrent's: the proxy must outlive the network thread.
    m_proxy = m_session->abort();
    m_session.reset();
    m_work.reset();
    m_thread.join();
    m_proxy = {};
}

void Engine::runThread()
{
    while (true) {
        try {
            m_io.run();
            return;
        } catch (const std::exception& problem) {
            notice({ Errc::Unavailable,
                std::string{ "the network thread went on after: " } + problem.what() });
        }
    }
}

void Engine::emit(Event event)
{
    if (m_quiet) {
        return;
    }
    if (const auto* learned = std::get_if<EndpointLearned>(&event)) {
        m_rendezvous->learned(learned->endpoint);
        std::vector<lt::tcp::endpoint> dial;
        for (const PeerInfo& peer : m_peers->peers()) {
            if (const auto endpoint = toTcp(peer.endpoint)) {
                dial.push_back(*endpoint);
            }
        }
        m_shards->setPeers(std::move(dial));
    }
    m_sink(std::move(event));
}

void Engine::drainAlerts()
{
    if (!m_session) {
        return;
    }
    std::vector<lt::alert*> alerts;
    m_session->pop_alerts(&alerts);
    for (lt::alert* alert : alerts) {
        try {
            handle(*alert);
        } catch (const std::exception& problem) {
            notice({ Errc::Unavailable, std::string{ alert->what() } + ": " + problem.what() });
        }
    }
    if (m_saving && m_shards->saving() == 0) {
        m_saving = false;
        m_saved.set_value();
    }
}

void Engine::handle(lt::alert& alert)
{
    if (m_shards->handle(alert)) {
        return;
    }
    if (const auto* reply = lt::alert_cast<lt::dht_get_peers_reply_alert>(&alert)) {
        m_rendezvous->dhtReply(*reply);
    } else if (const auto* item = lt::alert_cast<lt::dht_mutable_item_alert>(&alert)) {
        m_items->received(*item);
    } else if (const auto* put = lt::alert_cast<lt::dht_put_alert>(&alert)) {
        m_items->putDone(*put);
    } else if (const auto* stats = lt::alert_cast<lt::session_stats_alert>(&alert)) {
        readStats(*stats);
    } else if (const auto* up = lt::alert_cast<lt::listen_succeeded_alert>(&alert)) {
        bound(*up);
    } else if (const auto* down = lt::alert_cast<lt::listen_failed_alert>(&alert)) {
        unbound(*down);
    } else if (lt::alert_cast<lt::alerts_dropped_alert>(&alert) != nullptr) {
        notice({ Errc::Unavailable, "libtorrent had more to say than could be heard" });
    }
}

void Engine::bound(const lt::listen_succeeded_alert& alert)
{
    if (alert.socket_type != lt::socket_type_t::tcp || m_isBound || !m_rendezvous) {
        return;
    }
    m_isBound = true;
    const Endpoint endpoint = fromTcp({ alert.address, static_cast<std::uint16_t>(alert.port) });
    m_identity.port = endpoint.port;
    m_rendezvous->listening(endpoint);
    m_bound.set_value(endpoint);
    emit(Listening{ endpoint });
}

void Engine::unbound(const lt::listen_failed_alert& alert)
{
    const base::Error error{ Errc::Unavailable,
        "cannot listen on " + m_config.listenAddress + " port " + std::to_string(alert.port) + ": "
            + alert.error.message() };
    if (!m_isBound) {
        m_isBound = true;
        m_bound.set_value(tl::unexpected{ error });
    } else {
        notice(error);
    }
}

void Engine::readStats(const lt::session_stats_alert& alert)
{
    m_wireTotals.totalSent = counter(alert, "net.sent_bytes") + counter(alert, "dht.dht_bytes_out");
    m_wireTotals.totalReceived
        = counter(alert, "net.recv_bytes") + counter(alert, "dht.dht_bytes_in");
    m_wireTotals.dhtNodes = static_cast<std::size_t>(counter(alert, "dht.dht_nodes"));
}

void Engine::scheduleTick()
{
    m_timer.expires_after(kTick);
    m_timer.async_wait([this](const lt::error_code& error) {
        if (!error && !m_quiet) {
            tick();
            scheduleTick();
        }
    });
}

void Engine::tick()
try {
    m_peers->tick();
    m_rendezvous->tick();
    m_items->tick();
    m_shards->tick();
    if (m_clock.monotonic() >= m_nextStats) {
        m_nextStats = m_clock.monotonic() + kStatsEvery;
        m_session->post_session_stats();
    }
} catch (const std::exception& problem) {
    notice({ Errc::Unavailable,
        std::string{ "the network's clock went on after: " } + problem.what() });
}

void Engine::saveShards()
{
    m_shards->saveAll();
    if (m_shards->saving() == 0) {
        m_saved.set_value();
    } else {
        m_saving = true;
    }
}

void Engine::request(const base::PublicKey& to, RequestItem item, Requests::Callback callback)
{
    if (m_quiet) {
        callback(fail(Errc::Cancelled, "the swarm is shutting down"));
        return;
    }
    m_peers->request(to, std::move(item), std::move(callback));
}

void Engine::putItem(
    std::string salt, std::int64_t sequence, base::Bytes value, ItemStore::PutCallback callback)
{
    if (m_quiet) {
        callback(fail(Errc::Cancelled, "the swarm is shutting down"));
        return;
    }
    m_items->put(std::move(salt), sequence, std::move(value), std::move(callback));
}

void Engine::getItem(const base::PublicKey& key, std::string salt, ItemStore::GetCallback callback)
{
    if (m_quiet) {
        callback(fail(Errc::Cancelled, "the swarm is shutting down"));
        return;
    }
    m_items->get(key, std::move(salt), std::move(callback));
}

Traffic Engine::totals() const
{
    Traffic out = m_wireTotals;
    std::tie(out.messagesSent, out.messagesReceived) = m_peers->traffic();
    return out;
}

void Engine::setRateCaps(const RateCaps& caps)
{
    m_session->apply_settings(rateSettings(caps));
}

} // namespace loam::swarm
