// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints of adapters.
#include "fuzz/checkpoint_fuzz.h"
#include "training/home_checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    return loam::fuzz::tryCheckpoint<loam::training::HomeCheckpoint>(data, size);
}
