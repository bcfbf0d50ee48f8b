// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/wire.h"

#include "swarm/settings.h"

#include <algorithm>
#include <memory>

namespace loam::swarm {

using base::Errc;

namespace {

    /// BitTorrent's own number for extended messages (BEP 10).
    constexpr char kExtended = 20;
    /// Our number for loam_msg; the peer's is in its extension handshake.
    constexpr int kOurMessage = 77;
    constexpr std::string_view kName = "loam_msg";
    constexpr int kMaxWireMessage = static_cast<int>(kMaxSealedFrame) + 1;

    /// One connection. libtorrent owns it; PeerTable points to its link until the posted removal
    /// has run, which therefore holds a reference.
    class PeerWire final : public lt::peer_plugin, public std::enable_shared_from_this<PeerWire>
    {
    public:
        PeerWire(WireContext& context, lt::peer_connection_handle connection)
            : m_context{ context }
            , m_connection{ std::move(connection) }
            , m_remote{ fromTcp(m_connection.remote()) }
            , m_serial{ context.nextSerial++ }
        {
        }

        lt::string_view type() const override { return { kName.data(), kName.size() }; }
        void add_handshake(lt::entry& handshake) override
        {
            handshake["m"][std::string{ kName }] = lt::entry::integer_type{ kOurMessage };
        }
        bool on_extension_handshake(const lt::bdecode_node& handshake) override;
        bool on_extended(int length, int message, lt::span<const char> body) override;
        void on_disconnect(const lt::error_code& error) override;

    private:
        void startLink();
        void write(std::byte kind, base::ByteView body);
        void close(LinkEnd reason);
        void disconnect();

        WireContext& m_context;
        lt::peer_connection_handle m_connection;
        Endpoint m_remote;
        std::uint64_t m_serial;
        char m_theirMessage{ 0 };
        std::unique_ptr<Link> m_link;
        LinkEnd m_reason{ { Errc::Unavailable, "the connection was lost" }, 0 };
        std::vector<char> m_scratch;
        bool m_gone{ false };
    };

    bool PeerWire::on_extension_handshake(const lt::bdecode_node& handshake)
    {
        if (m_link) {
            return true;
        }
        lt::bdecode_node names;
        if (handshake.type() == lt::bdecode_node::dict_t) {
            names = handshake.dict_find_dict("m");
        }
        const std::int64_t number
            = names ? names.dict_find_int_value({ kName.data(), kName.size() }, 0) : 0;
        if (number < 1 || number > 255) {
            disconnect();
            return false;
        }
        m_theirMessage = static_cast<char>(number);
        startLink();
        return true;
    }

    void PeerWire::startLink()
    {
        LinkPorts ports;
        ports.write = [this](std::byte kind, base::ByteView body) { write(kind, body); };
        ports.close = [this](LinkEnd reason) { close(std::move(reason)); };
        ports.up
            = [this](const Hello&) { return m_context.peers.linkUp(m_serial, *m_link, m_remote); };
        ports.item = [this](std::uint8_t lane, base::Bytes item) {
            return m_context.peers.linkItem(m_serial, lane, std::move(item));
        };
        m_link = std::make_unique<Link>(
            m_context.identity, std::move(ports), m_context.clock.monotonic());
        m_context.peers.linkBegun(m_serial, *m_link);
        m_link->start();
    }

    bool PeerWire::on_extended(int length, int message, lt::span<const char> body)
    {
        if (message != kOurMessage || !m_link) {
            return false;
        }
        if (length > kMaxWireMessage) {
            m_link->end({ { Errc::Invalid, "a message is too large" }, 30 });
            return true;
        }
        if (body.size() < length) {
            return true;
        }
        try {
            const std::string_view text{ body.data(), static_cast<std::size_t>(body.size()) };
            m_link->receive(base::asBytes(text), m_context.clock.monotonic());
        } catch (const std::exception& problem) {
            m_context.notice(
                { Errc::Unavailable, std::string{ "a message was lost: " } + problem.what() });
            disconnect();
        }
        return true;
    }

    void PeerWire::write(std::byte kind, base::ByteView body)
    {
        if (m_gone) {
            return;
        }
        const auto size = static_cast<std::uint32_t>(body.size() + 3);
        m_scratch.clear();
        for (unsigned shift = 32; shift > 0; shift -= 8) {
            m_scratch.push_back(static_cast<char>((size >> (shift - 8)) & 0xffU));
        }
        m_scratch.push_back(kExtended);
        m_scratch.push_back(m_theirMessage);
        m_scratch.push_back(static_cast<char>(kind));
        const std::span<const char> chars = asChars(body);
        m_scratch.insert(m_scratch.end(), chars.begin(), chars.end());
        m_connection.send_buffer(m_scratch.data(), static_cast<int>(m_scratch.size()));
    }

    void PeerWire::close(LinkEnd reason)
    {
        m_reason = std::move(reason);
        disconnect();
    }

    void PeerWire::disconnect()
    {
        // Posted, so that nobody is torn down below a caller of ours.
        asio::post(m_context.io, [self = shared_from_this()] {
            if (!self->m_gone) {
                self->m_connection.disconnect(
                    boost::asio::error::connection_aborted, lt::operation_t::bittorrent);
            }
        });
    }

    void PeerWire::on_disconnect(const lt::error_code& error)
    {
        if (m_gone) {
            return;
        }
        m_gone = true;
        if (!m_link) {
            return;
        }
        if (!m_link->isClosed()) {
            m_reason.error.message += " (" + error.message() + ")";
        }
        asio::post(m_context.io, [self = shared_from_this()] {
            self->m_context.peers.linkDown(self->m_serial, self->m_remote, self->m_reason);
            // Breaks nothing: the link is in no table any more.
            self->m_link.reset();
        });
    }

    class WirePlugin final : public lt::torrent_plugin
    {
    public:
        explicit WirePlugin(WireContext& context)
            : m_context{ context }
        {
        }

        std::shared_ptr<lt::peer_plugin> new_connection(
            const lt::peer_connection_handle& connection) override
        {
            if (connection.type() != lt::connection_type::bittorrent) {
                return nullptr;
            }
            return std::make_shared<PeerWire>(m_context, connection);
        }

    private:
        WireContext& m_context;
    };

} // namespace

std::shared_ptr<lt::torrent_plugin> makeWirePlugin(WireContext& context)
{
    return std::make_shared<WirePlugin>(context);
}

} // namespace loam::swarm
