// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/aead.h"

#include <memory>

namespace loam::crypto {

enum class StreamCipher { ChaCha20 /* RFC 8439 2.4, counter from 0 */, Aes256Ctr /* SP 800-38A */ };

/// Pseudo-random bytes of a secret key: the key stream of a cipher. The same key and nonce always
/// give the same bytes; a key must serve one purpose only.
class KeyStream
{
public:
    explicit KeyStream(
        StreamCipher cipher, const SymmetricKey& key, const Nonce& nonce = counterNonce(0));
    ~KeyStream();
    KeyStream(KeyStream&&) noexcept;
    KeyStream& operator=(KeyStream&&) noexcept;

    /// The next bytes of the stream.
    void fill(base::MutableByteView out);
    std::uint64_t next64();

private:
    static constexpr std::size_t kBuffered = 512;
    void produce(base::MutableByteView out);

    struct Native;
    std::unique_ptr<Native> m_native;
    std::array<std::byte, kBuffered> m_buffer{};
    std::size_t m_used{ kBuffered };
};

} // namespace loam::crypto
