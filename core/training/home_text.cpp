// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/home_text.h"

#include "base/require.h"
#include "crypto/hash.h"
#include "training/sampler.h"

#include <algorithm>
#include <array>

namespace loam::training {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kEveryNth = 10;
    constexpr std::size_t kFirstHeldOut = 4; ///< not the beginning, which is often a title
    constexpr std::size_t kMostHeldOut = 64;
    constexpr std::size_t kBlocks = 12;

} // namespace

Result<HomeText> HomeText::create(std::span<const ml::Token> tokens, std::size_t mostLength)
{
    if (tokens.size() < kFewestTokens) {
        return fail(Errc::Invalid,
            "there are only " + std::to_string(tokens.size())
                + " tokens of text to learn from; an adapter needs " + std::to_string(kFewestTokens)
                + " at least, and thousands to be of use");
    }
    ASSERT(mostLength > 0);
    HomeText out;
    out.m_tokens = tokens;
    out.m_length = std::min(mostLength, tokens.size() / kBlocks - 1);
    const std::size_t block = out.m_length + 1;
    std::size_t begin = 0;
    for (std::size_t i = kFirstHeldOut;
         (i + 1) * block <= tokens.size() && out.m_heldOut.size() < kMostHeldOut; i += kEveryNth) {
        out.addRegion(begin, i * block);
        out.m_heldOut.push_back(i * block);
        begin = (i + 1) * block;
    }
    out.addRegion(begin, tokens.size());
    return out;
}

void HomeText::addRegion(std::size_t begin, std::size_t end)
{
    if (end < begin + m_length + 1) {
        return;
    }
    m_regions.push_back({ begin, end, m_starts });
    m_starts += end - begin - m_length;
    m_trainedTokens += end - begin;
}

void HomeText::put(std::size_t begin)
{
    const auto window = m_tokens.subspan(begin, m_length + 1);
    m_inputs.insert(m_inputs.end(), window.begin(), window.end() - 1);
    m_targets.insert(m_targets.end(), window.begin() + 1, window.end());
}

ml::TokenBatch HomeText::draw(const base::Hash256& seed, std::uint64_t step, std::size_t sequences)
{
    std::array<std::byte, 8> counter{};
    for (std::size_t i = 0; i < counter.size(); ++i) {
        counter[i] = static_cast<std::byte>(step >> (8 * i) & 255U);
    }
    crypto::Sha256 hash;
    hash.update(base::asBytes("loam/training/home/v1")).update(seed.view()).update(counter);
    SeededDraws draws{ hash.finish() };
    m_inputs.clear();
    m_targets.clear();
    for (std::size_t i = 0; i < sequences; ++i) {
        const auto start = static_cast<std::size_t>(draws.below(m_starts));
        const auto after = std::ranges::upper_bound(m_regions, start, {}, &Region::startsBefore);
        const Region& region = *std::prev(after);
        put(region.begin + start - region.startsBefore);
    }
    return { { sequences, m_length }, m_inputs, m_targets };
}

ml::TokenBatch HomeText::heldOut(std::size_t first, std::size_t sequences)
{
    m_inputs.clear();
    m_targets.clear();
    const std::size_t count = std::min(sequences, m_heldOut.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
        put(m_heldOut[first + i]);
    }
    return { { count, m_length }, m_inputs, m_targets };
}

} // namespace loam::training
