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

    constexpr std::size_t kMostHeldOut = 64;
    constexpr std::size_t kWindows = 12;

} // namespace

Result<HomeText> HomeText::create(
    std::span<const ml::Token> tokens, std::span<const ml::Token> heldOut, std::size_t mostLength)
{
    if (tokens.size() < kFewestTokens || heldOut.size() < kFewestHeldOut) {
        return fail(Errc::Invalid,
            "there are only " + std::to_string(tokens.size()) + " tokens of text to learn from and "
                + std::to_string(heldOut.size()) + " to measure on; an adapter needs "
                + std::to_string(kFewestTokens) + " and " + std::to_string(kFewestHeldOut)
                + " at least, and thousands to be of use");
    }
    ASSERT(mostLength > 0);
    HomeText out;
    out.m_tokens = tokens;
    out.m_heldOut = heldOut;
    out.m_length = std::min({ mostLength, tokens.size() / kWindows - 1, heldOut.size() - 1 });
    out.m_blocks = std::min(kMostHeldOut, heldOut.size() / (out.m_length + 1));
    return out;
}

void HomeText::put(std::span<const ml::Token> text, std::size_t begin)
{
    const auto window = text.subspan(begin, m_length + 1);
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
        put(m_tokens, static_cast<std::size_t>(draws.below(m_tokens.size() - m_length)));
    }
    return { { sequences, m_length }, m_inputs, m_targets };
}

ml::TokenBatch HomeText::heldOut(std::size_t first, std::size_t sequences)
{
    m_inputs.clear();
    m_targets.clear();
    const std::size_t count = std::min(sequences, m_blocks - first);
    // Evenly over the whole of it where there are more than are measured.
    const std::size_t all = m_heldOut.size() / (m_length + 1);
    for (std::size_t i = 0; i < count; ++i) {
        put(m_heldOut, (first + i) * all / m_blocks * (m_length + 1));
    }
    return { { count, m_length }, m_inputs, m_targets };
}

} // namespace loam::training
