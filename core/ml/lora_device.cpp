// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/lora_device.h"

#include <algorithm>

namespace loam::ml {

using base::Result;

namespace {

    /// Most targets that share one product.
    constexpr std::size_t kMostJoined = 3;

    Joined joinedOf(Linear linear)
    {
        switch (linear) {
        case Linear::Query:
        case Linear::Key:
        case Linear::Value:
            return Joined::Qkv;
        case Linear::Output:
            return Joined::Output;
        case Linear::Gate:
        case Linear::Up:
            return Joined::GateUp;
        case Linear::Down:
            return Joined::Down;
        }
        ASSERT(false);
        return Joined::Qkv;
    }

    /// Where the selectors of a joined matrix with `targets` targets begin, in units of rank^2: for
    /// each of its targets one of width targets * rank, plain and transposed.
    std::size_t selectorsBefore(std::size_t targets)
    {
        std::size_t units = 0;
        for (std::size_t i = 1; i < targets; ++i) {
            units += 2 * i * i;
        }
        return units;
    }

} // namespace

LoraDevice::LoraDevice(const ModelConfig& model, const LoraConfig& config, Backend& backend)
    : m_config{ config }
    , m_table{ model, config }
    , m_backend{ backend }
    , m_parts(model.layers * kJoined)
{
    const std::size_t rank = config.rank;
    for (std::size_t layer = 0; layer < model.layers; ++layer) {
        for (const Linear linear : kLinears) {
            const Joined joined = joinedOf(linear);
            Part& whole = part(layer, joined);
            // Rows of a matrix that is no target count all the same: the packed B has them, zero.
            const std::size_t kvDim = std::size_t{ model.kvHeads } * model.headDim();
            const std::size_t rows = linear == Linear::Key || linear == Linear::Value ? kvDim
                : joined == Joined::GateUp                                            ? model.ffn
                                                                                      : model.dim;
            const std::size_t firstRow = whole.out;
            whole.out += rows;
            whole.in = linear == Linear::Down ? model.ffn : model.dim;
            if (!config.isTarget(linear)) {
                continue;
            }
            if (whole.width == 0) {
                whole.a = m_table.a(layer, linear).offset;
            }
            m_blocks.push_back({ layer, joined, m_table.b(layer, linear).offset, rows, firstRow,
                whole.width / rank });
            whole.width += rank;
        }
    }
    for (Part& whole : m_parts) {
        whole.packed = m_packedFloats;
        m_packedFloats += whole.out * whole.width;
    }
}

View LoraDevice::trained() const
{
    return values().slice(m_table.trainedBegin(), m_table.count() - m_table.trainedBegin());
}

std::size_t LoraDevice::ownFloats(bool trains) const
{
    const std::size_t rank = m_config.rank;
    const std::size_t selectors = selectorsBefore(kMostJoined + 1) * rank * rank;
    const std::size_t forward = m_table.count() + m_packedFloats + selectors;
    const std::size_t trained = m_table.count() - m_table.trainedBegin();
    return trains ? forward + trained + m_packedFloats : forward;
}

Result<> LoraDevice::allocate(bool trains)
{
    const std::size_t rank = m_config.rank;
    TRY_ASSIGN(m_values, m_backend.allocate(m_table.count()));
    TRY_ASSIGN(m_packed, m_backend.allocate(m_packedFloats));
    std::vector<float> selectors(selectorsBefore(kMostJoined + 1) * rank * rank, 0.0F);
    float* to = selectors.data();
    for (std::size_t targets = 1; targets <= kMostJoined; ++targets) {
        const std::size_t width = targets * rank;
        for (std::size_t number = 0; number < targets; ++number) {
            for (std::size_t i = 0; i < rank; ++i) {
                to[i * width + number * rank + i] = m_config.scale();
                to[rank * width + (number * rank + i) * rank + i] = m_config.scale();
            }
            to += 2 * rank * width;
        }
    }
    TRY_ASSIGN(m_selectors, m_backend.allocate(selectors.size()));
    m_backend.upload(*m_selectors, selectors);
    if (trains) {
        TRY_ASSIGN(m_gradients, m_backend.allocate(m_table.count() - m_table.trainedBegin()));
        TRY_ASSIGN(m_packedGradients, m_backend.allocate(m_packedFloats));
    }
    return m_backend.finish();
}

void LoraDevice::planActivations(
    const Want& want, std::size_t rows, std::size_t layersKept, bool trains)
{
    m_layersKept = layersKept;
    m_hidden.assign(layersKept, {});
    std::size_t widest = 0;
    for (std::size_t i = 0; i < kJoined; ++i) {
        const std::size_t width = m_parts[i].width;
        widest = std::max(widest, width);
        for (std::array<View, kJoined>& layer : m_hidden) {
            if (width > 0) {
                want(layer[i], rows * width);
            }
        }
    }
    if (trains) {
        want(m_dHidden, rows * widest);
    }
}

View LoraDevice::selector(std::size_t width, std::size_t number, bool transposed) const
{
    const std::size_t rank = m_config.rank;
    const std::size_t targets = width / rank;
    const std::size_t begin = selectorsBefore(targets) * rank * rank
        + (2 * number + (transposed ? 1 : 0)) * rank * width;
    return View{ *m_selectors, begin, rank * width };
}

void LoraDevice::pack()
{
    for (const Block& block : m_blocks) {
        const Part& whole = part(block.layer, block.joined);
        const View rows{ *m_packed, whole.packed + block.firstRow * whole.width,
            block.rows * whole.width };
        const View b = values().slice(block.b, block.rows * m_config.rank);
        m_backend.matmul({ Layout::NN, { block.rows, whole.width, m_config.rank }, rows, b,
            selector(whole.width, block.number, false), Write::Overwrite });
    }
}

void LoraDevice::project(std::size_t layer, Joined joined, View in, std::size_t rows)
{
    const Part& p = part(layer, joined);
    const View a = values().slice(p.a, p.width * p.in);
    m_backend.matmul(
        { Layout::NT, { rows, p.width, p.in }, hidden(layer, joined), in, a, Write::Overwrite });
}

void LoraDevice::forward(std::size_t layer, Joined joined, View out, View in, std::size_t rows)
{
    const Part& p = part(layer, joined);
    if (p.width == 0) {
        return;
    }
    project(layer, joined, in, rows);
    const View b{ *m_packed, p.packed, p.out * p.width };
    m_backend.matmul(
        { Layout::NT, { rows, p.out, p.width }, out, hidden(layer, joined), b, Write::Accumulate });
}

void LoraDevice::inputGradient(
    std::size_t layer, Joined joined, View dIn, View dOut, std::size_t rows)
{
    const Part& p = part(layer, joined);
    if (p.width == 0) {
        return;
    }
    const View a = values().slice(p.a, p.width * p.in);
    const View b{ *m_packed, p.packed, p.out * p.width };
    m_backend.matmul(
        { Layout::NN, { rows, p.width, p.out }, m_dHidden, dOut, b, Write::Overwrite });
    m_backend.matmul({ Layout::NN, { rows, p.in, p.width }, dIn, m_dHidden, a, Write::Accumulate });
}

void LoraDevice::weightGradients(
    std::size_t layer, Joined joined, View dOut, View in, std::size_t rows, Write write)
{
    const Part& p = part(layer, joined);
    if (p.width == 0) {
        return;
    }
    const View dB{ *m_packedGradients, p.packed, p.out * p.width };
    const Product ofB{ Layout::TN, { p.out, p.width, rows }, dB, dOut, hidden(layer, joined),
        write };
    if (m_config.freezeA) {
        m_backend.matmul(ofB);
        return;
    }
    const View dA = gradients().slice(p.a, p.width * p.in);
    m_backend.matmul(std::array{
        ofB, Product{ Layout::TN, { p.width, p.in, rows }, dA, m_dHidden, in, write } });
}

void LoraDevice::unpackGradients()
{
    for (const Block& block : m_blocks) {
        const Part& whole = part(block.layer, block.joined);
        const View rows{ *m_packedGradients, whole.packed + block.firstRow * whole.width,
            block.rows * whole.width };
        const View b
            = gradients().slice(block.b - m_table.trainedBegin(), block.rows * m_config.rank);
        m_backend.matmul({ Layout::NN, { block.rows, m_config.rank, whole.width }, b, rows,
            selector(whole.width, block.number, true), Write::Overwrite });
    }
}

} // namespace loam::ml
