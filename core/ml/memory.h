// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/require.h"

#include <cstddef>

namespace loam::ml {

/// A block of floats that belongs to a backend: host memory for a CPU, device memory for a GPU.
class Memory
{
public:
    virtual ~Memory() = default;
    virtual std::size_t count() const = 0;
    /// Address on the host, or nullptr where the host cannot see it.
    virtual float* host() = 0;
};

/// A part of a Memory, as operands of ops are named. Does not own.
struct View
{
    Memory* memory{ nullptr };
    std::size_t offset{ 0 }; ///< in floats
    std::size_t count{ 0 };

    View() = default;
    View(Memory& whole)
        : memory{ &whole }
        , count{ whole.count() }
    {
    }
    View(Memory& block, std::size_t from, std::size_t floats)
        : memory{ &block }
        , offset{ from }
        , count{ floats }
    {
        ASSERT(from <= block.count() && floats <= block.count() - from);
    }

    View slice(std::size_t from, std::size_t floats) const
    {
        ASSERT(from <= count && floats <= count - from);
        View part = *this;
        part.offset += from;
        part.count = floats;
        return part;
    }
};

} // namespace loam::ml
