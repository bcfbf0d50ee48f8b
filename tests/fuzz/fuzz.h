// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "base/require.h"

#include <cstddef>
#include <cstdint>

/// The entry point that libFuzzer and the replay call; a broken promise aborts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace loam::fuzz {

inline base::ByteView bytes(const std::uint8_t* data, std::size_t size)
{
    return std::as_bytes(std::span{ data, size });
}

inline std::string_view text(const std::uint8_t* data, std::size_t size)
{
    return base::asText(bytes(data, size));
}

} // namespace loam::fuzz
