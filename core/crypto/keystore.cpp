// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/keystore.h"

#include "base/file.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/random.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace loam::crypto {

namespace {

    using base::Errc;
    using base::fail;
    using nlohmann::json;

    constexpr std::string_view kFormat = "loam-keystore";
    constexpr std::uint64_t kVersion = 1;
    constexpr std::size_t kMaxFileSize = 64 * 1024;
    constexpr std::size_t kSaltSize = 32;

    /// What the file holds.
    struct Sealed
    {
        base::PublicKey publicKey;
        ScryptCost cost;
        base::Bytes salt;
        Nonce nonce{};
        base::Bytes ciphertext;

        /// Everything that the passphrase does not protect by itself, as one text. It is the AEAD's
        /// associated data and, with the ciphertext, what the checksum covers.
        std::string header() const
        {
            return std::string{ kFormat } + '/' + std::to_string(kVersion) + '\n'
                + base::toHex(publicKey.view()) + '\n' + std::to_string(cost.n) + ' '
                + std::to_string(cost.r) + ' ' + std::to_string(cost.p) + '\n' + base::toHex(salt)
                + '\n' + base::toHex(nonce) + '\n';
        }
        /// Tells a damaged file from a wrong passphrase. It reveals nothing: all of it is in the
        /// file.
        base::Hash256 checksum() const
        {
            return Sha256{}.update(base::asBytes(header())).update(ciphertext).finish();
        }
    };

    tl::unexpected<base::Error> damaged(const std::filesystem::path& path, std::string_view what)
    {
        return fail(Errc::Corrupt,
            "the keystore " + path.string() + " is damaged (" + std::string{ what }
                + "); move the file away and restore your identity from your 24 words");
    }

    std::string toJson(const Sealed& sealed)
    {
        const json document{ { "format", kFormat }, { "version", kVersion },
            { "public_key", base::toHex(sealed.publicKey.view()) },
            { "kdf",
                { { "name", "scrypt" }, { "n", sealed.cost.n }, { "r", sealed.cost.r },
                    { "p", sealed.cost.p }, { "salt", base::toHex(sealed.salt) } } },
            { "cipher",
                { { "name", "aes-256-gcm" }, { "nonce", base::toHex(sealed.nonce) },
                    { "ciphertext", base::toHex(sealed.ciphertext) } } },
            { "checksum", base::toHex(sealed.checksum().view()) } };
        return document.dump(2) + '\n';
    }

    std::string textAt(const json& document, const char* pointer)
    {
        const json::json_pointer at{ pointer };
        const bool present = document.contains(at) && document[at].is_string();
        return present ? document[at].get<std::string>() : std::string{};
    }

    std::uint64_t numberAt(const json& document, const char* pointer)
    {
        const json::json_pointer at{ pointer };
        const bool present = document.contains(at) && document[at].is_number_unsigned();
        return present ? document[at].get<std::uint64_t>() : 0;
    }

    base::Result<Sealed> decode(const json& document)
    {
        Sealed out;
        TRY_ASSIGN(
            out.publicKey, base::fixedFromHex<base::PublicKey>(textAt(document, "/public_key")));
        out.cost = { numberAt(document, "/kdf/n"), numberAt(document, "/kdf/r"),
            numberAt(document, "/kdf/p") };
        TRY_ASSIGN(out.salt, base::fromHex(textAt(document, "/kdf/salt")));
        TRY_ASSIGN(const base::Bytes nonce, base::fromHex(textAt(document, "/cipher/nonce")));
        TRY_ASSIGN(out.ciphertext, base::fromHex(textAt(document, "/cipher/ciphertext")));
        TRY_ASSIGN(
            const auto checksum, base::fixedFromHex<base::Hash256>(textAt(document, "/checksum")));
        if (textAt(document, "/kdf/name") != "scrypt"
            || textAt(document, "/cipher/name") != "aes-256-gcm" || nonce.size() != out.nonce.size()
            || out.salt.size() != kSaltSize || out.ciphertext.size() != Entropy::kSize + kTagSize) {
            return fail(Errc::Corrupt, "a field has the wrong form");
        }
        std::ranges::copy(nonce, out.nonce.begin());
        if (checksum != out.checksum()) {
            return fail(Errc::Corrupt, "its checksum does not match");
        }
        return out;
    }

    base::Result<Sealed> load(const std::filesystem::path& path)
    {
        TRY_ASSIGN(const base::Bytes bytes, base::readFile(path, kMaxFileSize));
        const json document = json::parse(base::asText(bytes), nullptr, false);
        if (!document.is_object() || textAt(document, "/format") != kFormat) {
            return damaged(path, "it is not a keystore file");
        }
        const std::uint64_t version = numberAt(document, "/version");
        if (version == 0) {
            return damaged(path, "it has no version");
        }
        if (version > kVersion) {
            return fail(Errc::Invalid,
                "the keystore " + path.string()
                    + " was written by a newer version of Loam; update Loam");
        }
        base::Result<Sealed> sealed = decode(document);
        if (!sealed) {
            return damaged(path, sealed.error().message);
        }
        return sealed;
    }

