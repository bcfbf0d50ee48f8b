// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/robust.h"

#include "base/require.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace loam::training {
namespace {

    constexpr int kClipIterations = 3;

    double squaredDistance(std::span<const float> a, std::span<const float> b)
    {
        double sum = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
            sum += difference * difference;
        }
        return sum;
    }

    double distanceFrom(std::span<const double> centre, std::span<const float> x)
    {
        double sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double difference = static_cast<double>(x[i]) - centre[i];
            sum += difference * difference;
        }
        return std::sqrt(sum);
    }

    bool isChosen(const ChunkLayout::Chunk& chunk, std::uint16_t keepPerChunk)
    {
        return keepPerChunk != kDense && std::uint32_t{ keepPerChunk } * 2 <= chunk.values;
    }

    double positionOverlap(const ChunkLayout& layout, std::uint16_t keepPerChunk,
        std::span<const float> a, std::span<const float> b)
    {
        std::size_t sentA = 0;
        std::size_t sentB = 0;
        std::size_t common = 0;
        for (const ChunkLayout::Chunk& chunk : layout.chunks()) {
            if (!isChosen(chunk, keepPerChunk)) {
                continue;
            }
            for (std::size_t i = chunk.offset; i < chunk.offset + chunk.values; ++i) {
                const bool inA = a[i] != 0;
                const bool inB = b[i] != 0;
                sentA += inA ? 1U : 0U;
                sentB += inB ? 1U : 0U;
                common += inA && inB ? 1U : 0U;
            }
        }
        const std::size_t fewer = std::min(sentA, sentB);
        return fewer == 0 ? 0.0 : static_cast<double>(common) / static_cast<double>(fewer);
    }

    double cosine(std::span<const float> a, std::span<const float> b)
    {
        double product = 0;
        double squareA = 0;
        double squareB = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            const auto x = static_cast<double>(a[i]);
            const auto y = static_cast<double>(b[i]);
            product += x * y;
            squareA += x * x;
            squareB += y * y;
        }
        const double norms = std::sqrt(squareA) * std::sqrt(squareB);
        return norms > 0 ? std::max(0.0, product / norms) : 0.0;
    }

} // namespace

double lowerMedian(std::vector<double> values)
{
    if (values.empty()) {
        return 0;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

Vectors nearestNeighbourMix(
    const Vectors& vectors, std::span<const double> weights, std::size_t faults)
{
    const std::size_t n = vectors.size();
    ASSERT(weights.size() == n && faults < n);
    std::vector<double> distances(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j) {
            distances[i * n + j] = squaredDistance(vectors[i], vectors[j]);
            distances[j * n + i] = distances[i * n + j];
        }
    }
    Vectors mixed;
    mixed.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<std::size_t> order(n);
        std::iota(order.begin(), order.end(), std::size_t{ 0 });
        std::stable_sort(order.begin(), order.end(), [&distances, n, i](auto a, auto b) {
            return distances[i * n + a] < distances[i * n + b];
        });
        order.resize(n - faults);
        std::sort(order.begin(), order.end());
        double total = 0;
        for (const std::size_t j : order) {
            total += weights[j];
        }
        std::vector<float> mean(vectors[i].size());
        for (std::size_t k = 0; k < mean.size(); ++k) {
            double sum = 0;
            for (const std::size_t j : order) {
                sum += weights[j] * static_cast<double>(vectors[j][k]);
            }
            mean[k] = static_cast<float>(sum / total);
        }
        mixed.push_back(std::move(mean));
    }
    return mixed;
}

std::vector<double> weightedMean(const Vectors& vectors, std::span<const double> weights)
{
    ASSERT(!vectors.empty() && weights.size() == vectors.size());
    double total = 0;
    for (const double weight : weights) {
        total += weight;
    }
    std::vector<double> mean(vectors.front().size(), 0.0);
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        const double share = weights[i] / total;
        for (std::size_t k = 0; k < mean.size(); ++k) {
            mean[k] += share * static_cast<double>(vectors[i][k]);
        }
    }
    return mean;
}

std::vector<double> centeredClip(const Vectors& vectors, std::span<const double> weights)
{
    ASSERT(!vectors.empty() && weights.size() == vectors.size());
    double total = 0;
    for (const double weight : weights) {
        total += weight;
    }
    std::vector<double> centre(vectors.front().size(), 0.0);
    std::vector<double> distances(vectors.size());
    double radius = 0;
    for (int iteration = 0; iteration < kClipIterations; ++iteration) {
        for (std::size_t i = 0; i < vectors.size(); ++i) {
            distances[i] = distanceFrom(centre, vectors[i]);
        }
        if (iteration == 0) {
            radius = lowerMedian(distances);
        }
        std::vector<double> next = centre;
        for (std::size_t i = 0; i < vectors.size(); ++i) {
            const double shrink = distances[i] > radius ? radius / distances[i] : 1.0;
            const double share = weights[i] / total * shrink;
            for (std::size_t k = 0; k < next.size(); ++k) {
                next[k] += share * (static_cast<double>(vectors[i][k]) - centre[k]);
            }
        }
        centre = std::move(next);
    }
    return centre;
}

bool comparesPositions(const ChunkLayout& layout, std::uint16_t keepPerChunk)
{
    std::size_t chosen = 0;
    for (const ChunkLayout::Chunk& chunk : layout.chunks()) {
        chosen += isChosen(chunk, keepPerChunk) ? chunk.values : 0U;
    }
    return chosen * 2 > layout.parameters();
}

double likeness(const ChunkLayout& layout, std::uint16_t keepPerChunk, std::span<const float> a,
    std::span<const float> b)
{
    ASSERT(a.size() == layout.parameters() && b.size() == layout.parameters());
    return comparesPositions(layout, keepPerChunk) ? positionOverlap(layout, keepPerChunk, a, b)
                                                   : cosine(a, b);
}

} // namespace loam::training
