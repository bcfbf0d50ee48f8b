// SPDX-License-Identifier: GPL-3.0-or-later
// Attention over the cache in tiles of keys with a running maximum and sum (Milakov and Gimelshein,
// arXiv:1805.02867; Dao et al., arXiv:2205.14135). The query heads that share a key head, and the
// rows of a prompt that follow each other, look at a tile together.
#include "ml/cpu_inference.h"

#include <cmath>
#include <limits>

namespace loam::ml {

namespace {

    constexpr std::size_t kKeyTile = 128;
    /// Query rows of one task: rows times heads of a group.
    constexpr std::size_t kMostQueries = 64;
    /// Queries from which a tile of keys is worth widening for the library's product.
    constexpr std::size_t kLibraryFrom = 12;

    /// Rows of a batch that follow each other in one slot.
    struct Block
    {
        std::size_t first; ///< row of the batch
        std::size_t rows;
        RowPlace place; ///< of the first row
    };

    std::vector<Block> blocksOf(std::span<const RowPlace> places, std::size_t most)
    {
        std::vector<Block> blocks;
        for (std::size_t r = 0; r < places.size(); ++r) {
            if (!blocks.empty()) {
                Block& last = blocks.back();
                if (last.rows < most && last.place.slot == places[r].slot
                    && last.place.position + last.rows == places[r].position) {
                    ++last.rows;
                    continue;
                }
            }
            blocks.push_back({ r, 1, places[r] });
        }
        return blocks;
    }

    /// In how many parts the query heads of one key head are taken, so that single rows over long
    /// contexts keep all threads busy. Only where each query is computed by itself anyhow: then the
    /// parts change no result.
    std::size_t partsOf(
        std::span<const Block> blocks, std::size_t group, std::size_t kvHeads, std::size_t threads)
    {
        const bool areSingle = std::ranges::all_of(
            blocks, [group](const Block& block) { return block.rows * group < kLibraryFrom; });
        std::size_t parts = 1;
        while (areSingle && parts < group && blocks.size() * kvHeads * parts < threads) {
            do {
                ++parts;
            } while (group % parts != 0);
        }
        return parts;
    }

    struct Running
    {
        float maximum{ -std::numeric_limits<float>::infinity() };
        float sum{ 0 };
    };

    /// Everything that the tasks of one attention share.
    struct Shape
    {
        std::size_t heads;
        std::size_t group; ///< query heads of one key head
        std::size_t headDim;
        std::size_t window;
        float scale;
    };

