// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

namespace loam::base {

/// Human-readable part of every Loam node and account address.
inline constexpr std::string_view kAddressPrefix = "loam";

/// Bech32m (BIP-350) text of `payload` with the prefix `hrp`, lower case.
std::string toBech32m(std::string_view hrp, ByteView payload);

/// Payload of a Bech32m text; checks prefix, case, checksum and padding. A single typing error
/// is always found.
Result<Bytes> fromBech32m(std::string_view hrp, std::string_view text);

/// "loam1..." for a public key.
std::string toAddress(const PublicKey& key);
/// The public key behind "loam1..."; the message says what is wrong with the text.
Result<PublicKey> fromAddress(std::string_view text);

} // namespace loam::base
