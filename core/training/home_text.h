// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/transformer.h"

#include <cstdint>
#include <span>
#include <vector>

namespace loam::training {

/// The owner's text as an adapter sees it: every tenth block of length + 1 tokens (64 at most) is
/// held out, and no window that is trained on reaches into one of those.
class HomeText
{
public:
    /// Fewer tokens than this are too few to learn from and to hold something out.
    static constexpr std::size_t kFewestTokens = 256;

    /// `tokens` must outlive the object. `mostLength` is cut down so that there are about twelve
    /// blocks. Invalid for too little text.
    static base::Result<HomeText> create(std::span<const ml::Token> tokens, std::size_t mostLength);

    std::size_t length() const { return m_length; }
    std::size_t heldOutBlocks() const { return m_heldOut.size(); }
    /// Tokens that may be trained on.
    std::size_t trainedTokens() const { return m_trainedTokens; }

    /// `sequences` windows whose places follow from seed and step alone; valid until the next call.
    ml::TokenBatch draw(const base::Hash256& seed, std::uint64_t step, std::size_t sequences);
    /// Held-out blocks from number `first` on, at most `sequences`; valid until the next call.
    ml::TokenBatch heldOut(std::size_t first, std::size_t sequences);

private:
    HomeText() = default;
    /// Tokens [begin, end) that lie together and are trained on.
    struct Region
    {
        std::size_t begin{ 0 };
        std::size_t end{ 0 };
        std::size_t startsBefore{ 0 }; ///< windows that begin in earlier regions
    };
    void addRegion(std::size_t begin, std::size_t end);
    void put(std::size_t begin);

    std::span<const ml::Token> m_tokens;
    std::size_t m_length{ 0 };
    std::vector<std::size_t> m_heldOut; ///< first tokens of the blocks
    std::vector<Region> m_regions;
    std::size_t m_starts{ 0 }; ///< places where a window may begin
    std::size_t m_trainedTokens{ 0 };
    std::vector<ml::Token> m_inputs;
    std::vector<ml::Token> m_targets;
};

} // namespace loam::training
