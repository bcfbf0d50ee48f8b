// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/sealed.h"

#include "crypto/aead.h"
#include "crypto/kdf.h"
#include "crypto/random.h"

#include <array>

namespace loam::crypto {

namespace {

    constexpr std::string_view kMagic{ "LOAMSEA\x01", 8 };
    constexpr std::size_t kSalt = 32;
    constexpr std::size_t kHead = kMagic.size() + kSalt;

    void append(base::Bytes& out, base::ByteView bytes)
    {
        out.insert(out.end(), bytes.begin(), bytes.end());
    }

} // namespace

base::Bytes sealContents(const SymmetricKey& key, std::string_view purpose, base::ByteView plain)
{
    std::array<std::byte, kSalt> salt{};
    randomBytes(salt);
    base::Bytes out;
    out.reserve(kHead + plain.size() + kTagSize);
    append(out, base::asBytes(kMagic));
    append(out, salt);
    const SymmetricKey once = hkdfKey(key.view(), salt, base::asBytes(purpose));
    // The key serves this one message, so the nonce may be the same each time.
    append(out, seal(Aead::ChaCha20Poly1305, once, counterNonce(0), base::asBytes(kMagic), plain));
    return out;
}

base::Result<base::Bytes> openContents(
    const SymmetricKey& key, std::string_view purpose, base::ByteView sealed)
{
    if (sealed.size() < kHead + kTagSize || base::asText(sealed.first(kMagic.size())) != kMagic) {
        return base::fail(base::Errc::Corrupt, "this is no sealed file, or it was cut off");
    }
    const base::ByteView salt = sealed.subspan(kMagic.size(), kSalt);
    const SymmetricKey once = hkdfKey(key.view(), salt, base::asBytes(purpose));
    auto plain = open(Aead::ChaCha20Poly1305, once, counterNonce(0), base::asBytes(kMagic),
        sealed.subspan(kHead));
    if (!plain) {
        return base::fail(base::Errc::Corrupt,
            "the sealed file is damaged or was sealed under another identity's key");
    }
    return plain;
}

} // namespace loam::crypto
