// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/round_checkpoint.h"

#include "base/require.h"
#include "crypto/hash.h"
#include "training/trainer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    // The file never leaves the machine, so numbers are stored as they lie in memory.
    static_assert(std::endian::native == std::endian::little);

    constexpr std::string_view kMagic{ "LOAMTRC\x01", 8 };
    constexpr std::size_t kNumbers = 6;
    /// Magic, job, step, Adam's steps, three measurements, parameters.
    constexpr std::size_t kHeadBytes = 8 + 32 + kNumbers * 8;
    constexpr std::size_t kDigestBytes = 32;

    template <class Values> base::ByteView bytesOf(const Values& values)
    {
        return std::as_bytes(std::span{ values });
    }

    void append(base::Bytes& out, base::ByteView bytes)
    {
        out.insert(out.end(), bytes.begin(), bytes.end());
    }

} // namespace

base::Bytes RoundCheckpoint::encode() const
{
    const std::array<std::uint64_t, kNumbers> numbers{ step, adamSteps,
        std::bit_cast<std::uint64_t>(lossFirst), std::bit_cast<std::uint64_t>(lossLast),
        std::bit_cast<std::uint64_t>(seconds), weights.size() };
    base::Bytes out;
    out.reserve(kHeadBytes + 3 * weights.size() * sizeof(float) + kDigestBytes);
    append(out, base::asBytes(kMagic));
    append(out, job.view());
    append(out, bytesOf(numbers));
    for (const std::vector<float>* values : { &weights, &first, &second }) {
        ASSERT(values->size() == weights.size());
        append(out, bytesOf(*values));
    }
    append(out, crypto::sha256(out).view());
    return out;
}

Result<RoundCheckpoint> RoundCheckpoint::decode(base::ByteView bytes)
{
    if (bytes.size() < kHeadBytes + kDigestBytes || base::asText(bytes.first(8)) != kMagic) {
        return fail(Errc::Corrupt, "not a checkpoint of a round");
    }
    const base::ByteView content = bytes.first(bytes.size() - kDigestBytes);
    TRY_ASSIGN(const auto digest, base::Hash256::from(bytes.last(kDigestBytes)));
    if (crypto::sha256(content) != digest) {
        return fail(Errc::Corrupt, "a checkpoint of a round is damaged or cut off");
    }
    std::array<std::uint64_t, kNumbers> numbers{};
    std::memcpy(numbers.data(), content.data() + 40, sizeof numbers);
    const std::uint64_t parameters = numbers[5];
    const std::size_t rest = content.size() - kHeadBytes;
    if (numbers[0] > 0xFFFF'FFFFU || parameters > rest || parameters * 3 * sizeof(float) != rest) {
        return fail(Errc::Corrupt, "a checkpoint of a round contradicts itself");
    }
    RoundCheckpoint out;
    TRY_ASSIGN(out.job, base::Hash256::from(content.subspan(8, 32)));
    out.step = static_cast<std::uint32_t>(numbers[0]);
    out.adamSteps = numbers[1];
    out.lossFirst = std::bit_cast<double>(numbers[2]);
    out.lossLast = std::bit_cast<double>(numbers[3]);
    out.seconds = std::bit_cast<double>(numbers[4]);
    std::size_t offset = kHeadBytes;
    for (std::vector<float>* values : { &out.weights, &out.first, &out.second }) {
        values->resize(parameters);
        const std::span<std::byte> room = std::as_writable_bytes(std::span{ *values });
        std::ranges::copy(content.subspan(offset, room.size()), room.begin());
        offset += room.size();
    }
    return out;
}

base::Hash256 jobDigest(const TrainJob& job, const TrainerState& state, std::string_view deviceKind)
{
    const std::array<std::uint64_t, 4> numbers{ job.round, state.adamSteps, job.tokens.size(),
        deviceKind.size() };
    crypto::Sha256 hash;
    hash.update(base::asBytes("loam/training/checkpoint/v1")).update(bytesOf(numbers));
    hash.update(base::asBytes(deviceKind)).update(contentHash(job.manifest.encode()).view());
    hash.update(job.run.view()).update(job.node.view()).update(job.beacon.view());
    hash.update(bytesOf(job.base.values())).update(bytesOf(job.tokens));
    hash.update(bytesOf(state.first)).update(bytesOf(state.second));
    return hash.finish();
}

} // namespace loam::training
