// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/ed25519.h"

#include <string>
#include <vector>

namespace loam::crypto {

/// 32 bytes of entropy behind the 24 words.
using Entropy = SecretBytes<struct EntropyTag, 32>;

/// The words of BIP-39 (English list) for 16 to 32 bytes of entropy, a multiple of 4.
base::Result<std::string> mnemonicFromEntropy(base::ByteView entropy);
/// Entropy behind the words; checks count, every word and the checksum, and names the wrong word.
/// Case and surplus white space do not matter.
base::Result<base::Bytes> entropyFromMnemonic(std::string_view words);
/// The 64-byte seed of BIP-39.
std::array<std::byte, 64> seedFromMnemonic(std::string_view words, std::string_view passphrase);
/// SLIP-0010 Ed25519 derivation along a path of hardened indices ("m/44'/6243'/0'").
base::Result<Seed> deriveSlip10(base::ByteView seed, std::string_view path);
/// Loam's identity key of 24 words: BIP-39 without passphrase, then m/44'/6243'/0'.
base::Result<KeyPair> identityFromMnemonic(std::string_view words);

} // namespace loam::crypto