    base::Result<> save(const std::filesystem::path& path, const Entropy& entropy,
        const base::PublicKey& publicKey, std::string_view passphrase, const ScryptCost& cost)
    {
        Sealed sealed;
        sealed.publicKey = publicKey;
        sealed.cost = cost;
        sealed.salt.resize(kSaltSize);
        randomBytes(sealed.salt);
        randomBytes(sealed.nonce);
        TRY_ASSIGN(const SymmetricKey key, scrypt(base::asBytes(passphrase), sealed.salt, cost));
        sealed.ciphertext = seal(
            Aead::Aes256Gcm, key, sealed.nonce, base::asBytes(sealed.header()), entropy.view());
        return base::writeFileAtomically(
            path, base::asBytes(toJson(sealed)), base::FileAccess::OwnerOnly);
    }

    base::Result<KeyPair> identityOf(const Entropy& entropy)
    {
        TRY_ASSIGN(std::string words, mnemonicFromEntropy(entropy.view()));
        base::Result<KeyPair> identity = identityFromMnemonic(words);
        wipe(std::as_writable_bytes(std::span{ words.data(), words.size() }));
        return identity;
    }

    Entropy toEntropy(base::Bytes bytes)
    {
        Entropy out;
        std::ranges::copy(bytes, out.mutableView().begin());
        wipe(bytes);
        return out;
    }

    base::Result<> requireAbsent(const std::filesystem::path& path)
    {
        std::error_code code;
        if (std::filesystem::exists(std::filesystem::symlink_status(path, code))) {
            return fail(Errc::Invalid,
                "the keystore " + path.string() + " exists already and is not overwritten");
        }
        return {};
    }

} // namespace

Keystore::Keystore(std::filesystem::path path, Entropy entropy, KeyPair identity)
    : m_path{ std::move(path) }
    , m_entropy{ std::move(entropy) }
    , m_identity{ std::move(identity) }
{
}

base::Result<Keystore> Keystore::create(
    const std::filesystem::path& path, std::string_view passphrase, const ScryptCost& cost)
{
    TRY(requireAbsent(path));
    Entropy entropy;
    randomBytes(entropy.mutableView());
    TRY_ASSIGN(KeyPair identity, identityOf(entropy));
    TRY(save(path, entropy, identity.publicKey(), passphrase, cost));
    return Keystore{ path, std::move(entropy), std::move(identity) };
}

base::Result<Keystore> Keystore::restore(const std::filesystem::path& path, std::string_view words,
    std::string_view passphrase, const ScryptCost& cost)
{
    TRY(requireAbsent(path));
    TRY_ASSIGN(KeyPair identity, identityFromMnemonic(words));
    TRY_ASSIGN(base::Bytes bytes, entropyFromMnemonic(words));
    Entropy entropy = toEntropy(std::move(bytes));
    TRY(save(path, entropy, identity.publicKey(), passphrase, cost));
    return Keystore{ path, std::move(entropy), std::move(identity) };
}

base::Result<Keystore> Keystore::unlock(
    const std::filesystem::path& path, std::string_view passphrase)
{
    TRY_ASSIGN(const Sealed sealed, load(path));
    base::Result<SymmetricKey> key = scrypt(base::asBytes(passphrase), sealed.salt, sealed.cost);
    if (!key && key.error().code == Errc::Invalid) {
        return damaged(path, key.error().message);
    }
    if (!key) {
        return tl::unexpected{ std::move(key).error() };
    }
    base::Result<base::Bytes> bytes = open(
        Aead::Aes256Gcm, *key, sealed.nonce, base::asBytes(sealed.header()), sealed.ciphertext);
    if (!bytes) {
        return fail(Errc::Denied,
            "wrong passphrase for the keystore " + path.string()
                + "; if it is lost, restore your identity from your 24 words");
    }
    Entropy entropy = toEntropy(std::move(*bytes));
    TRY_ASSIGN(KeyPair identity, identityOf(entropy));
    if (identity.publicKey() != sealed.publicKey) {
        return damaged(path, "its public key belongs to another identity");
    }
    return Keystore{ path, std::move(entropy), std::move(identity) };
}

base::Result<base::PublicKey> Keystore::peek(const std::filesystem::path& path)
{
    TRY_ASSIGN(const Sealed sealed, load(path));
    return sealed.publicKey;
}

std::string Keystore::words() const
{
    return mnemonicFromEntropy(m_entropy.view()).value_or(std::string{});
}

base::Result<> Keystore::changePassphrase(std::string_view passphrase, const ScryptCost& cost)
{
    return save(m_path, m_entropy, m_identity.publicKey(), passphrase, cost);
}

} // namespace loam::crypto
