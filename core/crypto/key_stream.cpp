// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/key_stream.h"

#include "crypto/native.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace loam::crypto {

struct KeyStream::Native
{
    native::Owned<EVP_CIPHER_CTX> context;
};

KeyStream::KeyStream(StreamCipher cipher, const SymmetricKey& key, const Nonce& nonce)
    : m_native{ std::make_unique<Native>() }
{
    // Both ciphers take 16 bytes: OpenSSL's ChaCha20 has the block counter (little endian) in front
    // of the nonce, counter mode counts in the last four bytes behind it.
    std::array<std::byte, 16> start{};
    const bool isChaCha = cipher == StreamCipher::ChaCha20;
    std::ranges::copy(nonce, start.begin() + (isChaCha ? 4 : 0));
    m_native->context.reset(EVP_CIPHER_CTX_new());
    ASSERT(EVP_CipherInit_ex2(m_native->context.get(),
               isChaCha ? native::chaCha20() : native::aes256Ctr(), native::in(key.view()),
               native::in(start), 1, nullptr)
        == 1);
}

KeyStream::~KeyStream()
{
    wipe(m_buffer);
}

KeyStream::KeyStream(KeyStream&& other) noexcept
    : m_native{ std::move(other.m_native) }
    , m_buffer{ other.m_buffer }
    , m_used{ other.m_used }
{
    wipe(other.m_buffer);
}

KeyStream& KeyStream::operator=(KeyStream&& other) noexcept
{
    if (this != &other) {
        m_native = std::move(other.m_native);
        m_buffer = other.m_buffer;
        m_used = other.m_used;
        wipe(other.m_buffer);
    }
    return *this;
}

void KeyStream::produce(base::MutableByteView out)
{
    // A stream cipher adds its stream to the input, so zeros become the stream itself.
    constexpr std::size_t kPiece = 1U << 30;
    std::memset(out.data(), 0, out.size());
    while (!out.empty()) {
        const base::MutableByteView piece = out.first(std::min(kPiece, out.size()));
        int written = 0;
        ASSERT(EVP_CipherUpdate(m_native->context.get(), native::out(piece), &written,
                   native::in(piece), static_cast<int>(piece.size()))
            == 1);
        ASSERT(static_cast<std::size_t>(written) == piece.size());
        out = out.subspan(piece.size());
    }
}

void KeyStream::fill(base::MutableByteView out)
{
    const std::size_t buffered = std::min(out.size(), kBuffered - m_used);
    std::copy_n(m_buffer.begin() + static_cast<std::ptrdiff_t>(m_used), buffered, out.begin());
    m_used += buffered;
    out = out.subspan(buffered);
    if (out.size() >= kBuffered) {
        produce(out);
    } else if (!out.empty()) {
        produce(m_buffer);
        std::copy_n(m_buffer.begin(), out.size(), out.begin());
        m_used = out.size();
    }
}

std::uint64_t KeyStream::next64()
{
    std::array<std::byte, 8> bytes{};
    fill(bytes);
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        out |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    }
    return out;
}

} // namespace loam::crypto
