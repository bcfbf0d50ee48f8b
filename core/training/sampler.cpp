// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/sampler.h"

#include "base/require.h"
#include "crypto/hash.h"

#include <array>
#include <string_view>

namespace loam::training {
namespace {

    std::array<std::byte, 8> bigEndian(std::uint64_t value)
    {
        std::array<std::byte, 8> out{};
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = static_cast<std::byte>((value >> (8U * (7U - i))) & 0xFFU);
        }
        return out;
    }

    base::Hash256 seedOf(std::string_view domain, const base::Hash256& beacon, base::ByteView whom,
        std::uint64_t round)
    {
        // The byte behind the domain keeps one domain from being the beginning of another.
        const std::array<std::byte, 1> end{};
        crypto::Sha256 hash;
        hash.update(base::asBytes(domain)).update(end).update(beacon.view()).update(whom);
        hash.update(bigEndian(round));
        return hash.finish();
    }

} // namespace

std::uint64_t SeededDraws::next()
{
    if (m_used == 4) {
        crypto::Sha256 hash;
        hash.update(m_seed.view()).update(bigEndian(m_counter++));
        m_block = hash.finish();
        m_used = 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        value = (value << 8U) | std::to_integer<std::uint64_t>(m_block.data[m_used * 8 + i]);
    }
    ++m_used;
    return value;
}

base::Hash256 dataSeed(
    const base::Hash256& beacon, const base::PublicKey& node, std::uint64_t round)
{
    return seedOf("loam/training/data/v1", beacon, node.view(), round);
}

base::Hash256 probeSeed(const base::Hash256& beacon, const base::Hash256& run, std::uint64_t round)
{
    return seedOf("loam/training/probe/v1", beacon, run.view(), round);
}

WindowSampler::WindowSampler(
    std::span<const ml::Token> tokens, std::size_t length, const base::Hash256& seed)
    : m_tokens{ tokens }
    , m_length{ length }
    , m_draws{ seed }
{
    ASSERT(length > 0 && tokens.size() > length);
}

std::size_t WindowSampler::nextStart()
{
    return static_cast<std::size_t>(m_draws.below(m_tokens.size() - m_length));
}

void WindowSampler::skip(std::uint64_t windows)
{
    for (std::uint64_t i = 0; i < windows; ++i) {
        static_cast<void>(nextStart());
    }
}

ml::TokenBatch WindowSampler::draw(std::size_t sequences)
{
    m_inputs.clear();
    m_targets.clear();
    for (std::size_t i = 0; i < sequences; ++i) {
        const auto window = m_tokens.subspan(nextStart(), m_length + 1);
        m_inputs.insert(m_inputs.end(), window.begin(), window.end() - 1);
        m_targets.insert(m_targets.end(), window.begin() + 1, window.end());
    }
    return { { sequences, m_length }, m_inputs, m_targets };
}

} // namespace loam::training
