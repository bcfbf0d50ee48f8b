// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/home_checkpoint.h"

#include "base/require.h"
#include "crypto/hash.h"

#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <string_view>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    // The file never leaves the machine, so numbers are stored as they lie in memory.
    static_assert(std::endian::native == std::endian::little);

    constexpr std::string_view kMagic{ "LOAMHAC\x01", 8 };
    constexpr std::size_t kHash = 32;
    constexpr std::size_t kNumbers = 9;
    constexpr std::size_t kNumbersAt = 8 + 2 * kHash;
    constexpr std::size_t kHeadBytes = kNumbersAt + kNumbers * 8;

    template <class Values> void append(base::Bytes& out, const Values& values)
    {
        const auto bytes = std::as_bytes(std::span{ values });
        out.insert(out.end(), bytes.begin(), bytes.end());
    }

} // namespace

base::Bytes HomeCheckpoint::encode() const
{
    ASSERT(best.size() == values.size() && second.size() == first.size());
    const std::array<std::uint64_t, kNumbers> numbers{ step, bestStep, withoutGain, adamSteps,
        std::bit_cast<std::uint64_t>(lossBefore), std::bit_cast<std::uint64_t>(bestLoss),
        std::bit_cast<std::uint64_t>(seconds), values.size(), first.size() };
    base::Bytes out;
    out.reserve(kHeadBytes + 2 * (values.size() + first.size()) * sizeof(float) + kHash);
    append(out, kMagic);
    append(out, job.data);
    append(out, text.data);
    append(out, numbers);
    for (const std::vector<float>* part : { &values, &best, &first, &second }) {
        append(out, *part);
    }
    append(out, crypto::sha256(out).data);
    return out;
}

Result<HomeCheckpoint> HomeCheckpoint::decode(base::ByteView bytes)
{
    if (bytes.size() < kHeadBytes + kHash || base::asText(bytes.first(8)) != kMagic) {
        return fail(Errc::Corrupt, "not a checkpoint of an adapter");
    }
    const base::ByteView content = bytes.first(bytes.size() - kHash);
    TRY_ASSIGN(const auto digest, base::Hash256::from(bytes.last(kHash)));
    if (crypto::sha256(content) != digest) {
        return fail(Errc::Corrupt, "a checkpoint of an adapter is damaged or cut off");
    }
    std::array<std::uint64_t, kNumbers> numbers{};
    std::memcpy(numbers.data(), content.data() + kNumbersAt, sizeof numbers);
    const std::uint64_t floats = (content.size() - kHeadBytes) / sizeof(float);
    const std::uint64_t values = numbers[7];
    const std::uint64_t trained = numbers[8];
    constexpr std::uint64_t kMost = 0xFFFF'FFFFU;
    if (numbers[0] > kMost || numbers[1] > kMost || numbers[2] > kMost || values > floats
        || trained > floats || 2 * (values + trained) != floats
        || (content.size() - kHeadBytes) % sizeof(float) != 0) {
        return fail(Errc::Corrupt, "a checkpoint of an adapter contradicts itself");
    }
    HomeCheckpoint out;
    TRY_ASSIGN(out.job, base::Hash256::from(content.subspan(8, kHash)));
    TRY_ASSIGN(out.text, base::Hash256::from(content.subspan(8 + kHash, kHash)));
    out.step = static_cast<std::uint32_t>(numbers[0]);
    out.bestStep = static_cast<std::uint32_t>(numbers[1]);
    out.withoutGain = static_cast<std::uint32_t>(numbers[2]);
    out.adamSteps = numbers[3];
    out.lossBefore = std::bit_cast<double>(numbers[4]);
    out.bestLoss = std::bit_cast<double>(numbers[5]);
    out.seconds = std::bit_cast<double>(numbers[6]);
    std::size_t offset = kHeadBytes;
    const auto take = [&content, &offset](std::vector<float>& part, std::uint64_t count) {
        part.resize(static_cast<std::size_t>(count));
        const std::size_t size = part.size() * sizeof(float);
        std::memcpy(part.data(), content.data() + offset, size);
        offset += size;
    };
    take(out.values, values);
    take(out.best, values);
    take(out.first, trained);
    take(out.second, trained);
    return out;
}

} // namespace loam::training
