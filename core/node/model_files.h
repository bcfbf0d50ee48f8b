// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/cancellation.h"
#include "node/model_manifest.h"

#include <atomic>
#include <filesystem>
#include <vector>

namespace loam::node {

/// One file to take into the store.
struct SourceFile
{
    std::filesystem::path path;
    std::uint64_t bytes{ 0 };
};

/// What makes up the model at some place on the disk.
struct ModelSource
{
    std::vector<SourceFile> files;
    std::string entry; ///< the file that opens the model; empty: the folder itself
    std::filesystem::path opens; ///< what is opened to read it where it lies
    std::string name; ///< a first name for it, from the file's or folder's
    std::uint64_t bytes{ 0 };
};

/// A .gguf file; a .safetensors file with config.json and tokenizer beside it; a folder with
/// config.json and .safetensors files. NotFound or Invalid name what is missing.
base::Result<ModelSource> findModelSource(const std::filesystem::path& path);

enum class Placement { Copy, Link };

/// Puts the files into the (existing, empty) folder, hashing them on the way. `done` counts the
/// bytes so far; any thread may read it. Long: not for the event loop.
base::Result<std::vector<ModelPart>> placeModelFiles(const ModelSource& source,
    const std::filesystem::path& folder, Placement placement, const base::CancelToken& cancel,
    std::atomic<std::uint64_t>& done);

} // namespace loam::node
