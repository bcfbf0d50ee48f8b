// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/audit_log.h"

#include "base/bech32m.h"
#include "ledger/schema.h"

#include <algorithm>

namespace loam::ledger {

using base::Bytes;
using base::Errc;
using base::fail;
using base::Hash256;
using base::Result;

namespace {

    constexpr std::uint64_t kMaxPage = 10'000;
    constexpr std::size_t kMaxSearch = 200;

    /// The text as a LIKE pattern that finds it literally.
    std::string likePattern(std::string_view search)
    {
        std::string out{ "%" };
        for (const char c : search.substr(0, kMaxSearch)) {
            if (c == '%' || c == '_' || c == '\\') {
                out += '\\';
            }
            out += c;
        }
        return out + "%";
    }

    Result<AuditEntry> decodeStored(std::uint64_t index, const Bytes& bytes)
    {
        Result<AuditEntry> entry = AuditEntry::decode(bytes);
        if (!entry || entry->index != index) {
            return fail(Errc::Corrupt,
                "entry " + std::to_string(index) + " of the audit log is damaged on disk");
        }
        return entry;
    }

} // namespace

crypto::SignedNote CosignedCheckpoint::note() const
{
    return { .text = checkpoint.body(), .signatures = cosignatures };
}

AuditLog::AuditLog(
    store::Database& database, const base::NetworkId& network, consensus::ValidatorSet validators)
    : m_database{ database }
    , m_origin{ "loam/" + base::toHex(network.view()) }
    , m_validators{ std::move(validators) }
{
}

std::uint64_t AuditLog::size() const
{
    return m_tree.size();
}

Hash256 AuditLog::root() const
{
    return m_tree.root();
}

Result<Bytes> AuditLog::entryBytes(std::uint64_t index)
{
    TRY_ASSIGN(
        store::Statement select, m_database.prepare("SELECT bytes FROM audit WHERE entry = ?1"));
    select.bind(1, toSql(index));
    TRY_ASSIGN(const bool hasRow, select.step());
    if (!hasRow) {
        return fail(Errc::NotFound, "the audit log has no entry " + std::to_string(index) + " yet");
    }
    return select.blob(0);
}

Result<AuditEntry> AuditLog::entry(std::uint64_t index)
{
    TRY_ASSIGN(const Bytes bytes, entryBytes(index));
    return decodeStored(index, bytes);
}

Result<std::vector<AuditEntry>> AuditLog::entries(const AuditQuery& query)
{
    const bool isNewestFirst = query.order == AuditOrder::NewestFirst;
    const std::uint64_t limit = std::min(query.limit, kMaxPage);
    std::vector<AuditEntry> out;
    const auto collect = [&out](store::Statement& select) -> Result<> {
        for (;;) {
            TRY_ASSIGN(const bool hasRow, select.step());
            if (!hasRow) {
                return {};
            }
            const auto index = static_cast<std::uint64_t>(select.integer(0));
            TRY_ASSIGN(AuditEntry entry, decodeStored(index, select.blob(1)));
            out.push_back(std::move(entry));
        }
    };
    if (query.search.empty()) {
        // Indices are dense, so a page of a million rows is found by arithmetic.
        if (query.offset >= size()) {
            return out;
        }
        const std::uint64_t count = std::min(limit, size() - query.offset);
        const std::uint64_t first = isNewestFirst ? size() - query.offset - count : query.offset;
        TRY_ASSIGN(store::Statement select,
            m_database.prepare(isNewestFirst
                    ? "SELECT entry, bytes FROM audit WHERE entry >= ?1 AND entry < ?2 "
                      "ORDER BY entry DESC"
                    : "SELECT entry, bytes FROM audit WHERE entry >= ?1 AND entry < ?2 "
                      "ORDER BY entry"));
        select.bind(1, toSql(first)).bind(2, toSql(first + count));
        TRY(collect(select));
        return out;
    }
    TRY_ASSIGN(store::Statement select,
        m_database.prepare(isNewestFirst
                ? "SELECT audit.entry, audit.bytes FROM audit_text JOIN audit USING (entry) WHERE "
                  "audit_text.text LIKE ?1 ESCAPE '\\' ORDER BY audit_text.entry DESC "
                  "LIMIT ?2 OFFSET ?3"
                : "SELECT audit.entry, audit.bytes FROM audit_text JOIN audit USING (entry) WHERE "
                  "audit_text.text LIKE ?1 ESCAPE '\\' ORDER BY audit_text.entry "
                  "LIMIT ?2 OFFSET ?3"));
    const std::string pattern = likePattern(query.search);
    select.bind(1, std::string_view{ pattern }).bind(2, toSql(limit)).bind(3, toSql(query.offset));
    TRY(collect(select));
    return out;
}

Result<std::uint64_t> AuditLog::count(std::string_view search)
{
    if (search.empty()) {
        return size();
    }
    TRY_ASSIGN(store::Statement select,
        m_database.prepare("SELECT count(*) FROM audit_text WHERE text LIKE ?1 ESCAPE '\\'"));
    const std::string pattern = likePattern(search);
    select.bind(1, std::string_view{ pattern });
    TRY(select.step());
    return static_cast<std::uint64_t>(select.integer(0));
}

Result<std::vector<Hash256>> AuditLog::inclusionProof(std::uint64_t index, std::uint64_t size) const
{
    return m_tree.inclusionProof(index, size);
}

Result<std::vector<Hash256>> AuditLog::consistencyProof(std::uint64_t from, std::uint64_t to) const
{
    return m_tree.consistencyProof(from, to);
}

Result<crypto::Checkpoint> AuditLog::checkpoint(std::uint64_t size) const
{
    if (size > m_tree.size()) {
        return fail(Errc::Invalid,
            "the audit log has " + std::to_string(m_tree.size()) + " entries, not "
                + std::to_string(size));
    }
    return crypto::Checkpoint{ .origin = m_origin, .size = size, .root = m_tree.rootAt(size) };
}

Result<crypto::NoteSignature> AuditLog::cosign(
    std::uint64_t size, const crypto::KeyPair& key, base::UnixTime time) const
{
    TRY_ASSIGN(const crypto::Checkpoint checkpoint, checkpoint(size));
    return crypto::cosign(base::toAddress(key.publicKey()), key, checkpoint.body(), time);
}

Result<> AuditLog::addCosignature(std::uint64_t size, const crypto::NoteSignature& signature)
{
    if (size > m_tree.size()) {
        return fail(Errc::Unavailable, "the log has not grown to this checkpoint yet");
    }
    const Result<base::PublicKey> key = base::fromAddress(signature.name);
    const auto& members = m_validators.members;
    if (!key || std::find(members.begin(), members.end(), *key) == members.end()) {
        return fail(Errc::Denied, "the cosignature's name is no validator's address");
    }
    TRY_ASSIGN(store::Statement block,
        m_database.prepare("SELECT height FROM blocks WHERE audit_size = ?1 LIMIT 1"));
    block.bind(1, toSql(size));
    TRY_ASSIGN(const bool endsBlock, block.step());
    if (!endsBlock) {
        return fail(Errc::Invalid, "no block ends at this size of the log");
    }
    TRY_ASSIGN(const crypto::Checkpoint checkpoint, checkpoint(size));
    if (!crypto::verifyCosignature(signature, *key, checkpoint.body())) {
        return fail(Errc::Denied, "the cosignature does not fit this checkpoint");
    }
    TRY_ASSIGN(store::Statement insert,
        m_database.prepare("INSERT OR REPLACE INTO cosignatures(size, name, key_id, signature) "
                           "VALUES (?1, ?2, ?3, ?4)"));
    insert.bind(1, toSql(size)).bind(2, std::string_view{ signature.name });
    insert.bind(3, base::ByteView{ signature.keyId });
    insert.bind(4, base::ByteView{ signature.signature });
    return insert.run();
}

Result<std::optional<CosignedCheckpoint>> AuditLog::cosigned(std::uint64_t size)
{
    TRY_ASSIGN(store::Statement select,
        m_database.prepare(
            "SELECT name, key_id, signature FROM cosignatures WHERE size = ?1 ORDER BY name"));
    select.bind(1, toSql(size));
    CosignedCheckpoint out;
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            break;
        }
        crypto::NoteSignature signature;
        signature.name = select.text(0);
        const Bytes keyId = select.blob(1);
        std::copy_n(
            keyId.begin(), std::min(keyId.size(), signature.keyId.size()), signature.keyId.begin());
        signature.signature = select.blob(2);
        out.cosignatures.push_back(std::move(signature));
    }
    if (out.cosignatures.empty()) {
        return std::optional<CosignedCheckpoint>{};
    }
    TRY_ASSIGN(out.checkpoint, checkpoint(size));
    return std::optional{ std::move(out) };
}

