// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <random>
#include <string_view>

/// Bytes to send.
namespace loam::swarm::test {

inline base::Bytes text(std::string_view value)
{
    return base::toBytes(base::asBytes(value));
}

inline base::Bytes noise(std::size_t size, std::uint64_t seed)
{
    std::mt19937_64 random{ seed };
    base::Bytes out(size);
    for (std::byte& byte : out) {
        byte = static_cast<std::byte>(random() & 0xffU);
    }
    return out;
}

} // namespace loam::swarm::test
