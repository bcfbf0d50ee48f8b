// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/settings.h"

#include <limits>

namespace loam::swarm {

using Pack = lt::settings_pack;

namespace {

    constexpr int kMaxMetadata = 4 << 20;

    int capped(const std::optional<std::uint32_t>& cap)
    {
        constexpr auto most = static_cast<std::uint32_t>(std::numeric_limits<int>::max());
        // 0 is "unlimited" to libtorrent; stopping altogether is a matter of pausing.
        return cap ? static_cast<int>(std::clamp(*cap, std::uint32_t{ 1 }, most)) : 0;
    }

    void setDht(Pack& pack, const Config& config)
    {
        const bool open = config.profile == Profile::Public;
        pack.set_bool(Pack::enable_dht, true);
        // The default is a public router: we bring our own known endpoints.
        pack.set_str(Pack::dht_bootstrap_nodes, "");
        if (open) {
            return;
        }
        // One subnet holds the whole network, so rules that count addresses would starve it.
        pack.set_bool(Pack::dht_restrict_routing_ips, false);
        pack.set_bool(Pack::dht_restrict_search_ips, false);
        pack.set_bool(Pack::dht_enforce_node_id, false);
        pack.set_bool(Pack::dht_prefer_verified_node_ids, false);
        pack.set_bool(Pack::dht_ignore_dark_internet, false);
        pack.set_int(Pack::dht_block_ratelimit, 1'000'000);
        pack.set_int(Pack::dht_upload_rate_limit, 1'000'000);
    }

    void setTransport(Pack& pack, const Config& config)
    {
        const bool utp = config.transport == Transport::TcpAndUtp;
        pack.set_bool(Pack::enable_outgoing_tcp, true);
        pack.set_bool(Pack::enable_incoming_tcp, true);
        pack.set_bool(Pack::enable_outgoing_utp, utp);
        pack.set_bool(Pack::enable_incoming_utp, utp);
        const bool open = config.profile == Profile::Public;
        pack.set_bool(Pack::enable_lsd, false);
        pack.set_bool(Pack::enable_upnp, open);
        pack.set_bool(Pack::enable_natpmp, open);
        // Obfuscation is left to the peer's wish; secrecy comes from our own frames.
        pack.set_int(Pack::in_enc_policy, Pack::pe_enabled);
        pack.set_int(Pack::out_enc_policy, Pack::pe_disabled);
    }

    void setConnections(Pack& pack, const Config& config)
    {
        const int peers = static_cast<int>(std::min<std::size_t>(config.maxPeers, 10'000));
        pack.set_int(Pack::connections_limit, 4 * peers + 64);
        pack.set_int(Pack::connection_speed, 200);
        pack.set_bool(Pack::allow_multiple_connections_per_ip, true);
        // Would drop the links between seeds, and the rendezvous torrent looks much like that.
        pack.set_bool(Pack::close_redundant_connections, false);
        // Both sides often dial at once and both lose; the default waits a minute to try again.
        pack.set_int(Pack::min_reconnect_time, 1);
        pack.set_int(Pack::max_failcount, config.profile == Profile::Public ? 10 : 60);
        pack.set_int(Pack::peer_timeout, 30);
        pack.set_int(Pack::handshake_timeout, 10);
        pack.set_int(Pack::unchoke_slots_limit, 64);
    }

} // namespace

lt::settings_pack rateSettings(const RateCaps& caps)
{
    Pack pack;
    pack.set_int(Pack::upload_rate_limit, capped(caps.upload));
    pack.set_int(Pack::download_rate_limit, capped(caps.download));
    return pack;
}

lt::ip_filter peerClasses()
{
    const auto bit
        = [](lt::peer_class_t id) { return std::uint32_t{ 1 } << static_cast<std::uint32_t>(id); };
    const std::uint32_t global = bit(lt::session::global_peer_class_id);
    const std::uint32_t local = global | bit(lt::session::local_peer_class_id);
    lt::ip_filter out;
    const auto rule = [&out](const char* first, const char* last, std::uint32_t classes) {
        out.add_rule(lt::make_address(first), lt::make_address(last), classes);
    };
    rule("0.0.0.0", "255.255.255.255", global);
    rule("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", global);
    rule("10.0.0.0", "10.255.255.255", local);
    rule("172.16.0.0", "172.31.255.255", local);
    rule("192.168.0.0", "192.168.255.255", local);
    rule("169.254.0.0", "169.254.255.255", local);
    rule("127.0.0.0", "127.255.255.255", local);
    rule("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", local);
    rule("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", local);
    rule("::1", "::1", local);
    return out;
}

lt::session_params sessionParams(const Config& config)
{
    Pack pack = rateSettings(config.caps);
    pack.set_int(Pack::alert_mask,
        lt::alert_category::error | lt::alert_category::status | lt::alert_category::storage
            | lt::alert_category::dht_operation
            // Where the end of a put is reported.
            | lt::alert_category::dht);
    pack.set_int(Pack::alert_queue_size, 20'000);
    // A port that is taken is an error that the owner must hear of.
    pack.set_int(Pack::max_retry_port_bind, 0);
    pack.set_bool(Pack::listen_system_port_fallback, false);
    const Endpoint listen{ config.listenAddress, config.port };
    pack.set_str(Pack::listen_interfaces, listen.toString());
    if (config.listenAddress != "0.0.0.0" && config.listenAddress != "::") {
        pack.set_str(Pack::outgoing_interfaces, config.listenAddress);
    }
    pack.set_str(Pack::user_agent, config.agent);
    pack.set_int(Pack::max_metadata_size, kMaxMetadata);
    pack.set_int(Pack::aio_threads, 2);
    pack.set_int(Pack::hashing_threads, 1);
    setDht(pack, config);
    setTransport(pack, config);
    setConnections(pack, config);

    // Nothing but these: peer exchange would bypass the DHT when it is meant to be alone.
    std::vector<std::shared_ptr<lt::plugin>> none;
    lt::session_params params{ std::move(pack), none };
    params.disk_io_constructor = lt::posix_disk_io_constructor;
    return params;
}

base::Result<lt::tcp::endpoint> toTcp(const Endpoint& endpoint)
{
    lt::error_code error;
    const lt::address address = lt::make_address(endpoint.address, error);
    if (error || endpoint.port == 0) {
        return base::fail(
            base::Errc::Invalid, "\"" + endpoint.toString() + "\" is not an endpoint");
    }
    return lt::tcp::endpoint{ address, endpoint.port };
}

Endpoint fromTcp(const lt::tcp::endpoint& endpoint)
{
    const lt::address address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        const auto mapped
            = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
        return { mapped.to_string(), endpoint.port() };
    }
    return { address.to_string(), endpoint.port() };
}

std::span<const char> asChars(base::ByteView bytes)
{
    const std::string_view text = base::asText(bytes);
    return { text.data(), text.size() };
}

} // namespace loam::swarm
