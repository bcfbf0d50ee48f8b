// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/ed25519.h"

#include "crypto/native.h"
#include "crypto/random.h"

#include <openssl/err.h>

namespace loam::crypto {

/// The key as OpenSSL holds it; kept because deriving it from the seed costs as much as signing.
struct KeyPair::Native
{
    native::Owned<EVP_PKEY> key;
};

KeyPair::KeyPair(Seed seed)
    : m_seed{ std::move(seed) }
    , m_native{ std::make_unique<Native>() }
{
    m_native->key.reset(EVP_PKEY_new_raw_private_key_ex(
        nullptr, "ED25519", nullptr, native::in(m_seed.view()), Seed::kSize));
    ASSERT(m_native->key != nullptr);
    std::size_t size = base::PublicKey::kSize;
    ASSERT(
        EVP_PKEY_get_raw_public_key(m_native->key.get(), native::out(m_public.data), &size) == 1);
}

KeyPair::~KeyPair() = default;
KeyPair::KeyPair(KeyPair&&) noexcept = default;
KeyPair& KeyPair::operator=(KeyPair&&) noexcept = default;

KeyPair KeyPair::generate()
{
    return KeyPair{ randomSeed() };
}

base::Signature KeyPair::sign(base::ByteView message) const
{
    const native::Owned<EVP_MD_CTX> context{ EVP_MD_CTX_new() };
    base::Signature signature;
    std::size_t size = base::Signature::kSize;
    ASSERT(EVP_DigestSignInit_ex(
               context.get(), nullptr, nullptr, nullptr, nullptr, m_native->key.get(), nullptr)
        == 1);
    ASSERT(EVP_DigestSign(context.get(), native::out(signature.data), &size, native::in(message),
               message.size())
        == 1);
    ASSERT(size == base::Signature::kSize);
    return signature;
}

bool verify(const base::PublicKey& key, base::ByteView message, const base::Signature& signature)
{
    const native::Owned<EVP_PKEY> native{ EVP_PKEY_new_raw_public_key_ex(
        nullptr, "ED25519", nullptr, native::in(key.view()), base::PublicKey::kSize) };
    const native::Owned<EVP_MD_CTX> context{ EVP_MD_CTX_new() };
    const bool valid = native != nullptr
        && EVP_DigestVerifyInit_ex(
               context.get(), nullptr, nullptr, nullptr, nullptr, native.get(), nullptr)
            == 1
        && EVP_DigestVerify(context.get(), native::in(signature.view()), base::Signature::kSize,
               native::in(message), message.size())
            == 1;
    if (!valid) {
        ERR_clear_error(); // a peer's bad signature must not pile up entries in the error queue
    }
    return valid;
}

} // namespace loam::crypto
