// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/native.h"

namespace loam::crypto::native {

// The fetched objects live until the process ends: freeing them in a static destructor would race
// with OpenSSL's own exit handler.

const EVP_MD* sha256()
{
    static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
    ASSERT(kAlgorithm != nullptr);
    return kAlgorithm;
}

const EVP_MD* sha512()
{
    static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA2-512", nullptr);
    ASSERT(kAlgorithm != nullptr);
    return kAlgorithm;
}

const EVP_CIPHER* chaCha20Poly1305()
{
    static const EVP_CIPHER* const kAlgorithm
        = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
    ASSERT(kAlgorithm != nullptr);
    return kAlgorithm;
}

const EVP_CIPHER* aes256Gcm()
{
    static const EVP_CIPHER* const kAlgorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    ASSERT(kAlgorithm != nullptr);
    return kAlgorithm;
}

const EVP_CIPHER* chaCha20()
{
    static const EVP_CIPHER* const kAlgorithm = EVP_CIPHER_fetch(nullptr, "ChaCha20", nullptr);
    ASSERT(kAlgorithm != nullptr);
    return kAlgorithm;
}

const EVP_CIPHER* aes256Ctr()
{
    static const EVP_CIPHER* const kAlgorithm = EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr);
    ASSERT(kAlgorithm != nullptr);
    return kAlgorithm;
}

EVP_KDF* scrypt()
{
    static EVP_KDF* const kAlgorithm = EVP_KDF_fetch(nullptr, "SCRYPT", nullptr);
    ASSERT(kAlgorithm != nullptr);
    return kAlgorithm;
}

} // namespace loam::crypto::native
