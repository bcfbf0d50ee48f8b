// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/adapter.h"

#include "base/require.h"
#include "crypto/hash.h"
#include "training/sampler.h"

#include <algorithm>
#include <cmath>

namespace loam::training {
namespace {

    bool isAdapted(const ml::ParameterEntry& entry)
    {
        return entry.name.ends_with("q_proj.weight") || entry.name.ends_with("v_proj.weight");
    }

    std::vector<float> fixedFactor(
        const base::Hash256& seed, const ml::ParameterEntry& entry, std::size_t count)
    {
        SeededDraws draws{ crypto::Sha256{}
                               .update(base::asBytes("loam/private/adapter/v1"))
                               .update(seed.view())
                               .update(base::asBytes(entry.name))
                               .finish() };
        const auto magnitude
            = static_cast<float>(1 / std::sqrt(static_cast<double>(entry.shape[1])));
        std::vector<float> out(count);
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < count; ++i) {
            bits = i % 64 == 0 ? draws.next() : bits >> 1U;
            out[i] = (bits & 1U) != 0 ? magnitude : -magnitude;
        }
        return out;
    }

} // namespace

FixedAdapter::FixedAdapter(
    const ml::ParameterTable& table, std::uint32_t rank, const base::Hash256& seed)
    : m_rank{ rank }
{
    ASSERT(rank >= 1 && rank <= 64);
    for (const ml::ParameterEntry& entry : table.entries()) {
        if (!isAdapted(entry)) {
            continue;
        }
        ASSERT(entry.isMatrix());
        Target target{ entry.offset, entry.shape[0], entry.shape[1], m_size, {} };
        target.a = fixedFactor(seed, entry, rank * target.columns);
        m_size += rank * target.rows;
        m_targets.push_back(std::move(target));
    }
}

void FixedAdapter::apply(
    ml::Parameters& to, const ml::Parameters& base, std::span<const double> b, double factor) const
{
    ASSERT(b.size() == m_size);
    std::ranges::copy(base.values(), to.values().begin());
    const std::span<float> values = to.values();
    std::vector<double> row;
    for (const Target& target : m_targets) {
        for (std::size_t out = 0; out < target.rows; ++out) {
            row.assign(target.columns, 0.0);
            for (std::size_t k = 0; k < m_rank; ++k) {
                const double weight = factor * b[target.first + out * m_rank + k];
                for (std::size_t in = 0; in < target.columns; ++in) {
                    row[in] += weight * static_cast<double>(target.a[k * target.columns + in]);
                }
            }
            float* const w = values.data() + target.offset + out * target.columns;
            for (std::size_t in = 0; in < target.columns; ++in) {
                w[in] = static_cast<float>(static_cast<double>(w[in]) + row[in]);
            }
        }
    }
}

void FixedAdapter::project(std::span<const float> gradients, std::span<double> out) const
{
    ASSERT(out.size() == m_size);
    for (const Target& target : m_targets) {
        for (std::size_t row = 0; row < target.rows; ++row) {
            const float* const g = gradients.data() + target.offset + row * target.columns;
            for (std::size_t k = 0; k < m_rank; ++k) {
                const float* const a = target.a.data() + k * target.columns;
                double sum = 0;
                for (std::size_t in = 0; in < target.columns; ++in) {
                    sum += static_cast<double>(g[in]) * static_cast<double>(a[in]);
                }
                out[target.first + row * m_rank + k] = sum;
            }
        }
    }
}

} // namespace loam::training
