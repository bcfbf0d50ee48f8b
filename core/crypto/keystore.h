// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/kdf.h"
#include "crypto/mnemonic.h"

#include <filesystem>

namespace loam::crypto {

/// The file that holds the 24 words' entropy, encrypted with the owner's passphrase:
/// JSON with scrypt (N=2^17, r=8, p=1) and AES-256-GCM. Written atomically, readable by the owner.
class Keystore
{
public:
    /// Creates a new identity; fails with Invalid when the file exists already.
    static base::Result<Keystore> create(const std::filesystem::path& path,
        std::string_view passphrase, const ScryptCost& cost = {});
    /// Restores an identity from its words into a new file.
    static base::Result<Keystore> restore(const std::filesystem::path& path, std::string_view words,
        std::string_view passphrase, const ScryptCost& cost = {});
    /// Denied for a wrong passphrase, Corrupt for a damaged file (the message names the remedy).
    static base::Result<Keystore> unlock(
        const std::filesystem::path& path, std::string_view passphrase);
    /// The public key without unlocking.
    static base::Result<base::PublicKey> peek(const std::filesystem::path& path);

    const KeyPair& identity() const { return m_identity; }
    /// The 24 words, for showing to their owner.
    std::string words() const;
    /// Re-encrypts the file under another passphrase.
    base::Result<> changePassphrase(std::string_view passphrase, const ScryptCost& cost = {});

private:
    Keystore(std::filesystem::path path, Entropy entropy, KeyPair identity);
    std::filesystem::path m_path;
    Entropy m_entropy;
    KeyPair m_identity;
};

} // namespace loam::crypto
