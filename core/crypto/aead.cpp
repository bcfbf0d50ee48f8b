// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/aead.h"

#include "crypto/native.h"

#include <openssl/err.h>

#include <algorithm>

namespace loam::crypto {

namespace {

    const EVP_CIPHER* algorithm(Aead cipher)
    {
        switch (cipher) {
        case Aead::ChaCha20Poly1305:
            return native::chaCha20Poly1305();
        case Aead::Aes256Gcm:
            return native::aes256Gcm();
        }
        ASSERT(false && "unknown cipher");
        return nullptr;
    }

    enum class Direction : int { Open = 0, Seal = 1 };

    native::Owned<EVP_CIPHER_CTX> start(
        Aead cipher, Direction direction, const SymmetricKey& key, const Nonce& nonce)
    {
        native::Owned<EVP_CIPHER_CTX> context{ EVP_CIPHER_CTX_new() };
        ASSERT(EVP_CipherInit_ex2(context.get(), algorithm(cipher), native::in(key.view()),
                   native::in(nonce), static_cast<int>(direction), nullptr)
            == 1);
        return context;
    }

    /// Feeds `input`; a null output means associated data. OpenSSL counts in int, hence the pieces.
    void feed(EVP_CIPHER_CTX* context, std::byte* output, base::ByteView input)
    {
        constexpr std::size_t kPiece = 1U << 30;
        while (!input.empty()) {
            const base::ByteView piece = input.first(std::min(kPiece, input.size()));
            int written = 0;
            ASSERT(EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(output), &written,
                       native::in(piece), static_cast<int>(piece.size()))
                == 1);
            ASSERT(static_cast<std::size_t>(written) == piece.size());
            output += output == nullptr ? 0 : piece.size();
            input = input.subspan(piece.size());
        }
    }

} // namespace

Nonce counterNonce(std::uint64_t counter)
{
    Nonce nonce{};
    for (std::size_t i = 0; i < 8; ++i) {
        nonce[11 - i] = static_cast<std::byte>(counter >> (8 * i) & 255U);
    }
    return nonce;
}

base::Bytes seal(Aead cipher, const SymmetricKey& key, const Nonce& nonce,
    base::ByteView associated, base::ByteView plaintext)
{
    const native::Owned<EVP_CIPHER_CTX> context = start(cipher, Direction::Seal, key, nonce);
    base::Bytes sealed(plaintext.size() + kTagSize);
    feed(context.get(), nullptr, associated);
    feed(context.get(), sealed.data(), plaintext);
    int rest = 0;
    unsigned char* const end = native::out(sealed) + plaintext.size();
    ASSERT(EVP_CipherFinal_ex(context.get(), end, &rest) == 1 && rest == 0);
    ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, end) == 1);
    return sealed;
}

base::Result<base::Bytes> open(Aead cipher, const SymmetricKey& key, const Nonce& nonce,
    base::ByteView associated, base::ByteView sealed)
{
    if (sealed.size() < kTagSize) {
        return base::fail(base::Errc::Corrupt, "sealed message is shorter than its tag");
    }
    const base::ByteView ciphertext = sealed.first(sealed.size() - kTagSize);
    std::array<std::byte, kTagSize> tag{};
    std::ranges::copy(sealed.last(kTagSize), tag.begin());
    const native::Owned<EVP_CIPHER_CTX> context = start(cipher, Direction::Open, key, nonce);
    ASSERT(
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, native::out(tag)) == 1);
    // One byte more than needed, so that the last call gets an address inside the buffer.
    base::Bytes plaintext(ciphertext.size() + 1);
    feed(context.get(), nullptr, associated);
    feed(context.get(), plaintext.data(), ciphertext);
    int rest = 0;
    if (EVP_CipherFinal_ex(context.get(), native::out(plaintext) + ciphertext.size(), &rest) != 1) {
        wipe(plaintext);
        ERR_clear_error();
        return base::fail(base::Errc::Corrupt, "sealed message does not match its tag");
    }
    plaintext.pop_back();
    return plaintext;
}

} // namespace loam::crypto
