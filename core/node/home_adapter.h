// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "consent/grant.h"

#include <QJsonObject>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace loam::node {

enum class AdapterState : std::uint8_t {
    Waiting, ///< will be trained as soon as it may
    Training,
    Ready,
    Stopped, ///< by the owner, or because the consent ended; see `reason`
    Failed,
};
std::string_view adapterStateName(AdapterState state);

/// What adapter.json says about an adapter of the owner's own. Of his text it holds the hashes that
/// the log of uses holds too; the weights lie beside it, sealed.
struct HomeAdapter
{
    std::string id; ///< name of its folder
    std::string name; ///< what the owner calls it
    std::string baseId; ///< of the model it was trained on
    std::string baseName;
    /// How a worker opens the base: "path", or a run's "manifest", "params" and "tokenizer" of
    /// which the adapter's folder has its own.
    QJsonObject baseSource;
    std::uint64_t baseMemory{ 0 }; ///< bytes the base needs to answer; 0: unknown
    std::vector<std::pair<std::int64_t, std::string>> sources; ///< number and path
    std::string grant; ///< hex
    std::vector<base::Hash256> contents; ///< SHA-256 of the files trained on, as in the use log
    std::int64_t created{ 0 }; ///< Unix seconds
    std::int64_t trained{ 0 }; ///< when it became ready; 0: not yet
    AdapterState state{ AdapterState::Waiting };
    std::string reason; ///< why it is not ready, a sentence
    bool isNow{ false }; ///< the owner said "now": the schedule does not count
    std::uint64_t attempts{ 0 }; ///< how often text was asked for
    std::uint32_t rank{ 8 };
    std::uint32_t steps{ 300 }; ///< at most
    double learningRate{ 0.001 };
    std::uint32_t step{ 0 }; ///< done
    std::uint32_t bestStep{ 0 };
    double lossBefore{ 0 }; ///< held-out nats per token of the base alone; 0: not measured yet
    double lossAfter{ 0 }; ///< with the adapter, at its best
    std::uint64_t tokens{ 0 }; ///< of text
    std::uint64_t parameters{ 0 };
    std::uint64_t extraMemory{ 0 }; ///< bytes that answering with it needs beside the base's

    QJsonObject toJson() const;
    /// Corrupt when a field is missing or the id is no plain name.
    static base::Result<HomeAdapter> fromJson(const QJsonObject& object);
    static base::Result<HomeAdapter> load(const std::filesystem::path& folder);
    base::Result<> save(const std::filesystem::path& folder) const;
};

/// Files of an adapter's folder.
struct AdapterFiles
{
    std::filesystem::path folder;

    std::filesystem::path weights() const { return folder / "adapter.sealed"; }
    std::filesystem::path checkpoint() const { return folder / "checkpoint.sealed"; }
    std::filesystem::path base() const { return folder / "base"; }
};

} // namespace loam::node
