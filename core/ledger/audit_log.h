// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consensus/types.h"
#include "crypto/merkle.h"
#include "crypto/note.h"
#include "ledger/audit_entry.h"
#include "store/database.h"

#include <functional>
#include <optional>

namespace loam::ledger {

enum class AuditOrder : std::uint8_t { NewestFirst, OldestFirst };

/// A page of the log.
struct AuditQuery
{
    std::uint64_t offset{ 0 }; ///< hits to skip
    std::uint64_t limit{ 100 }; ///< at most 10,000
    std::string search; ///< case-insensitive part of searchText(); empty: all
    AuditOrder order{ AuditOrder::NewestFirst };
};

/// A checkpoint and who vouched for it.
struct CosignedCheckpoint
{
    crypto::Checkpoint checkpoint;
    std::vector<crypto::NoteSignature> cosignatures;

    crypto::SignedNote note() const;
};

/// The network's audit log: entries in ledger.db, the Merkle tree in memory (64 bytes an entry).
/// Entries are appended by Ledger::finalize alone. Proofs are those of RFC 9162, checkpoints those
/// of C2SP tlog-checkpoint with origin "loam/<network id in hex>". Thread of the ledger.
class AuditLog
{
public:
    std::uint64_t size() const;
    base::Hash256 root() const;
    base::Result<AuditEntry> entry(std::uint64_t index);
    /// The leaf's bytes, for proofs: merkleLeaf(entryBytes(i)) is the leaf hash.
    base::Result<base::Bytes> entryBytes(std::uint64_t index);
    base::Result<std::vector<AuditEntry>> entries(const AuditQuery& query);
    /// Number of hits of a search; size() for an empty one.
    base::Result<std::uint64_t> count(std::string_view search);

    base::Result<std::vector<base::Hash256>> inclusionProof(
        std::uint64_t index, std::uint64_t size) const;
    base::Result<std::vector<base::Hash256>> consistencyProof(
        std::uint64_t from, std::uint64_t to) const;

    /// The log's state after its first `size` entries; Invalid beyond size().
    base::Result<crypto::Checkpoint> checkpoint(std::uint64_t size) const;
    /// A validator's signature under checkpoint(size); its key name is its address.
    base::Result<crypto::NoteSignature> cosign(
        std::uint64_t size, const crypto::KeyPair& key, base::UnixTime time) const;
    /// Keeps a validator's cosignature of checkpoint(size). Denied when the name is no validator
    /// or the signature is not his; Unavailable while the log is shorter than `size`; Invalid when
    /// no block ends at `size`. Repeating is harmless.
    base::Result<> addCosignature(std::uint64_t size, const crypto::NoteSignature& signature);
    /// The checkpoint of this size with all cosignatures known; none when nobody cosigned it.
    base::Result<std::optional<CosignedCheckpoint>> cosigned(std::uint64_t size);
    /// The largest checkpoint with a quorum of cosignatures; none when there is no such.
    base::Result<std::optional<CosignedCheckpoint>> bestCheckpoint();
    /// Proof of an entry against bestCheckpoint(); Unavailable while none covers it.
    base::Result<crypto::LogProof> prove(std::uint64_t index);

    /// Reads and hashes every entry again and compares with the agreed root: Corrupt, naming the
    /// first entry that was changed. About 1 s for 500,000 entries.
    base::Result<> verify();

private:
    friend class Ledger;
    struct Leaf
    {
        AuditEntry entry;
        base::Bytes bytes;
    };
    AuditLog(store::Database& database, const base::NetworkId& network,
        consensus::ValidatorSet validators);
    /// Fills the tree from the stored entries, hashing each; `leafSeen` gets every leaf hash.
    base::Result<> load(const std::function<void(const base::Hash256&)>& leafSeen);
    /// Inside the caller's database transaction; the tree follows by adopt() once it committed.
    base::Result<> store(std::span<const Leaf> leaves);
    void adopt(std::span<const Leaf> leaves);
    /// Forgets cosignatures of checkpoints below both `size` and the best one.
    base::Result<> pruneCosignatures(std::uint64_t size);
    base::Result<std::optional<std::uint64_t>> bestSize();

    store::Database& m_database;
    std::string m_origin;
    consensus::ValidatorSet m_validators;
    crypto::MerkleTree m_tree;
};

} // namespace loam::ledger
