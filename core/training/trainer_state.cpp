// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/require.h"
#include "crypto/hash.h"
#include "training/trainer.h"

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

    constexpr std::string_view kMagic{ "LOAMTRS\x01", 8 };
    /// Magic, run, round, Adam's steps, parameters, bytes of the pending update.
    constexpr std::size_t kHeadBytes = 8 + 32 + 4 * 8;
    constexpr std::size_t kDigestBytes = 32;

    void append(base::Bytes& out, base::ByteView bytes)
    {
        out.insert(out.end(), bytes.begin(), bytes.end());
    }

    void append(base::Bytes& out, std::uint64_t value)
    {
        append(out, std::as_bytes(std::span{ &value, 1 }));
    }

    std::uint64_t numberAt(base::ByteView bytes, std::size_t offset)
    {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes.data() + offset, sizeof value);
        return value;
    }

    std::vector<float> floatsAt(base::ByteView bytes, std::size_t offset, std::size_t count)
    {
        std::vector<float> values(count);
        std::memcpy(values.data(), bytes.data() + offset, count * sizeof(float));
        return values;
    }

} // namespace

TrainerState TrainerState::fresh(const base::Hash256& run, std::size_t parameters)
{
    TrainerState state;
    state.run = run;
    state.first.assign(parameters, 0.0F);
    state.second.assign(parameters, 0.0F);
    state.error.assign(parameters, 0.0F);
    return state;
}

Result<> TrainerState::settle(const ChunkLayout& layout, bool applied)
{
    if (pending.empty()) {
        return {};
    }
    if (applied) {
        ASSERT(error.size() == layout.parameters());
        // The keep count is the body's own: it was written by this node.
        TRY_ASSIGN(const std::uint16_t keep, keepPerChunkOf(pending));
        TRY_ASSIGN(const Update sent, decodeUpdate(pending, layout, keep));
        subtractSent(error, sent.values);
    }
    pending.clear();
    return {};
}

base::Bytes TrainerState::encode() const
{
    base::Bytes out;
    out.reserve(kHeadBytes + 3 * error.size() * sizeof(float) + pending.size() + kDigestBytes);
    append(out, base::asBytes(kMagic));
    append(out, run.view());
    append(out, round);
    append(out, adamSteps);
    append(out, error.size());
    append(out, pending.size());
    for (const std::vector<float>* values : { &first, &second, &error }) {
        ASSERT(values->size() == error.size());
        append(out, std::as_bytes(std::span{ *values }));
    }
    append(out, pending);
    append(out, crypto::sha256(out).view());
    return out;
}

Result<TrainerState> TrainerState::decode(
    base::ByteView bytes, const base::Hash256& run, std::size_t parameters)
{
    if (bytes.size() < kHeadBytes + kDigestBytes || base::asText(bytes.first(8)) != kMagic) {
        return fail(Errc::Corrupt, "not a trainer's state");
    }
    const base::ByteView content = bytes.first(bytes.size() - kDigestBytes);
    TRY_ASSIGN(const auto digest, base::Hash256::from(bytes.last(kDigestBytes)));
    if (crypto::sha256(content) != digest) {
        return fail(Errc::Corrupt, "a trainer's state is damaged or cut off");
    }
    TrainerState state;
    TRY_ASSIGN(state.run, base::Hash256::from(content.subspan(8, 32)));
    if (state.run != run) {
        return fail(Errc::Invalid, "a trainer's state is of another run");
    }
    state.round = numberAt(content, 40);
    state.adamSteps = numberAt(content, 48);
    const std::uint64_t pendingBytes = numberAt(content, 64);
    const std::size_t block = parameters * sizeof(float);
    if (numberAt(content, 56) != parameters || content.size() < kHeadBytes + 3 * block
        || pendingBytes != content.size() - kHeadBytes - 3 * block) {
        return fail(Errc::Invalid, "a trainer's state is of another model");
    }
    state.first = floatsAt(content, kHeadBytes, parameters);
    state.second = floatsAt(content, kHeadBytes + block, parameters);
    state.error = floatsAt(content, kHeadBytes + 2 * block, parameters);
    state.pending = base::toBytes(content.subspan(kHeadBytes + 3 * block));
    return state;
}

} // namespace loam::training
