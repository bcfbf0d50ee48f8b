// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QJsonObject>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace loam::node {

/// One file of a model, by its name inside the model's folder.
struct ModelPart
{
    std::string name;
    std::uint64_t bytes{ 0 };
    std::string sha256; ///< lower-case hex

    bool operator==(const ModelPart&) const = default;
};

/// What manifest.json of an imported model says.
struct ModelManifest
{
    std::string id; ///< name of its folder: the name and the first digits of the hash
    std::string name;
    std::string licence; ///< as the file says, may be empty
    std::string architecture;
    std::string quantisation; ///< the type most weights have
    std::string parent; ///< id of the model it was made from, may be empty
    std::string sha256; ///< of the file; of a folder: of its sorted "<hash>  <name>\n" lines
    std::uint64_t parameters{ 0 };
    std::uint64_t bytes{ 0 }; ///< of all parts
    std::uint64_t context{ 0 }; ///< tokens it was trained for
    std::uint64_t memory{ 0 }; ///< bytes it needs on a device with the default context
    std::int64_t imported{ 0 }; ///< Unix seconds
    std::string source; ///< where it came from
    bool isLinked{ false }; ///< the parts are links to where it came from
    std::string entry; ///< the file that opens it; empty: the folder itself
    std::vector<ModelPart> parts;

    QJsonObject toJson() const;
    /// Corrupt when a field is missing or a part's name leads out of the folder.
    static base::Result<ModelManifest> fromJson(const QJsonObject& object);
    static base::Result<ModelManifest> load(const std::filesystem::path& folder);
    base::Result<> save(const std::filesystem::path& folder) const;

    bool operator==(const ModelManifest&) const = default;
};

/// Whether models of the family with this name can be trained.
bool isTrainable(std::string_view architecture);
/// "Tiny Llama 1.1B.Q4_K" and a hash -> "tiny-llama-1.1b.q4_k-3fa2c17b".
std::string modelId(const std::string& name, const std::string& sha256);
/// The hash of a whole model from those of its parts.
std::string modelHash(std::vector<ModelPart> parts);

} // namespace loam::node
