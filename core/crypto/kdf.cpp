// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/kdf.h"

#include "base/narrow.h"
#include "crypto/native.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include <algorithm>
#include <bit>

namespace loam::crypto {

namespace {

    using Block = SecretBytes<struct HmacTag, 32>;

    Block hmacSha256(base::ByteView key, base::ByteView bytes)
    {
        Block code;
        ASSERT(HMAC(native::sha256(), native::in(key), base::narrow<int>(key.size()),
                   native::in(bytes), bytes.size(), native::out(code.mutableView()), nullptr)
            != nullptr);
        return code;
    }

    /// RFC 5869 2.3; the output is written in place so that no copy of it stays behind.
    void expand(base::ByteView pseudorandomKey, base::ByteView info, base::MutableByteView out)
    {
        ASSERT(out.size() <= 255 * Block::kSize);
        base::Bytes input;
        input.reserve(Block::kSize + info.size() + 1);
        Block previous;
        for (std::size_t i = 0; i * Block::kSize < out.size(); ++i) {
            input.clear();
            if (i > 0) {
                input.insert(input.end(), previous.view().begin(), previous.view().end());
            }
            input.insert(input.end(), info.begin(), info.end());
            input.push_back(static_cast<std::byte>(i + 1));
            previous = hmacSha256(pseudorandomKey, input);
            const base::MutableByteView target = out.subspan(i * Block::kSize);
            std::ranges::copy(
                previous.view().first(std::min(target.size(), Block::kSize)), target.begin());
        }
        wipe(input);
    }

} // namespace

base::Bytes hkdf(base::ByteView secret, base::ByteView salt, base::ByteView info, std::size_t size)
{
    base::Bytes out(size);
    expand(hmacSha256(salt, secret).view(), info, out);
    return out;
}

SymmetricKey hkdfKey(base::ByteView secret, base::ByteView salt, base::ByteView info)
{
    SymmetricKey key;
    expand(hmacSha256(salt, secret).view(), info, key.mutableView());
    return key;
}

base::Result<SymmetricKey> scrypt(
    base::ByteView passphrase, base::ByteView salt, const ScryptCost& cost)
{
    // The cost may come from a file: bound memory (1 GiB) and work (64 times the default).
    constexpr std::uint64_t kMaxMemory = 1U << 30;
    constexpr std::uint64_t kMaxWork = 1U << 26;
    const auto fits
        = [](std::uint64_t a, std::uint64_t b, std::uint64_t limit) { return b <= limit / a; };
    if (cost.n < 2 || !std::has_single_bit(cost.n) || cost.r == 0 || cost.p == 0
        || !fits(cost.r, cost.n, kMaxMemory / 128) || !fits(cost.r, cost.p, kMaxMemory / 128)
        || !fits(cost.n * cost.r, cost.p, kMaxWork)) {
        return base::fail(base::Errc::Invalid, "the cost of scrypt is out of bounds");
    }
    std::uint64_t n = cost.n;
    auto r = static_cast<std::uint32_t>(cost.r);
    auto p = static_cast<std::uint32_t>(cost.p);
    std::uint64_t maxMemory = 3 * kMaxMemory;
    const auto octets = [](const char* name, base::ByteView bytes) {
        return OSSL_PARAM_construct_octet_string(
            name, const_cast<unsigned char*>(native::in(bytes)), bytes.size());
    };
    const std::array<OSSL_PARAM, 7> parameters{ octets(OSSL_KDF_PARAM_PASSWORD, passphrase),
        octets(OSSL_KDF_PARAM_SALT, salt), OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &maxMemory),
        OSSL_PARAM_construct_end() };
    const native::Owned<EVP_KDF_CTX> context{ EVP_KDF_CTX_new(native::scrypt()) };
    SymmetricKey key;
    if (context == nullptr
        || EVP_KDF_derive(context.get(), native::out(key.mutableView()), SymmetricKey::kSize,
               parameters.data())
            != 1) {
        ERR_clear_error();
        return base::fail(base::Errc::Unavailable, "not enough memory to derive the key");
    }
    return key;
}

std::array<std::byte, 64> pbkdf2Sha512(
    base::ByteView passphrase, base::ByteView salt, std::uint32_t iterations)
{
    std::array<std::byte, 64> out{};
    ASSERT(iterations > 0);
    ASSERT(PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(native::in(passphrase)),
               base::narrow<int>(passphrase.size()), native::in(salt),
               base::narrow<int>(salt.size()), base::narrow<int>(iterations), native::sha512(),
               static_cast<int>(out.size()), native::out(out))
        == 1);
    return out;
}

} // namespace loam::crypto
