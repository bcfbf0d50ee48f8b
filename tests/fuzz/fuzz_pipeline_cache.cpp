// SPDX-License-Identifier: GPL-3.0-or-later
// Files of compiled kernels: only what was packed for this driver and build is unpacked.
#include "fuzz/fuzz.h"
#include "gpu/pipeline_cache.h"

#include <algorithm>

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const base::ByteView input = std::as_bytes(std::span{ data, size });
    const auto blob = gpu::unpackPipelineCache("driver", "build", input);
    if (blob) {
        const base::Bytes again = gpu::packPipelineCache("driver", "build", *blob);
        ASSERT(std::ranges::equal(again, input));
    } else {
        ASSERT(blob.error().code == base::Errc::Corrupt);
    }
    const base::Bytes packed = gpu::packPipelineCache("driver", "build", input);
    ASSERT(std::ranges::equal(gpu::unpackPipelineCache("driver", "build", packed).value(), input));
    return 0;
}
