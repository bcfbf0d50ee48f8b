// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "ml/backend.h"
#include "ml/chunk_packer.h"

#include <cstdint>
#include <span>
#include <vector>

namespace loam::training {

using ml::kChunkValues;
/// `keepPerChunk` that sends every value as binary16 instead of a selection of 2-bit values.
inline constexpr std::uint16_t kDense = 0;

/// How a flat parameter buffer is cut: each tensor, flattened, into chunks of 4,096 values; the
/// last chunk of a tensor is shorter (the padding is neither chosen nor sent).
class ChunkLayout
{
public:
    struct Chunk
    {
        std::size_t offset{ 0 }; ///< into the flat buffer
        std::uint32_t values{ 0 }; ///< 1..kChunkValues
    };

    /// `tensorSizes`: values of each tensor in the buffer's order; empty tensors are skipped.
    explicit ChunkLayout(std::span<const std::size_t> tensorSizes);

    std::size_t parameters() const { return m_parameters; }
    const std::vector<Chunk>& chunks() const { return m_chunks; }

private:
    std::size_t m_parameters{ 0 };
    std::vector<Chunk> m_chunks;
};

/// What an update says about itself, all of it covered by the hash of the body.
struct UpdateHeader
{
    base::Hash256 run; ///< identity of the run
    base::PublicKey node; ///< who trained
    base::Hash256 baseParams; ///< hash of the parameters it starts from
    std::uint64_t round{ 0 };
    std::uint64_t tokens{ 0 }; ///< tokens trained on in this round

    bool operator==(const UpdateHeader&) const = default;
};

/// A decoded update: what the network will take the contribution to be.
struct Update
{
    UpdateHeader header;
    std::vector<float> values; ///< (parameters), zero where nothing was sent; all finite

    /// Euclidean norm, summed in double precision in index order.
    double norm() const;
};

/// Bytes of the fixed header in front of the chunks.
inline constexpr std::size_t kUpdateHeaderBytes = 130;

/// Compresses `accumulated` (parameters) into the body that travels (docs/protocol-training.md).
/// Keeps the `keepPerChunk` largest magnitudes of each chunk, ties to the lower index, as sign and
/// one of two magnitudes; kDense sends binary16 values, kChunkValues sends two bits for each value.
/// Fails with Invalid when a value is not finite or the size does not match.
base::Result<base::Bytes> encodeUpdate(const UpdateHeader& header, const ChunkLayout& layout,
    std::uint16_t keepPerChunk, std::span<const float> accumulated);

/// The same, chosen and packed on a device, in pieces of bounded size. Cancelled after an
/// interrupt, Unavailable without memory there. What is chosen is the same everywhere.
base::Result<base::Bytes> encodeUpdate(const UpdateHeader& header, const ChunkLayout& layout,
    std::uint16_t keepPerChunk, std::span<const float> accumulated, ml::Backend& backend);

/// Strict inverse: there is one body for each update, everything else is Invalid with the reason.
/// Memory is bounded by the layout, whatever the body announces.
base::Result<Update> decodeUpdate(
    base::ByteView body, const ChunkLayout& layout, std::uint16_t keepPerChunk);

/// The header alone, for routing a body before its run's layout is at hand.
base::Result<UpdateHeader> decodeUpdateHeader(base::ByteView body);

/// How many of each 4,096 values a body says it keeps.
base::Result<std::uint16_t> keepPerChunkOf(base::ByteView body);

/// Upper bound of a body's size, for limits before reading it.
std::size_t maximumUpdateBytes(const ChunkLayout& layout, std::uint16_t keepPerChunk);

/// Error feedback of SparseLoCo: e <- decay e + delta, both (parameters).
void accumulate(std::span<float> error, std::span<const float> delta, float decay);
/// e <- e - sent: only once the contribution was applied in a closed round.
void subtractSent(std::span<float> error, std::span<const float> sent);

} // namespace loam::training
