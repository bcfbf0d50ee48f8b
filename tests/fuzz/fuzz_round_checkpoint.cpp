// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints of rounds.
#include "fuzz/checkpoint_fuzz.h"
#include "training/round_checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    return loam::fuzz::tryCheckpoint<loam::training::RoundCheckpoint>(data, size);
}
