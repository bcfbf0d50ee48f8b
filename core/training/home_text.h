// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/transformer.h"

#include <cstdint>
#include <span>
#include <vector>

namespace loam::training {

/// The owner's text as an adapter sees it: windows of what it is trained on, and blocks side by
/// side, 64 at most, of what is held out.
class HomeText
{
public:
    /// Fewer tokens than this are too few to learn from, or to measure on.
    static constexpr std::size_t kFewestTokens = 200;
    static constexpr std::size_t kFewestHeldOut = 12;

    /// Both texts must outlive the object. `mostLength` is cut down so that there are about twelve
    /// windows of the one and a block of the other. Invalid for too little text.
    static base::Result<HomeText> create(std::span<const ml::Token> tokens,
        std::span<const ml::Token> heldOut, std::size_t mostLength);

    std::size_t length() const { return m_length; }
    std::size_t heldOutBlocks() const { return m_blocks; }
    /// `sequences` windows whose places follow from seed and step alone; valid until the next call.
    ml::TokenBatch draw(const base::Hash256& seed, std::uint64_t step, std::size_t sequences);
    /// Held-out blocks from number `first` on, at most `sequences`; valid until the next call.
    ml::TokenBatch heldOut(std::size_t first, std::size_t sequences);

private:
    HomeText() = default;
    void put(std::span<const ml::Token> text, std::size_t begin);

    std::span<const ml::Token> m_tokens;
    std::size_t m_length{ 0 };
    std::span<const ml::Token> m_heldOut;
    std::size_t m_blocks{ 0 };
    std::vector<ml::Token> m_inputs;
    std::vector<ml::Token> m_targets;
};

} // namespace loam::training
