// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/frame.h"

#include <algorithm>

namespace loam::swarm {

using base::Errc;
using base::fail;

namespace {

    enum class Kind : std::uint8_t { Ping = 1, Pong = 2, Ack = 3, Fragment = 4, Close = 5 };

    constexpr std::size_t kMaxReason = 256;
    /// RFC 8439 allows far more under one key; a connection that gets here is simply renewed.
    constexpr std::uint64_t kMaxFrames = std::uint64_t{ 1 } << 48U;
    constexpr std::string_view kAssociated = "loam/frame/v1";

    void putInt(base::Bytes& out, std::uint64_t value)
    {
        for (unsigned shift = 64; shift > 0; shift -= 8) {
            out.push_back(static_cast<std::byte>((value >> (shift - 8)) & 0xffU));
        }
    }

    std::uint64_t getInt(base::ByteView bytes)
    {
        std::uint64_t out = 0;
        for (const std::byte byte : bytes.first(8)) {
            out = (out << 8U) | std::to_integer<std::uint64_t>(byte);
        }
        return out;
    }

    base::Bytes begin(Kind kind)
    {
        return { static_cast<std::byte>(kind) };
    }

    base::Bytes withInt(Kind kind, std::uint64_t value)
    {
        base::Bytes out = begin(kind);
        putInt(out, value);
        return out;
    }

    base::Result<Frame> decodeFragment(base::ByteView rest)
    {
        if (rest.size() < 2) {
            return fail(Errc::Invalid, "a fragment without a header");
        }
        Fragment out;
        out.lane = std::to_integer<std::uint8_t>(rest[0]);
        const auto first = std::to_integer<std::uint8_t>(rest[1]);
        rest = rest.subspan(2);
        if (out.lane == 0 || out.lane >= kLanes || first > 1) {
            return fail(Errc::Invalid, "a fragment with an unknown lane or flag");
        }
        if (first == 1) {
            if (rest.size() < 8) {
                return fail(Errc::Invalid, "a fragment without the size of its item");
            }
            out.itemSize = getInt(rest);
            rest = rest.subspan(8);
        }
        if (rest.size() > kFragmentBytes || (rest.empty() && out.itemSize != std::uint64_t{ 0 })) {
            return fail(Errc::Invalid, "a fragment of a wrong size");
        }
        out.body = rest;
        return out;
    }

    struct Encoder
    {
        base::Bytes operator()(const Ping& ping) const { return withInt(Kind::Ping, ping.token); }
        base::Bytes operator()(const Pong& pong) const { return withInt(Kind::Pong, pong.token); }
        base::Bytes operator()(const Ack& ack) const { return withInt(Kind::Ack, ack.total); }
        base::Bytes operator()(const Fragment& fragment) const
        {
            base::Bytes out;
            out.reserve(fragment.body.size() + 11);
            out.push_back(static_cast<std::byte>(Kind::Fragment));
            out.push_back(static_cast<std::byte>(fragment.lane));
            out.push_back(fragment.itemSize ? std::byte{ 1 } : std::byte{ 0 });
            if (fragment.itemSize) {
                putInt(out, *fragment.itemSize);
            }
            out.insert(out.end(), fragment.body.begin(), fragment.body.end());
            return out;
        }
        base::Bytes operator()(const Close& close) const
        {
            base::Bytes out = begin(Kind::Close);
            const base::ByteView text = base::asBytes(close.reason);
            const base::ByteView shown = text.first(std::min(text.size(), kMaxReason));
            out.insert(out.end(), shown.begin(), shown.end());
            return out;
        }
    };

} // namespace

FrameCipher::FrameCipher(crypto::SymmetricKey sending, crypto::SymmetricKey receiving)
    : m_sending{ std::move(sending) }
    , m_receiving{ std::move(receiving) }
{
}

base::Bytes FrameCipher::seal(base::ByteView plaintext)
{
    return crypto::seal(crypto::Aead::ChaCha20Poly1305, m_sending, crypto::counterNonce(m_sent++),
        base::asBytes(kAssociated), plaintext);
}

base::Result<base::Bytes> FrameCipher::open(base::ByteView sealed)
{
    if (sealed.size() > kMaxSealedFrame || sealed.size() < crypto::kTagSize
        || m_received >= kMaxFrames) {
        return fail(Errc::Corrupt, "a sealed frame of a wrong size");
    }
    auto out = crypto::open(crypto::Aead::ChaCha20Poly1305, m_receiving,
        crypto::counterNonce(m_received), base::asBytes(kAssociated), sealed);
    if (!out) {
        return fail(Errc::Corrupt, "a frame was altered, repeated or lost on the way");
    }
    ++m_received;
    return out;
}

base::Bytes encodeFrame(const Frame& frame)
{
    return std::visit(Encoder{}, frame);
}

base::Result<Frame> decodeFrame(base::ByteView bytes)
{
    if (bytes.empty()) {
        return fail(Errc::Invalid, "an empty frame");
    }
    const auto kind = static_cast<Kind>(bytes[0]);
    const base::ByteView rest = bytes.subspan(1);
    switch (kind) {
    case Kind::Ping:
    case Kind::Pong:
    case Kind::Ack: {
        if (rest.size() != 8) {
            return fail(Errc::Invalid, "a control frame of a wrong size");
        }
        const std::uint64_t value = getInt(rest);
        if (kind == Kind::Ping) {
            return Ping{ value };
        }
        if (kind == Kind::Pong) {
            return Pong{ value };
        }
        return Ack{ value };
    }
    case Kind::Fragment:
        return decodeFragment(rest);
    case Kind::Close:
        if (rest.size() > kMaxReason) {
            return fail(Errc::Invalid, "a closing frame of a wrong size");
        }
        return Close{ std::string{ base::asText(rest) } };
    }
    return fail(Errc::Invalid, "a frame of an unknown kind");
}

} // namespace loam::swarm
