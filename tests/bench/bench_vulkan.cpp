// SPDX-License-Identifier: GPL-3.0-or-later
// Products and training steps on the Vulkan device beside this CPU's fastest backend, interleaved.
//   bench_vulkan [rounds]
#include "gpu/survey.h"
#include "ml/adamw.h"
#include "ml/generator.h"
#include "ml/thread_pool.h"
#include "ml/transformer.h"
#include "ml/vulkan_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <vector>

using namespace loam;
using Clock = std::chrono::steady_clock;

namespace {

double secondsOf(const std::function<void()>& run)
{
    const auto begun = Clock::now();
    run();
    return std::chrono::duration<double>(Clock::now() - begun).count();
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

std::string load()
{
    std::ifstream file{ "/proc/loadavg" };
    std::string text;
    std::getline(file, text);
    return text;
}

void product(ml::Backend& device, ml::Layout layout, ml::MatmulShape s,
    const std::vector<std::unique_ptr<ml::Memory>>& operands, int times)
{
    for (int i = 0; i < times; ++i) {
        device.matmul(
            { layout, s, *operands[2], *operands[0], *operands[1], ml::Write::Overwrite });
    }
    if (!device.finish()) {
        std::abort();
    }
}

void compareProducts(ml::Backend& gpuSide, ml::Backend& cpuSide, int rounds)
{
    for (const ml::MatmulShape s : { ml::MatmulShape{ 512, 768, 768 }, { 512, 256, 768 },
             { 512, 2048, 768 }, { 512, 768, 3072 }, { 2048, 768, 256 } }) {
        for (const ml::Layout layout : { ml::Layout::NT, ml::Layout::NN, ml::Layout::TN }) {
            std::vector<double> gpuRates;
            std::vector<double> cpuRates;
            const double flop = 2e-9 * static_cast<double>(s.m * s.n) * static_cast<double>(s.k);
            for (ml::Backend* device : { &gpuSide, &cpuSide }) {
                std::vector<std::unique_ptr<ml::Memory>> operands;
                for (const std::size_t count : { s.m * s.k, s.k * s.n, s.m * s.n }) {
                    operands.push_back(device->allocate(count).value());
                }
                product(*device, layout, s, operands, 2);
                for (int round = 0; round < rounds; ++round) {
                    const int times = device == &gpuSide ? 2 : 20;
                    const double seconds
                        = secondsOf([&] { product(*device, layout, s, operands, times); });
                    (device == &gpuSide ? gpuRates : cpuRates).push_back(flop * times / seconds);
                }
            }
            fmt::print("{} {:4} x {:4} x {:4}  Vulkan {:6.1f} GF/s (best {:6.1f})  CPU {:6.1f} "
                       "(best {:6.1f})  ratio {:.3f}  best {:.3f}\n",
                layout == ml::Layout::NT       ? "NT"
                    : layout == ml::Layout::NN ? "NN"
                                               : "TN",
                s.m, s.n, s.k, median(gpuRates), std::ranges::max(gpuRates), median(cpuRates),
                std::ranges::max(cpuRates), median(gpuRates) / median(cpuRates),
                std::ranges::max(gpuRates) / std::ranges::max(cpuRates));
        }
    }
}

void trainingStep(ml::Backend& device, int rounds)
{
    ml::ModelConfig config;
    config.dim = 256;
    config.layers = 6;
    config.heads = 8;
    config.kvHeads = 8;
    config.ffn = 768;
    config.vocab = 4096;
    config.context = 256;
    config.tied = false;
    const ml::BatchShape shape{ 2, 256 };
    const auto start = ml::Parameters::initialise(config, 1).value();
    const auto model
        = ml::Transformer::create(config, device, shape, ml::Transformer::Purpose::Train).value();
    if (!model->setParameters(start)) {
        std::abort();
    }
    std::vector<ml::Token> tokens(shape.tokens());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        tokens[i] = static_cast<ml::Token>(i * 7919 % config.vocab);
    }
    std::vector<double> seconds;
    for (int round = 0; round <= rounds; ++round) {
        seconds.push_back(secondsOf([&] {
            model->computeGradients({ shape, tokens, tokens }).value();
        }));
    }
    seconds.erase(seconds.begin()); // kernels are compiled in the first
    fmt::print("{}: forward and backward of {} tokens, {} layers: {:.1f} ms\n", device.name(),
        shape.tokens(), config.layers, 1e3 * median(seconds));
}

} // namespace

int main(int argc, char** argv)
{
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
    const gpu::Survey found = gpu::survey();
    const gpu::DeviceInfo* info = gpu::preferred(found);
    if (info == nullptr && !found.devices.empty()) {
        info = &found.devices.front();
    }
    if (info == nullptr) {
        fmt::print("no Vulkan device: {}\n", found.reason);
        return 1;
    }
    ml::ThreadPool pool{ 2 };
    const auto cpu = ml::makeFastBackend(pool).value();
    for (const ml::MatmulVariant variant :
        { ml::MatmulVariant::Registers, ml::MatmulVariant::Tiles }) {
        ml::VulkanOptions options;
        options.device = info->uuid;
        options.matmul = variant;
        const auto device = ml::makeVulkanBackend(options).value();
        fmt::print("{} ({}), {}; load {}\n", device->name(), info->driver,
            variant == ml::MatmulVariant::Registers ? "registers" : "tiles", load());
        compareProducts(*device, *cpu, rounds);
        trainingStep(*device, rounds);
    }
    trainingStep(*cpu, rounds);
    return 0;
}
