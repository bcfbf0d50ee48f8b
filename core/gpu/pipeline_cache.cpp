// SPDX-License-Identifier: GPL-3.0-or-later
#include "gpu/pipeline_cache.h"

#include <fmt/format.h>

#include <array>

namespace loam::gpu {

using base::Bytes;
using base::ByteView;
using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::string_view kMagic = "loam-pipelines-1\n";
    constexpr std::size_t kNumberBytes = 8;

    /// FNV-1a of 64 bits: against damage, not against malice (the folder is the owner's).
    std::uint64_t checksum(ByteView bytes, std::uint64_t seed = 0xcbf29ce484222325U)
    {
        for (const std::byte byte : bytes) {
            seed = (seed ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3U;
        }
        return seed;
    }

    std::uint64_t sumOf(std::string_view driverUuid, std::string_view build, ByteView blob)
    {
        return checksum(blob, checksum(base::asBytes(build), checksum(base::asBytes(driverUuid))));
    }

} // namespace

std::filesystem::path pipelineCachePath(
    const std::filesystem::path& folder, std::string_view driverUuid, std::string_view build)
{
    return folder
        / fmt::format("pipelines-{}-{:016x}.bin", driverUuid, checksum(base::asBytes(build)));
}

Bytes packPipelineCache(std::string_view driverUuid, std::string_view build, ByteView blob)
{
    Bytes file = base::toBytes(base::asBytes(kMagic));
    const std::uint64_t sum = sumOf(driverUuid, build, blob);
    for (std::size_t i = 0; i < kNumberBytes; ++i) {
        file.push_back(static_cast<std::byte>(sum >> (8 * i) & 0xffU));
    }
    file.insert(file.end(), blob.begin(), blob.end());
    return file;
}

Result<Bytes> unpackPipelineCache(
    std::string_view driverUuid, std::string_view build, ByteView file)
{
    const std::size_t head = kMagic.size() + kNumberBytes;
    if (file.size() < head || base::asText(file.first(kMagic.size())) != kMagic) {
        return fail(Errc::Corrupt, "not a file of compiled kernels");
    }
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kNumberBytes; ++i) {
        sum |= static_cast<std::uint64_t>(file[kMagic.size() + i]) << (8 * i);
    }
    const ByteView blob = file.subspan(head);
    if (sum != sumOf(driverUuid, build, blob)) {
        return fail(Errc::Corrupt, "the file of compiled kernels is damaged or of another driver");
    }
    return base::toBytes(blob);
}

} // namespace loam::gpu
