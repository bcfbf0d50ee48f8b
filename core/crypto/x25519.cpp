// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/x25519.h"

#include "crypto/native.h"
#include "crypto/random.h"

#include <openssl/err.h>

namespace loam::crypto {

namespace {

    native::Owned<EVP_PKEY> privateNative(const SymmetricKey& key)
    {
        native::Owned<EVP_PKEY> out{ EVP_PKEY_new_raw_private_key_ex(
            nullptr, "X25519", nullptr, native::in(key.view()), SymmetricKey::kSize) };
        ASSERT(out != nullptr);
        return out;
    }

} // namespace

AgreementKey::AgreementKey(SymmetricKey privateKey, const X25519Public& publicKey)
    : m_private{ std::move(privateKey) }
    , m_public{ publicKey }
{
}

AgreementKey AgreementKey::generate()
{
    return fromPrivate(randomKey());
}

AgreementKey AgreementKey::fromPrivate(SymmetricKey privateKey)
{
    const native::Owned<EVP_PKEY> key = privateNative(privateKey);
    X25519Public publicKey;
    std::size_t size = X25519Public::kSize;
    ASSERT(EVP_PKEY_get_raw_public_key(key.get(), native::out(publicKey.data), &size) == 1);
    return { std::move(privateKey), publicKey };
}

base::Result<SymmetricKey> AgreementKey::agree(const X25519Public& peer) const
{
    const native::Owned<EVP_PKEY> mine = privateNative(m_private);
    const native::Owned<EVP_PKEY> theirs{ EVP_PKEY_new_raw_public_key_ex(
        nullptr, "X25519", nullptr, native::in(peer.view()), X25519Public::kSize) };
    const native::Owned<EVP_PKEY_CTX> context{ EVP_PKEY_CTX_new_from_pkey(
        nullptr, mine.get(), nullptr) };
    SymmetricKey shared;
    std::size_t size = SymmetricKey::kSize;
    // OpenSSL refuses the all-zero result that RFC 7748 section 6.1 warns of.
    if (theirs == nullptr || context == nullptr || EVP_PKEY_derive_init(context.get()) != 1
        || EVP_PKEY_derive_set_peer(context.get(), theirs.get()) != 1
        || EVP_PKEY_derive(context.get(), native::out(shared.mutableView()), &size) != 1
        || size != SymmetricKey::kSize) {
        ERR_clear_error();
        return base::fail(base::Errc::Invalid, "the peer's key agreement value is of low order");
    }
    return shared;
}

} // namespace loam::crypto
