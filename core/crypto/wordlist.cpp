// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/wordlist.h"

#include <algorithm>

namespace loam::crypto {

constexpr std::array<std::string_view, 2048> kBip39Words{
#include "bip39_words.inc"
};
static_assert(std::ranges::is_sorted(kBip39Words));
static_assert(!kBip39Words.back().empty());

} // namespace loam::crypto
