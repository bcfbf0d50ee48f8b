// SPDX-License-Identifier: GPL-3.0-or-later
// Adapters as llama.cpp reads them.
#include "ml/gguf_writer.h"
#include "ml/tensor_shelf.h"
#include "ml/trainable_model.h"
#include "ml/weight_convert.h"

#include <fmt/format.h>

namespace loam::ml {

using base::Result;

namespace {

    std::string_view ggufName(const TensorNames::Layer& names, Linear linear)
    {
        switch (linear) {
        case Linear::Query:
            return names.q;
        case Linear::Key:
            return names.k;
        case Linear::Value:
            return names.v;
        case Linear::Output:
            return names.output;
        case Linear::Gate:
            return names.gate;
        case Linear::Up:
            return names.up;
        case Linear::Down:
            return names.down;
        }
        return {};
    }

    /// values[rows, columns], rows regrouped.
    std::vector<float> regrouped(
        std::span<const float> values, std::size_t columns, const RowOrder& order)
    {
        std::vector<float> out;
        out.reserve(values.size());
        for (std::size_t row = 0; row < values.size() / columns; ++row) {
            const auto from = values.subspan(order.sourceOf(row) * columns, columns);
            out.insert(out.end(), from.begin(), from.end());
        }
        return out;
    }

    void put(GgufWriter& out, const std::string& name, const Lora& adapter,
        const ParameterEntry& entry, const RowOrder& order)
    {
        const std::array<std::uint64_t, 2> shape{ entry.shape[1], entry.shape[0] };
        out.tensor(name, shape, WeightType::F32,
            [values = regrouped(
                 adapter.values().subspan(entry.offset, entry.count), entry.shape[1], order)](
                OutputFile& file) { return file.write(std::as_bytes(std::span{ values })); });
    }

} // namespace

Result<> exportLoraGguf(const Lora& adapter, Architecture architecture, std::string_view name,
    const std::filesystem::path& path)
{
    GgufWriter out;
    out.text("general.architecture", architectureName(architecture));
    out.text("general.type", "adapter");
    out.text("general.name", name);
    out.text("adapter.type", "lora");
    out.real("adapter.lora.alpha", adapter.config().alpha);
    const TensorNames names = ggufNames();
    for (std::size_t layer = 0; layer < adapter.model().layers; ++layer) {
        for (const Linear linear : kLinears) {
            if (!adapter.config().isTarget(linear)) {
                continue;
            }
            const std::string weight
                = fmt::format("{}{}.{}", names.layerPrefix, layer, ggufName(names.layer, linear));
            // Queries and keys of a llama file turn in pairs: B writes them in that order.
            const bool turns = architecture == Architecture::Llama
                && (linear == Linear::Query || linear == Linear::Key);
            const RowOrder order{ turns ? adapter.model().headDim() : 0, RopeStyle::Halves,
                RopeStyle::Pairs };
            put(out, weight + ".lora_a", adapter, adapter.table().a(layer, linear), {});
            put(out, weight + ".lora_b", adapter, adapter.table().b(layer, linear), order);
        }
    }
    return out.write(path);
}

} // namespace loam::ml
