// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string_view>

namespace loam::crypto {

/// The English word list of BIP-39 (resources/bip39-english.txt), in ascending order.
extern const std::array<std::string_view, 2048> kBip39Words;

} // namespace loam::crypto
