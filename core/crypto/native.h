// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "base/require.h"

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>

/// What the sources of this module share about OpenSSL; no other module includes it.
namespace loam::crypto::native {

struct Deleter
{
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};
template <class T> using Owned = std::unique_ptr<T, Deleter>;

/// Algorithms are fetched once: a fetch by name costs more than hashing a Merkle node.
const EVP_MD* sha256();
const EVP_MD* sha512();
const EVP_CIPHER* chaCha20Poly1305();
const EVP_CIPHER* aes256Gcm();
const EVP_CIPHER* chaCha20();
const EVP_CIPHER* aes256Ctr();
EVP_KDF* scrypt();

inline const unsigned char* in(base::ByteView bytes)
{
    // OpenSSL takes a null pointer for "not given" in places, so an empty view gets an address.
    static constexpr unsigned char kEmpty{ 0 };
    return bytes.empty() ? &kEmpty : reinterpret_cast<const unsigned char*>(bytes.data());
}

inline unsigned char* out(base::MutableByteView bytes)
{
    return reinterpret_cast<unsigned char*>(bytes.data());
}

} // namespace loam::crypto::native
