// SPDX-License-Identifier: GPL-3.0-or-later
#include "world.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

using namespace loam::simulation;
using namespace std::chrono_literals;

namespace {

/// Time of the first wish to order until the last node has it final, over `blocks` blocks with
/// links of 100 ms, and the CPU all of that costs for each node and block.
void measure(std::size_t validators, std::size_t blocks, milliseconds jitter)
{
    World world{ { .validators = validators, .delta = 500ms, .verifiesAll = true } };
    world.weather.minDelay = 100ms - jitter;
    world.weather.maxDelay = 100ms + jitter;
    world.runUntil(5000ms);
    const std::uint64_t messagesBefore = world.messagesSent();
    const std::clock_t begin = std::clock();
    std::vector<milliseconds> half;
    for (std::uint32_t id = 1; id <= blocks; ++id) {
        const milliseconds start = world.now();
        const std::size_t leader = (world.nodes()[0]->simplex->height()) % validators;
        for (auto& node : world.nodes()) {
            node->pool.insert(id);
        }
        world.wakeNode(*world.nodes()[leader]);
        world.runUntil(start + 10'000ms, [&] {
            const auto done = std::count_if(world.nodes().begin(), world.nodes().end(),
                [&](const auto& node) { return node->finalTransactions.count(id) != 0; });
            return 2 * static_cast<std::size_t>(done) > validators;
        });
        half.push_back(world.now() - start);
        world.runUntil(world.now() + 2000ms);
    }
    const double cpu = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    std::sort(half.begin(), half.end());
    const double rounds = static_cast<double>(blocks * validators);
    std::printf("{\"name\":\"consensus.finality\",\"validators\":%zu,\"link_ms\":100,"
                "\"jitter_ms\":%lld,\"value\":%lld,\"unit\":\"ms\",\"repetitions\":%zu,"
                "\"minimum\":%lld,\"maximum\":%lld}\n",
        validators, static_cast<long long>(jitter.count()),
        static_cast<long long>(half[half.size() / 2].count()), blocks,
        static_cast<long long>(half.front().count()), static_cast<long long>(half.back().count()));
    std::printf("{\"name\":\"consensus.cpu_per_block_and_node\",\"validators\":%zu,"
                "\"value\":%.3f,\"unit\":\"ms\",\"messages_sent\":%.1f}\n",
        validators, 1000 * cpu / rounds,
        static_cast<double>(world.messagesSent() - messagesBefore) / rounds);
}

} // namespace

int main()
{
    measure(4, 50, 0ms);
    measure(4, 50, 50ms);
    measure(100, 4, 0ms);
    measure(100, 4, 50ms);
    return 0;
}
