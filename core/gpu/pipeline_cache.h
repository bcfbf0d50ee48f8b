// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <filesystem>
#include <string_view>

namespace loam::gpu {

/// Compiled kernels are kept from run to run in a file of its own for every driver and build. A
/// driver trusts such bytes, so ours come with a checksum and are dropped when in doubt.
std::filesystem::path pipelineCachePath(
    const std::filesystem::path& folder, std::string_view driverUuid, std::string_view build);

base::Bytes packPipelineCache(
    std::string_view driverUuid, std::string_view build, base::ByteView blob);

/// The driver's bytes. Corrupt when the file is damaged or belongs to another driver or build.
base::Result<base::Bytes> unpackPipelineCache(
    std::string_view driverUuid, std::string_view build, base::ByteView file);

} // namespace loam::gpu
