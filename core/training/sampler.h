// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "ml/transformer.h"

#include <cstdint>
#include <span>
#include <vector>

namespace loam::training {

/// Numbers drawn from a seed by SHA-256 in counter mode, equal on every machine.
class SeededDraws
{
public:
    explicit SeededDraws(const base::Hash256& seed)
        : m_seed{ seed }
    {
    }
    std::uint64_t next();
    /// 0 .. bound - 1 (bound > 0); the bias is below bound / 2^64.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }

private:
    base::Hash256 m_seed;
    base::Hash256 m_block{};
    std::uint64_t m_counter{ 0 };
    std::size_t m_used{ 4 };
};

/// What a node trains on in a round: SHA-256("loam/training/data/v1" 0x00 beacon node round).
/// The beacon comes after registration, so nobody chooses his own windows.
base::Hash256 dataSeed(
    const base::Hash256& beacon, const base::PublicKey& node, std::uint64_t round);
/// What a round is scored on: SHA-256("loam/training/probe/v1" 0x00 beacon run round).
base::Hash256 probeSeed(const base::Hash256& beacon, const base::Hash256& run, std::uint64_t round);

/// Draws windows of consecutive tokens, each with its successors as targets.
class WindowSampler
{
public:
    /// `tokens` must outlive the object and hold at least `length` + 1 tokens.
    WindowSampler(std::span<const ml::Token> tokens, std::size_t length, const base::Hash256& seed);

    /// The next `sequences` windows; valid until the next call.
    ml::TokenBatch draw(std::size_t sequences);
    /// As if so many windows had been drawn.
    void skip(std::uint64_t windows);

private:
    std::size_t nextStart();

    std::span<const ml::Token> m_tokens;
    std::size_t m_length;
    SeededDraws m_draws;
    std::vector<ml::Token> m_inputs;
    std::vector<ml::Token> m_targets;
};

} // namespace loam::training
