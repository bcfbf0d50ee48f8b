// SPDX-License-Identifier: GPL-3.0-or-later
// Weights from strangers: what is accepted covers the data exactly and agrees with its shapes.
#include "fuzz/fuzz.h"
#include "ml/safetensors.h"

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto file = ml::Safetensors::parse(std::as_bytes(std::span{ data, size }));
    if (!file) {
        ASSERT(file.error().code == base::Errc::Corrupt);
        return 0;
    }
    std::size_t covered = 0;
    for (const ml::SafetensorsEntry& entry : file->entries()) {
        std::size_t bytes = ml::dtypeSize(entry.dtype);
        for (const std::size_t extent : entry.shape) {
            bytes *= extent;
        }
        ASSERT(file->bytes(entry).size() == bytes);
        ASSERT(file->find(entry.name) == &entry);
        covered += bytes;
    }
    ASSERT(covered <= size);
    return 0;
}
