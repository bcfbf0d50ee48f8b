// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/keystore.h"
#include "node/home.h"

#include <optional>
#include <string>

namespace loam::node {

/// The owner's keys in this process: made on the first start with an empty passphrase, unlocked at
/// once as long as it stays empty, otherwise locked until the owner unlocks them.
class Identity
{
public:
    /// Fails with Corrupt (and the remedy) when the keystore is damaged.
    static base::Result<Identity> open(const Home& home);

    const base::PublicKey& publicKey() const { return m_public; }
    std::string address() const;
    bool isUnlocked() const { return m_keystore.has_value(); }
    /// Nothing while locked.
    const crypto::KeyPair* key() const;
    /// Whether anything but the file itself protects the keys.
    bool hasPassphrase() const { return m_hasPassphrase; }

    /// Signature of a text under a type of its own, so that no text is ever a transaction;
    /// Denied while locked.
    base::Result<base::Signature> signText(std::string_view text) const;
    static bool verifyText(
        const base::PublicKey& key, std::string_view text, const base::Signature& signature);

    /// A key of its own for one thing of one purpose, the same whenever the identity is the same;
    /// Denied while locked.
    base::Result<crypto::SymmetricKey> deriveKey(
        std::string_view purpose, std::string_view name) const;

    base::Result<> unlock(std::string_view passphrase);
    void lock();
    /// The 24 words; Denied for a wrong passphrase.
    base::Result<std::string> words(std::string_view passphrase) const;
    base::Result<> changePassphrase(std::string_view old, std::string_view replacement);
    /// Replaces the identity by that of the words. The old keystore is kept beside as
    /// keystore.json.<time>.bak.
    base::Result<> restore(std::string_view words, std::string_view passphrase);

private:
    explicit Identity(Home home)
        : m_home{ std::move(home) }
    {
    }
    Home m_home;
    base::PublicKey m_public;
    std::optional<crypto::Keystore> m_keystore;
    bool m_hasPassphrase{ false };
};

} // namespace loam::node
