// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/random.h"

#include "base/require.h"

#include <openssl/crypto.h>

#include <cerrno>
#include <sys/random.h>

namespace loam::crypto {

void wipe(base::MutableByteView bytes)
{
    OPENSSL_cleanse(bytes.data(), bytes.size());
}

void randomBytes(base::MutableByteView out)
{
    // Straight from the kernel: no state of ours that a fork could duplicate.
    while (!out.empty()) {
        const ssize_t got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        ASSERT(got > 0);
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

Seed randomSeed()
{
    Seed seed;
    randomBytes(seed.mutableView());
    return seed;
}

SymmetricKey randomKey()
{
    SymmetricKey key;
    randomBytes(key.mutableView());
    return key;
}

bool equalConstantTime(base::ByteView a, base::ByteView b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace loam::crypto
