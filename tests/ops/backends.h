// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/cpu_backend.h"
#include "ml/exact_math.h"
#include "oracle.h"

#include <QString>

#include <memory>
#include <string>
#include <vector>

namespace loam::ops {

/// A backend with a pool of its own.
struct Device
{
    std::string name;
    std::unique_ptr<ml::ThreadPool> pool;
    std::unique_ptr<ml::Backend> backend;
};

/// Every kernel table this machine can run, with one and with two threads.
inline std::vector<Device> allDevices()
{
    std::vector<Device> devices;
    const auto add = [&](ml::CpuBackend::Law law, const ml::CpuKernels& kernels, bool library,
                         unsigned threads) {
        auto pool = std::make_unique<ml::ThreadPool>(threads);
        auto backend = std::make_unique<ml::CpuBackend>(*pool, law, kernels, library);
        devices.push_back(
            { std::string{ kernels.name } + (library ? " library " : " ") + std::to_string(threads),
                std::move(pool), std::move(backend) });
    };
    for (const unsigned threads : { 1U, 2U }) {
        for (const ml::CpuKernels* kernels : ml::exactTables()) {
            add(ml::CpuBackend::Law::Exact, *kernels, false, threads);
        }
        for (const ml::CpuKernels* kernels : ml::fastTables()) {
            add(ml::CpuBackend::Law::Fast, *kernels, false, threads);
        }
        if (ml::hasLibraryGemm()) {
            add(ml::CpuBackend::Law::Fast, ml::fastKernels(), true, threads);
        }
    }
    return devices;
}

/// Normal values, the same in every run; each `stream` its own.
inline std::vector<float> noise(std::size_t count, std::uint32_t stream, double deviation = 1.0)
{
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; i += 2) {
        const auto words
            = ml::exact::philox({ static_cast<std::uint32_t>(i), stream, 77, 0 }, { 20, 26 });
        const auto pair = ml::exact::normalPair(words[0], words[1]);
        values[i] = static_cast<float>(deviation * pair[0]);
        if (i + 1 < count) {
            values[i + 1] = static_cast<float>(deviation * pair[1]);
        }
    }
    return values;
}

inline std::vector<ml::Token> someTokens(std::size_t count, std::size_t vocab, std::uint32_t stream)
{
    std::vector<ml::Token> tokens(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto words
            = ml::exact::philox({ static_cast<std::uint32_t>(i), stream, 78, 0 }, { 20, 26 });
        tokens[i] = static_cast<ml::Token>(words[0] % vocab);
    }
    return tokens;
}

inline oracle::Values widen(const std::vector<float>& values)
{
    return { values.begin(), values.end() };
}

/// Memory on the device that begins with the given values.
inline std::unique_ptr<ml::Memory> put(ml::Backend& backend, const std::vector<float>& values)
{
    auto memory = backend.allocate(values.size()).value();
    backend.upload(*memory, values);
    return memory;
}

inline void succeed(const base::Result<>& result)
{
    ASSERT(result.has_value());
}

inline std::vector<float> get(ml::Backend& backend, ml::View view)
{
    std::vector<float> values(view.count);
    succeed(backend.finish());
    succeed(backend.download(values, view));
    return values;
}

/// Largest difference, relative to the largest wanted value (at least 1e-3).
inline double distance(const std::vector<float>& got, const oracle::Values& wanted)
{
    double most = 1e-3;
    double error = got.size() == wanted.size() ? 0.0 : 1e9;
    for (std::size_t i = 0; i < std::min(got.size(), wanted.size()); ++i) {
        most = std::max(most, std::abs(wanted[i]));
        const double difference = std::abs(static_cast<double>(got[i]) - wanted[i]);
        error = std::isfinite(difference) ? std::max(error, difference) : 1e9;
    }
    return error / most;
}

/// A readable failure instead of a bare number.
inline bool isNear(double error, double bound, const std::string& what)
{
    if (!(error <= bound)) {
        qWarning("%s: error %.3g above %.3g", what.c_str(), error, bound);
        return false;
    }
    return true;
}

} // namespace loam::ops
