// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/hash.h"

#include "base/scope_guard.h"
#include "crypto/native.h"

#include <openssl/hmac.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace loam::crypto {

using base::Errc;

base::Hash256 sha256(base::ByteView bytes)
{
    // One context per thread, because allocating one costs as much as hashing 64 bytes.
    thread_local const native::Owned<EVP_MD_CTX> kContext{ EVP_MD_CTX_new() };
    base::Hash256 digest;
    ASSERT(EVP_DigestInit_ex2(kContext.get(), native::sha256(), nullptr) == 1);
    ASSERT(EVP_DigestUpdate(kContext.get(), bytes.data(), bytes.size()) == 1);
    ASSERT(EVP_DigestFinal_ex(kContext.get(), native::out(digest.data), nullptr) == 1);
    return digest;
}

std::array<std::byte, 64> hmacSha512(base::ByteView key, base::ByteView bytes)
{
    std::array<std::byte, 64> code{};
    ASSERT(key.size() <= INT_MAX);
    ASSERT(HMAC(native::sha512(), native::in(key), static_cast<int>(key.size()), native::in(bytes),
               bytes.size(), native::out(code), nullptr)
        != nullptr);
    return code;
}

struct Sha256::State
{
    native::Owned<EVP_MD_CTX> context{ EVP_MD_CTX_new() };

    void start() { ASSERT(EVP_DigestInit_ex2(context.get(), native::sha256(), nullptr) == 1); }
};

Sha256::Sha256()
    : m_state{ std::make_unique<State>() }
{
    m_state->start();
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(base::ByteView bytes)
{
    ASSERT(EVP_DigestUpdate(m_state->context.get(), bytes.data(), bytes.size()) == 1);
    return *this;
}

base::Hash256 Sha256::finish()
{
    base::Hash256 digest;
    ASSERT(EVP_DigestFinal_ex(m_state->context.get(), native::out(digest.data), nullptr) == 1);
    m_state->start();
    return digest;
}

base::Result<base::Hash256> sha256File(const std::string& path)
{
    const auto failed = [&path](const char* what, int code) {
        return base::fail(code == ENOENT ? Errc::NotFound : Errc::Io,
            what + path + ": " + std::generic_category().message(code));
    };
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return failed("cannot open ", errno);
    }
    const base::ScopeGuard closer{ [fd] { ::close(fd); } };
    Sha256 hash;
    base::Bytes piece(256 * 1024);
    for (;;) {
        const ssize_t got = ::read(fd, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return failed("cannot read ", errno);
        }
        if (got == 0) {
            return hash.finish();
        }
        hash.update(base::ByteView{ piece }.first(static_cast<std::size_t>(got)));
    }
}

} // namespace loam::crypto
