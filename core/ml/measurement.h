// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace loam::ml {

/// One figure of a benchmark: the median of its repetitions and their range.
struct Measurement
{
    std::string name; ///< e.g. "train.llama8m.tokens_per_second"
    double value{ 0 };
    std::string unit; ///< "GF/s", "tokens/s", "us", "1", ...
    std::string device; ///< the kernels that ran
    unsigned threads{ 1 };
    unsigned repetitions{ 0 };
    double minimum{ 0 };
    double maximum{ 0 };
};

/// The values of equal repetitions; the measurement's other fields are the caller's.
inline Measurement summary(std::string name, std::string unit, std::vector<double> values)
{
    std::ranges::sort(values);
    Measurement out;
    out.name = std::move(name);
    out.unit = std::move(unit);
    if (!values.empty()) {
        const std::size_t half = values.size() / 2;
        out.value = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2.0;
        out.minimum = values.front();
        out.maximum = values.back();
        out.repetitions = static_cast<unsigned>(values.size());
    }
    return out;
}

/// Seconds of one call by the wall clock.
template <class Task> double secondsOf(Task task)
{
    const auto begin = std::chrono::steady_clock::now();
    task();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace loam::ml
