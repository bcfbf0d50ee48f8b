// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/weight_type.h"

#include "base/require.h"

#include <array>

namespace loam::ml {

namespace {

    struct Traits
    {
        WeightType type;
        std::string_view name;
        BlockFormat block;
    };

    /// In the order of the enumeration.
    constexpr std::array<Traits, kWeightTypes> kTraits{ {
        { WeightType::F32, "F32", { 1, 4 } },
        { WeightType::F16, "F16", { 1, 2 } },
        { WeightType::BF16, "BF16", { 1, 2 } },
        { WeightType::Q4_0, "Q4_0", { 32, 18 } },
        { WeightType::Q4_1, "Q4_1", { 32, 20 } },
        { WeightType::Q5_0, "Q5_0", { 32, 22 } },
        { WeightType::Q5_1, "Q5_1", { 32, 24 } },
        { WeightType::Q8_0, "Q8_0", { 32, 34 } },
        { WeightType::Q2_K, "Q2_K", { 256, 84 } },
        { WeightType::Q3_K, "Q3_K", { 256, 110 } },
        { WeightType::Q4_K, "Q4_K", { 256, 144 } },
        { WeightType::Q5_K, "Q5_K", { 256, 176 } },
        { WeightType::Q6_K, "Q6_K", { 256, 210 } },
    } };

    constexpr bool inOrder()
    {
        for (std::size_t i = 0; i < kTraits.size(); ++i) {
            if (kTraits[i].type != static_cast<WeightType>(i)) {
                return false;
            }
        }
        return true;
    }
    static_assert(inOrder());

    const Traits& traits(WeightType type)
    {
        return kTraits.at(static_cast<std::size_t>(type));
    }

} // namespace

std::string_view weightTypeName(WeightType type)
{
    return traits(type).name;
}

std::optional<WeightType> weightTypeFromName(std::string_view name)
{
    for (const Traits& one : kTraits) {
        if (one.name == name) {
            return one.type;
        }
    }
    return std::nullopt;
}

BlockFormat blockFormat(WeightType type)
{
    return traits(type).block;
}

std::size_t rowBytes(WeightType type, std::size_t columns)
{
    const BlockFormat block = blockFormat(type);
    ASSERT(columns % block.columns == 0);
    return columns / block.columns * block.bytes;
}

} // namespace loam::ml
