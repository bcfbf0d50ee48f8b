// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "ledger/transaction.h"
#include "node/home.h"

#include <filesystem>
#include <string>

namespace loam::node {

/// What OpenRun carries as its manifest: the training manifest and where its base files are.
/// Deterministic CBOR [manifest bytes, magnet link].
struct RunBundle
{
    base::Bytes manifest; ///< training::RunManifest::encode()
    std::string baseMagnet; ///< torrent of tokenizer.model and probe.txt

    base::Bytes encode() const;
    static base::Result<RunBundle> decode(base::ByteView bytes);
};

/// The folder that holds a run's tokenizer and probe text; its name is part of the torrent, so it
/// depends on the contents alone.
struct BaseFiles
{
    std::filesystem::path folder;

    std::filesystem::path tokenizer() const { return folder / "tokenizer.model"; }
    std::filesystem::path probe() const { return folder / "probe.txt"; }

    static BaseFiles at(
        const Home& home, const base::Hash256& tokenizerHash, const base::Hash256& probeHash);
};

/// Names of one run's files below models/.
struct RunFiles
{
    std::filesystem::path folder;
    std::string prefix; ///< first 16 hex digits of the run id

    static RunFiles at(const Home& home, const ledger::RunId& run);

    std::filesystem::path manifest() const { return folder / "manifest.cbor"; }
    /// Parameters that the round starts from. The name is part of the checkpoint's torrent.
    std::filesystem::path parameters(std::uint64_t round) const;
    /// A result of aggregation that is not agreed yet.
    std::filesystem::path candidate(std::uint64_t round) const;
    /// Optimiser state and error feedback of the last committed round.
    std::filesystem::path trainerState() const { return folder / "trainer.state"; }
    /// The same as the round's training left it.
    std::filesystem::path trainerStateAfter(std::uint64_t round) const;
    /// A round at work, for a worker that is cut off; gone when the round is trained.
    std::filesystem::path trainerCheckpoint() const { return folder / "trainer.checkpoint"; }
    /// This node's update for the round, and what to submit about it.
    std::filesystem::path ownUpdate(std::uint64_t round) const;
    std::filesystem::path ownUpdateFacts(std::uint64_t round) const;
};

/// Where the body of an update is kept, named by its hash.
std::filesystem::path updatePath(const Home& home, const base::Hash256& commitment);

} // namespace loam::node