Result<std::optional<std::uint64_t>> AuditLog::bestSize()
{
    TRY_ASSIGN(store::Statement select,
        m_database.prepare("SELECT size FROM cosignatures GROUP BY size HAVING count(*) >= ?1 "
                           "ORDER BY size DESC LIMIT 1"));
    select.bind(1, toSql(m_validators.quorum()));
    TRY_ASSIGN(const bool hasRow, select.step());
    return hasRow ? std::optional{ static_cast<std::uint64_t>(select.integer(0)) } : std::nullopt;
}

Result<std::optional<CosignedCheckpoint>> AuditLog::bestCheckpoint()
{
    TRY_ASSIGN(const std::optional<std::uint64_t> size, bestSize());
    if (!size) {
        return std::optional<CosignedCheckpoint>{};
    }
    return cosigned(*size);
}

Result<crypto::LogProof> AuditLog::prove(std::uint64_t index)
{
    if (index >= m_tree.size()) {
        return fail(Errc::NotFound, "the audit log has no entry " + std::to_string(index) + " yet");
    }
    TRY_ASSIGN(const std::optional<CosignedCheckpoint> best, bestCheckpoint());
    if (!best || best->checkpoint.size <= index) {
        return fail(Errc::Unavailable,
            "no checkpoint with the signatures of a quorum covers this entry yet");
    }
    crypto::LogProof proof;
    proof.index = index;
    TRY_ASSIGN(proof.path, m_tree.inclusionProof(index, best->checkpoint.size));
    proof.checkpoint = best->note();
    return proof;
}

