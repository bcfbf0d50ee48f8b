// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/weight_convert.h"

#include <vector>

namespace loam::ml {

using base::Result;

std::size_t RowOrder::sourceOf(std::size_t row) const
{
    if (headDim == 0 || from == to) {
        return row;
    }
    // Element i of the first half and element i of the second half are one pair.
    const std::size_t half = headDim / 2;
    const std::size_t in = row % headDim;
    const std::size_t source
        = to == RopeStyle::Pairs ? in % 2 * half + in / 2 : in % half * 2 + in / half;
    return row - in + source;
}

Result<> writeConverted(
    OutputFile& out, const WeightSource& source, WeightType type, const RowOrder& order)
{
    const bool isSameOrder = order.headDim == 0 || order.from == order.to;
    if (source.type == type && isSameOrder) {
        return out.write(source.bytes);
    }
    const std::size_t sourceBytes = rowBytes(source.type, source.columns);
    std::vector<float> values(source.columns);
    base::Bytes row(rowBytes(type, source.columns));
    for (std::size_t i = 0; i < source.rows; ++i) {
        const base::ByteView from
            = source.bytes.subspan(order.sourceOf(i) * sourceBytes, sourceBytes);
        if (source.type == type) {
            TRY(out.write(from));
            continue;
        }
        dequantise(source.type, values, from.data());
        TRY(quantise(type, row.data(), values));
        TRY(out.write(row));
    }
    return {};
}

std::vector<float> reordered(std::span<const float> values, const RowOrder& order)
{
    std::vector<float> out(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        out[i] = values[order.sourceOf(i)];
    }
    return out;
}

} // namespace loam::ml