    std::size_t scratchFloats(const Shape& shape, std::size_t queries)
    {
        return 2 * queries * shape.headDim + queries * kKeyTile + 2 * kKeyTile * shape.headDim;
    }

} // namespace

void CpuInference::store(
    KvCache& cache, std::size_t layer, View k, View v, std::span<const RowPlace> places)
{
    auto& host = dynamic_cast<HostCache&>(cache);
    const std::size_t dim = host.shape().headDim;
    const std::size_t heads = host.shape().kvHeads;
    ASSERT(layer < host.shape().layers && k.count >= places.size() * heads * dim
        && v.count >= places.size() * heads * dim);
    for (const RowPlace& place : places) {
        ASSERT(place.slot < host.shape().slots && place.position < host.shape().context);
    }
    recordRows({}, places.size(), 2 * heads * dim,
        [this, &host, layer, dim, heads, keys = at(k), values = at(v),
            where = std::vector<RowPlace>(places.begin(), places.end())](
            std::size_t begin, std::size_t count) {
            for (std::size_t r = begin; r < begin + count; ++r) {
                for (std::size_t head = 0; head < heads; ++head) {
                    const std::size_t from = (r * heads + head) * dim;
                    const std::size_t to = where[r].position * dim;
                    m_kernels.floatToHalf(
                        host.keys(layer, where[r].slot, head) + to, keys + from, dim);
                    m_kernels.floatToHalf(
                        host.values(layer, where[r].slot, head) + to, values + from, dim);
                }
            }
        });
}

void CpuInference::attention(View out, View q, const KvCache& cache, std::size_t layer,
    std::span<const RowPlace> places, std::size_t heads, float scale, std::size_t window)
{
    const auto& host = dynamic_cast<const HostCache&>(cache);
    const std::size_t kvHeads = host.shape().kvHeads;
    const Shape shape{ heads, heads / kvHeads, host.shape().headDim, window, scale };
    const std::size_t width = heads * shape.headDim;
    ASSERT(heads % kvHeads == 0 && out.count >= places.size() * width
        && q.count >= places.size() * width);
    const std::size_t mostRows = std::max<std::size_t>(1, kMostQueries / shape.group);
    const std::size_t own = m_useLibrary ? 0 : fastKernels().gemmScratch;
    needScratch(own + scratchFloats(shape, mostRows * shape.group));
    std::vector<Block> blocks = blocksOf(places, mostRows);
    // Late rows see most keys: they go first, so that the small ones fill up the end.
    std::ranges::stable_sort(
        blocks, [](const Block& a, const Block& b) { return a.place.position > b.place.position; });
    const std::size_t parts = partsOf(blocks, shape.group, kvHeads, m_pool.threads());
    const std::size_t share = shape.group / parts;
    const std::size_t tasks = blocks.size() * kvHeads * parts;
    record(out, tasks,
        [this, &host, layer, shape, kvHeads, own, parts, share, blocks = std::move(blocks),
            from = at(q), to = at(out)](std::size_t index, unsigned worker) {
            const Block block = blocks[index / (kvHeads * parts)];
            const std::size_t head = index / parts % kvHeads;
            const std::size_t firstHead = head * shape.group + index % parts * share;
            const std::size_t hd = shape.headDim;
            const std::size_t queries = block.rows * share;
            float* query = scratch(worker) + own;
            float* result = query + queries * hd;
            float* scores = result + queries * hd;
            float* wide = scores + queries * kKeyTile;
            // Query r * share + g is head `firstHead + g` of row r.
            const auto headOffset = [&](std::size_t n) {
                return ((block.first + n / share) * shape.heads + firstHead + n % share) * hd;
            };
            for (std::size_t n = 0; n < queries; ++n) {
                std::copy_n(from + headOffset(n), hd, query + n * hd);
            }
            m_kernels.scale(query, shape.scale, queries * hd);
            std::fill_n(result, queries * hd, 0.0F);
            std::vector<Running> running(queries);
            const std::size_t position = block.place.position;
            const auto firstKey = [&](std::size_t row) {
                const std::size_t seen = position + row + 1;
                return shape.window > 0 && seen > shape.window ? seen - shape.window : 0;
            };
            const std::size_t end = position + block.rows;
            for (std::size_t begin = firstKey(0); begin < end; begin += kKeyTile) {
                const std::size_t keys = std::min(kKeyTile, end - begin);
                const AttendJob job{ query, queries,
                    host.keys(layer, block.place.slot, head) + begin * hd,
                    host.values(layer, block.place.slot, head) + begin * hd, keys, hd, scores,
                    result };
                const bool widens = queries >= kLibraryFrom;
                if (widens) {
                    m_kernels.halfToFloat(wide, job.k, keys * hd);
                    product(
                        { Layout::NT, queries, keys, hd, query, hd, wide, hd, scores, keys, false },
                        scratch(worker));
                } else {
                    m_kernels.score(job);
                }
                for (std::size_t n = 0; n < queries; ++n) {
                    const std::size_t row = n / share;
                    float* mine = scores + n * keys;
                    // Keys low..high of the tile are seen by this row.
                    const std::size_t low = std::clamp(firstKey(row), begin, begin + keys) - begin;
                    const std::size_t high
                        = std::clamp(position + row + 1, begin, begin + keys) - begin;
                    std::fill_n(mine, std::min(low, keys), 0.0F);
                    if (high < keys) {
                        std::fill(mine + high, mine + keys, 0.0F);
                    }
                    if (low >= high) {
                        std::fill_n(mine, keys, 0.0F);
                        continue;
                    }
                    Running& state = running[n];
                    const float most = m_kernels.maximum(mine + low, high - low);
                    if (most > state.maximum) {
                        const float shrink = std::exp(state.maximum - most);
                        state.sum *= shrink;
                        m_kernels.scale(result + n * hd, shrink, hd);
                        state.maximum = most;
                    }
                    state.sum += m_kernels.exponentials(mine + low, high - low, state.maximum);
                }
                if (widens) {
                    m_kernels.halfToFloat(wide, job.v, keys * hd);
                    product(
                        { Layout::NN, queries, hd, keys, scores, keys, wide, hd, result, hd, true },
                        scratch(worker));
                } else {
                    m_kernels.mix(job);
                }
            }
            for (std::size_t n = 0; n < queries; ++n) {
                float* target = to + headOffset(n);
                std::copy_n(result + n * hd, hd, target);
                m_kernels.scale(target, 1.0F / running[n].sum, hd);
            }
        });
}

} // namespace loam::ml
