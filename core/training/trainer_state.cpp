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
    /// Magic, run, round, Adam's steps, tensors, bytes of the pending update.
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

TrainerState TrainerState::fresh(const base::Hash256& run, const ml::ParameterTable& table)
{
    TrainerState state;
    state.run = run;
    state.tensorSizes = tensorSizesOf(table);
    state.first.assign(table.count(), 0.0F);
    state.second.assign(table.count(), 0.0F);
    state.error.assign(table.count(), 0.0F);
    return state;
}

Result<> TrainerState::settle(bool applied)
{
    if (pending.empty()) {
        return {};
    }
    if (applied) {
        // This node wrote the body itself, so how many it keeps is not in question.
        TRY_ASSIGN(const std::uint16_t keep, keepPerChunkOf(pending));
        TRY_ASSIGN(const Update sent, decodeUpdate(pending, ChunkLayout{ tensorSizes }, keep));
        subtractSent(error, sent.values);
    }
    pending.clear();
    return {};
}

base::Bytes TrainerState::encode() const
{
    base::Bytes out;
    out.reserve(kHeadBytes + tensorSizes.size() * 8 + 3 * error.size() * sizeof(float)
        + pending.size() + kDigestBytes);
    append(out, base::asBytes(kMagic));
    append(out, run.view());
    append(out, round);
    append(out, adamSteps);
    append(out, tensorSizes.size());
    append(out, pending.size());
    for (const std::size_t size : tensorSizes) {
        append(out, size);
    }
    for (const std::vector<float>* values : { &first, &second, &error }) {
        ASSERT(values->size() == error.size());
        append(out, std::as_bytes(std::span{ *values }));
    }
    append(out, pending);
    append(out, crypto::sha256(out).view());
    return out;
}

Result<TrainerState> TrainerState::decode(base::ByteView bytes)
{
    if (bytes.size() < kHeadBytes + kDigestBytes || base::asText(bytes.first(8)) != kMagic) {
        return fail(Errc::Corrupt, "not a trainer's state");
    }
    // The digest also says that the sizes inside are our own; they are bounded all the same.
    base::ByteView content = bytes.first(bytes.size() - kDigestBytes);
    TRY_ASSIGN(const auto digest, base::Hash256::from(bytes.last(kDigestBytes)));
    if (crypto::sha256(content) != digest) {
        return fail(Errc::Corrupt, "a trainer's state is damaged or cut off");
    }
    TrainerState state;
    TRY_ASSIGN(state.run, base::Hash256::from(content.subspan(8, 32)));
    state.round = numberAt(content, 40);
    state.adamSteps = numberAt(content, 48);
    const std::uint64_t tensors = numberAt(content, 56);
    const std::uint64_t pendingBytes = numberAt(content, 64);
    content = content.subspan(kHeadBytes);
    if (tensors > content.size() / 8) {
        return fail(Errc::Corrupt, "a trainer's state contradicts itself");
    }
    std::size_t parameters = 0;
    for (std::size_t i = 0; i < tensors; ++i) {
        const std::uint64_t size = numberAt(content, i * 8);
        if (size > content.size()) {
            return fail(Errc::Corrupt, "a trainer's state contradicts itself");
        }
        state.tensorSizes.push_back(size);
        parameters += size;
    }
    content = content.subspan(tensors * 8);
    const std::size_t block = parameters * sizeof(float);
    if (parameters > content.size() || 3 * block > content.size()
        || pendingBytes != content.size() - 3 * block) {
        return fail(Errc::Corrupt, "a trainer's state contradicts itself");
    }
    state.first = floatsAt(content, 0, parameters);
    state.second = floatsAt(content, block, parameters);
    state.error = floatsAt(content, 2 * block, parameters);
    state.pending = base::toBytes(content.subspan(3 * block));
    return state;
}

} // namespace loam::training
