// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/model_source.h"

#include "base/file.h"
#include "ml/tokenizer.h"
#include "training/manifest.h"

namespace loam::worker {
namespace {

    using base::Result;

    constexpr std::size_t kMaxManifestBytes = std::size_t{ 1 } << 20U;

} // namespace

Result<std::unique_ptr<ml::ModelFile>> openModel(const Request& request)
{
    if (request.has("path")) {
        TRY_ASSIGN(const std::filesystem::path path, request.path("path"));
        return ml::ModelFile::open(path);
    }
    TRY_ASSIGN(const std::filesystem::path manifestPath, request.path("manifest"));
    TRY_ASSIGN(const std::filesystem::path paramsPath, request.path("params"));
    TRY_ASSIGN(const std::filesystem::path tokenizerPath, request.path("tokenizer"));
    TRY_ASSIGN(const base::Bytes bytes, base::readFile(manifestPath, kMaxManifestBytes));
    TRY_ASSIGN(const training::RunManifest manifest, training::RunManifest::decode(bytes));
    TRY_ASSIGN(
        const base::Bytes tokenizer, base::readFile(tokenizerPath, ml::Tokenizer::kMaxModelBytes));
    return ml::ModelFile::openRun(manifest.model, paramsPath, tokenizer);
}

} // namespace loam::worker
