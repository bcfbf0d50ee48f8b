// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace loam::consent {

/// A sketch of a text's set of five-word sequences (Broder 1997): the share of equal positions of
/// two sketches estimates the Jaccard similarity of the sets, with a standard error below 0.065.
struct MinHash
{
    static constexpr std::size_t kValues = 60;
    static constexpr std::size_t kBands = 12; ///< five values each: J = 0.8 shares one in 99 %
    static constexpr double kNearDuplicate = 0.8;

    std::array<std::uint32_t, kValues> values{};

    /// Nothing for texts of fewer than 20 words, whose similarity says little.
    static std::optional<MinHash> of(std::string_view text);
    double similarity(const MinHash& other) const;
    /// Equal bands make two texts candidates (locality-sensitive hashing).
    std::array<std::uint64_t, kBands> bands() const;

    base::Bytes encode() const;
    static base::Result<MinHash> decode(base::ByteView bytes);
};

} // namespace loam::consent
