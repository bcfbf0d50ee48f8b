// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/link.h"

#include <algorithm>

namespace loam::swarm {

using base::Errc;
using base::fail;

namespace {

    constexpr std::byte kHello{ 1 };
    constexpr std::byte kProof{ 2 };
    constexpr std::byte kFrame{ 3 };

    /// More than a correct peer can have sent without credit.
    constexpr std::uint64_t kMaxUncredited
        = kMaxWindow + kUrgentReserve + (std::uint64_t{ 4 } << 20U);
    /// Four broken connections within ten minutes make a ban.
    constexpr double kViolation = 30;

    /// Smallest burst of bytes, so that one acknowledgement always fits.
    double byteBurst(const PeerLimits& limits)
    {
        return std::max(static_cast<double>(limits.bytesPerSecond), 4.0 * kAckEvery);
    }

} // namespace

Link::Link(const LinkIdentity& identity, LinkPorts ports, base::MonotonicTime now)
    : m_identity{ identity }
    , m_ports{ std::move(ports) }
    , m_handshake{ identity.key, identity.network, identity.instance, identity.agent,
        identity.port }
    , m_receiver{ identity.limits.maxBody }
    , m_messages{ static_cast<double>(identity.limits.messagesPerSecond),
        static_cast<double>(identity.limits.messageBurst), now }
    , m_credit{ static_cast<double>(identity.limits.bytesPerSecond), byteBurst(identity.limits),
        now }
    , m_begun{ now }
    , m_lastHeard{ now }
    , m_lastPing{ now }
{
}

void Link::start()
{
    write(kHello, m_handshake.hello());
}

void Link::write(std::byte kind, base::ByteView body)
{
    m_bytesSent += body.size() + 1;
    m_ports.write(kind, body);
}

void Link::writeFrame(const Frame& frame)
{
    write(kFrame, m_cipher->seal(encodeFrame(frame)));
}

void Link::end(LinkEnd reason)
{
    if (m_closed) {
        return;
    }
    if (m_cipher) {
        writeFrame(Close{ reason.error.message });
    }
    m_closed = true;
    m_ports.close(std::move(reason));
}

void Link::receive(base::ByteView message, base::MonotonicTime now)
{
    if (m_closed) {
        return;
    }
    m_bytesReceived += message.size();
    m_lastHeard = now;
    if (auto done = dispatch(message, now); !done) {
        const bool peersFault
            = done.error().code == Errc::Invalid || done.error().code == Errc::Corrupt;
        end({ std::move(done).error(), peersFault ? kViolation : 0 });
    }
}

base::Result<> Link::dispatch(base::ByteView message, base::MonotonicTime now)
{
    if (message.empty()) {
        return fail(Errc::Invalid, "an empty message");
    }
    const base::ByteView body = message.subspan(1);
    if (message[0] == kHello) {
        return receiveHello(body);
    }
    if (message[0] == kProof) {
        return receiveProof(body, now);
    }
    if (message[0] == kFrame && m_cipher) {
        return receiveFrame(body, now);
    }
    return fail(Errc::Invalid, "a message of an unknown kind or before the handshake");
}

base::Result<> Link::receiveHello(base::ByteView body)
{
    if (m_cipher) {
        return fail(Errc::Invalid, "a greeting after the handshake");
    }
    TRY_ASSIGN(const base::Bytes proof, m_handshake.receiveHello(body));
    write(kProof, proof);
    return {};
}

base::Result<> Link::receiveProof(base::ByteView body, base::MonotonicTime now)
{
    TRY(m_handshake.receiveProof(body));
    m_cipher = m_handshake.takeCipher();
    TRY(m_ports.up(*m_handshake.peer()));
    ping(now);
    return {};
}

base::Result<> Link::receiveFrame(base::ByteView body, base::MonotonicTime now)
{
    TRY_ASSIGN(const base::Bytes plain, m_cipher->open(body));
    TRY_ASSIGN(const Frame frame, decodeFrame(plain));
    if (const auto* fragment = std::get_if<Fragment>(&frame)) {
        return receiveFragment(*fragment, now);
    }
    if (const auto* ack = std::get_if<Ack>(&frame)) {
        TRY(m_sender.acknowledge(ack->total, now));
        pump();
        return {};
    }
    if (const auto* close = std::get_if<Close>(&frame)) {
        m_closed = true;
        m_ports.close({ { Errc::Unavailable, "the peer closed: " + close->reason }, 0 });
        return {};
    }
    if (!m_messages.take(1, now)) {
        return fail(Errc::Invalid, "too many messages");
    }
    if (const auto* asked = std::get_if<Ping>(&frame)) {
        writeFrame(Pong{ asked->token });
    } else if (const auto* pong = std::get_if<Pong>(&frame)) {
        receivePong(*pong, now);
    }
    return {};
}

base::Result<> Link::receiveFragment(const Fragment& fragment, base::MonotonicTime now)
{
    // Large fragments are held back by credit; only small ones can be a flood.
    const bool small = fragment.body.size() < kFragmentBytes / 4;
    if (small && !m_messages.take(1, now)) {
        return fail(Errc::Invalid, "too many messages");
    }
    m_fragmentBytes += fragment.body.size();
    if (m_fragmentBytes - m_credited > kMaxUncredited) {
        return fail(Errc::Invalid, "more bytes than the credit allows");
    }
    TRY_ASSIGN(std::optional<base::Bytes> whole, m_receiver.accept(fragment));
    if (whole) {
        TRY(m_ports.item(fragment.lane, std::move(*whole)));
    }
    if (!m_closed && m_fragmentBytes - m_credited >= kAckEvery) {
        giveCredit(now);
    }
    return {};
}

void Link::giveCredit(base::MonotonicTime now)
{
    const std::uint64_t due = m_fragmentBytes - m_credited;
    const auto most = static_cast<std::uint64_t>(byteBurst(m_identity.limits));
    const std::uint64_t given = std::min(due, most);
    if (given > 0 && m_credit.take(static_cast<double>(given), now)) {
        m_credited += given;
        writeFrame(Ack{ m_credited });
    }
}

void Link::receivePong(const Pong& pong, base::MonotonicTime now)
{
    if (pong.token != m_pingToken) {
        return;
    }
    const auto sample = std::chrono::duration_cast<std::chrono::microseconds>(now - m_lastPing);
    // Smoothed as TCP does (RFC 6298, alpha 1/8).
    m_rtt = m_rtt ? *m_rtt + (sample - *m_rtt) / 8 : sample;
}

void Link::ping(base::MonotonicTime now)
{
    m_lastPing = now;
    writeFrame(Ping{ ++m_pingToken });
}

void Link::tick(base::MonotonicTime now)
{
    if (m_closed) {
        return;
    }
    if (!m_cipher) {
        if (now - m_begun > kHandshakeLimit) {
            end({ { Errc::Timeout, "the handshake took too long" }, 0 });
        }
        return;
    }
    if (now - m_lastHeard > kSilenceLimit) {
        end({ { Errc::Timeout, "the peer fell silent" }, 0 });
        return;
    }
    if (now - m_lastPing >= kPingEvery) {
        ping(now);
    }
    giveCredit(now);
}

bool Link::send(std::uint8_t lane, OutItem item)
{
    const std::size_t most = std::min(m_identity.limits.maxQueued, kMaxInProgress);
    if (!isUp() || item.size() == 0 || m_sender.queued() + item.size() > most) {
        return false;
    }
    m_sender.enqueue(lane, std::move(item));
    pump();
    return true;
}

void Link::pump()
{
    while (!m_closed) {
        const std::optional<base::Bytes> frame = m_sender.next();
        if (!frame) {
            return;
        }
        write(kFrame, m_cipher->seal(*frame));
    }
}

} // namespace loam::swarm