Result<> AuditLog::verify()
{
    TRY_ASSIGN(store::Statement select,
        m_database.prepare("SELECT entry, bytes FROM audit ORDER BY entry"));
    std::uint64_t index = 0;
    for (;; ++index) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            break;
        }
        const Hash256 leaf = crypto::merkleLeaf(select.blob(1));
        const Result<std::vector<Hash256>> path = m_tree.inclusionProof(index, m_tree.size());
        if (static_cast<std::uint64_t>(select.integer(0)) != index || !path
            || !crypto::verifyInclusion(leaf, index, m_tree.size(), *path, m_tree.root())) {
            return fail(
                Errc::Corrupt, "entry " + std::to_string(index) + " of the audit log was changed");
        }
    }
    if (index != m_tree.size()) {
        return fail(Errc::Corrupt,
            "the audit log ends at entry " + std::to_string(index) + " instead of "
                + std::to_string(m_tree.size()));
    }
    return {};
}

Result<> AuditLog::load(const std::function<void(const Hash256&)>& leafSeen)
{
    TRY_ASSIGN(store::Statement select,
        m_database.prepare("SELECT entry, bytes FROM audit ORDER BY entry"));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return {};
        }
        if (static_cast<std::uint64_t>(select.integer(0)) != m_tree.size()) {
            return fail(Errc::Corrupt,
                "entry " + std::to_string(m_tree.size())
                    + " is missing from the audit log on disk");
        }
        const Hash256 leaf = crypto::merkleLeaf(select.blob(1));
        m_tree.append(leaf);
        leafSeen(leaf);
    }
}

Result<> AuditLog::store(std::span<const Leaf> leaves)
{
    TRY_ASSIGN(store::Statement insertBytes,
        m_database.prepare("INSERT INTO audit(entry, bytes) VALUES (?1, ?2)"));
    TRY_ASSIGN(store::Statement insertText,
        m_database.prepare("INSERT INTO audit_text(entry, text) VALUES (?1, ?2)"));
    for (const Leaf& leaf : leaves) {
        insertBytes.bind(1, toSql(leaf.entry.index)).bind(2, base::ByteView{ leaf.bytes });
        TRY(insertBytes.run());
        const std::string text = leaf.entry.searchText();
        insertText.bind(1, toSql(leaf.entry.index)).bind(2, std::string_view{ text });
        TRY(insertText.run());
    }
    return {};
}

void AuditLog::adopt(std::span<const Leaf> leaves)
{
    for (const Leaf& leaf : leaves) {
        m_tree.append(crypto::merkleLeaf(leaf.bytes));
    }
}

Result<> AuditLog::pruneCosignatures(std::uint64_t size)
{
    TRY_ASSIGN(const std::optional<std::uint64_t> best, bestSize());
    TRY_ASSIGN(
        store::Statement erase, m_database.prepare("DELETE FROM cosignatures WHERE size < ?1"));
    erase.bind(1, toSql(std::min(size, best.value_or(0))));
    return erase.run();
}

} // namespace loam::ledger
