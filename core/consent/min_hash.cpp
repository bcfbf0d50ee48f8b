// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/min_hash.h"

#include "consent/ascii.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace loam::consent {

namespace {

    constexpr std::size_t kShingle = 5;
    constexpr std::size_t kMinWords = 20;
    constexpr std::size_t kBandRows = MinHash::kValues / MinHash::kBands;

    /// Finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that mixes all bits.
    std::uint64_t mix(std::uint64_t x)
    {
        x ^= x >> 30U;
        x *= 0xbf58476d1ce4e5b9ULL;
        x ^= x >> 27U;
        x *= 0x94d049bb133111ebULL;
        return x ^ (x >> 31U);
    }

    bool isWordSign(char c)
    {
        return ascii::isAlnum(c) || ascii::isHigh(c);
    }

} // namespace

std::optional<MinHash> MinHash::of(std::string_view text)
{
    MinHash out;
    out.values.fill(std::numeric_limits<std::uint32_t>::max());
    std::array<std::uint64_t, kShingle> window{};
    std::size_t words = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (!isWordSign(text[at])) {
            ++at;
            continue;
        }
        std::uint64_t word = 0xcbf29ce484222325ULL; // FNV-1a
        for (; at < text.size() && isWordSign(text[at]); ++at) {
            word = (word ^ static_cast<unsigned char>(ascii::lower(text[at]))) * 0x100000001b3ULL;
        }
        window.at(words % kShingle) = word;
        if (++words < kShingle) {
            continue;
        }
        std::uint64_t shingle = 0;
        for (std::size_t i = 0; i < kShingle; ++i) {
            shingle = mix(shingle + window.at((words + i) % kShingle));
        }
        for (std::size_t i = 0; i < kValues; ++i) {
            const auto value
                = static_cast<std::uint32_t>(mix(shingle + 0x9e3779b97f4a7c15ULL * (i + 1)) >> 32U);
            out.values.at(i) = std::min(out.values.at(i), value);
        }
    }
    return words < kMinWords ? std::nullopt : std::optional{ out };
}

double MinHash::similarity(const MinHash& other) const
{
    std::size_t equal = 0;
    for (std::size_t i = 0; i < kValues; ++i) {
        equal += values.at(i) == other.values.at(i) ? 1U : 0U;
    }
    return static_cast<double>(equal) / static_cast<double>(kValues);
}

std::array<std::uint64_t, MinHash::kBands> MinHash::bands() const
{
    std::array<std::uint64_t, kBands> out{};
    for (std::size_t band = 0; band < kBands; ++band) {
        std::uint64_t hash = band + 1;
        for (std::size_t row = 0; row < kBandRows; ++row) {
            hash = mix(hash + values.at(band * kBandRows + row));
        }
        out.at(band) = hash;
    }
    return out;
}

base::Bytes MinHash::encode() const
{
    base::Bytes out;
    out.reserve(kValues * 4);
    for (const std::uint32_t value : values) {
        for (unsigned shift = 0; shift < 32; shift += 8) {
            out.push_back(static_cast<std::byte>(value >> shift));
        }
    }
    return out;
}

base::Result<MinHash> MinHash::decode(base::ByteView bytes)
{
    if (bytes.size() != kValues * 4) {
        return base::fail(base::Errc::Corrupt, "a stored text sketch has the wrong size");
    }
    MinHash out;
    for (std::size_t i = 0; i < kValues; ++i) {
        for (std::size_t k = 0; k < 4; ++k) {
            out.values.at(i) |= std::to_integer<std::uint32_t>(bytes[i * 4 + k]) << (8 * k);
        }
    }
    return out;
}

} // namespace loam::consent
