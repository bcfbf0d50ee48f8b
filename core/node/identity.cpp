// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/identity.h"

#include "base/bech32m.h"
#include "codec/envelope.h"
#include "crypto/kdf.h"

#include <QDateTime>

namespace loam::node {

using base::Errc;

namespace {

    base::Bytes textSigningInput(std::string_view text)
    {
        return codec::signingInput("text", base::NetworkId{}, base::asBytes(text));
    }

} // namespace

base::Result<Identity> Identity::open(const Home& home)
{
    Identity identity{ home };
    std::error_code code;
    if (!std::filesystem::exists(home.keystore(), code)) {
        TRY_ASSIGN(identity.m_keystore, crypto::Keystore::create(home.keystore(), {}));
        identity.m_public = identity.m_keystore->identity().publicKey();
        return identity;
    }
    TRY_ASSIGN(identity.m_public, crypto::Keystore::peek(home.keystore()));
    auto opened = crypto::Keystore::unlock(home.keystore(), {});
    if (opened) {
        identity.m_keystore = std::move(*opened);
    } else if (opened.error().code == Errc::Denied) {
        identity.m_hasPassphrase = true;
    } else {
        return tl::unexpected{ std::move(opened).error() };
    }
    return identity;
}

std::string Identity::address() const
{
    return base::toAddress(m_public);
}

const crypto::KeyPair* Identity::key() const
{
    return m_keystore ? &m_keystore->identity() : nullptr;
}

base::Result<base::Signature> Identity::signText(std::string_view text) const
{
    if (!isUnlocked()) {
        return base::fail(Errc::Denied, "the wallet is locked; unlock it first");
    }
    return key()->sign(textSigningInput(text));
}

bool Identity::verifyText(
    const base::PublicKey& key, std::string_view text, const base::Signature& signature)
{
    return crypto::verify(key, textSigningInput(text), signature);
}

base::Result<crypto::SymmetricKey> Identity::deriveKey(
    std::string_view purpose, std::string_view name) const
{
    if (!isUnlocked()) {
        return base::fail(
            Errc::Denied, "the wallet is locked, and this is sealed with its key; unlock it first");
    }
    return crypto::hkdfKey(key()->seed().view(), base::asBytes(name), base::asBytes(purpose));
}

base::Result<> Identity::unlock(std::string_view passphrase)
{
    TRY_ASSIGN(m_keystore, crypto::Keystore::unlock(m_home.keystore(), passphrase));
    return {};
}

void Identity::lock()
{
    m_keystore.reset();
}

base::Result<std::string> Identity::words(std::string_view passphrase) const
{
    TRY_ASSIGN(const auto opened, crypto::Keystore::unlock(m_home.keystore(), passphrase));
    return opened.words();
}

base::Result<> Identity::changePassphrase(std::string_view old, std::string_view replacement)
{
    TRY_ASSIGN(auto opened, crypto::Keystore::unlock(m_home.keystore(), old));
    TRY(opened.changePassphrase(replacement));
    m_keystore = std::move(opened);
    m_hasPassphrase = !replacement.empty();
    return {};
}

base::Result<> Identity::restore(std::string_view words, std::string_view passphrase)
{
    // Checked before the old file is touched.
    TRY(crypto::identityFromMnemonic(words));
    const std::string stamp
        = QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd-HHmmss")).toStdString();
    const std::filesystem::path kept = m_home.keystore().string() + '.' + stamp + ".bak";
    std::error_code code;
    std::filesystem::rename(m_home.keystore(), kept, code);
    if (code) {
        return base::fail(
            Errc::Io, "cannot keep the old keystore as " + kept.string() + ": " + code.message());
    }
    auto restored = crypto::Keystore::restore(m_home.keystore(), words, passphrase);
    if (!restored) {
        std::filesystem::rename(kept, m_home.keystore(), code);
        return tl::unexpected{ std::move(restored).error() };
    }
    m_keystore = std::move(*restored);
    m_public = m_keystore->identity().publicKey();
    m_hasPassphrase = !passphrase.empty();
    return {};
}

} // namespace loam::node
