// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/use_log.h"

#include <algorithm>

namespace loam::consent {

using base::Errc;
using base::fail;
using base::Hash256;
using base::Result;

namespace {

    constexpr std::uint64_t kMaxPage = 10'000;
    constexpr std::size_t kMaxNote = 1000;
    constexpr codec::Limits kLimits{ .bytes = 16 * 1024, .items = 64, .depth = 2 };

    std::int64_t toSql(std::uint64_t value)
    {
        return static_cast<std::int64_t>(value);
    }

    Result<std::int64_t> readSigned(codec::Reader& reader)
    {
        TRY_ASSIGN(const std::uint64_t value, reader.unsignedInt());
        if (value > static_cast<std::uint64_t>(INT64_MAX)) {
            return fail(Errc::Invalid, "a number of the log does not fit");
        }
        return static_cast<std::int64_t>(value);
    }

} // namespace

std::string_view useKindName(UseKind kind)
{
    switch (kind) {
    case UseKind::Granted:
        return "granted";
    case UseKind::Revoked:
        return "revoked";
    case UseKind::Charged:
        return "charged";
    case UseKind::Used:
        return "used";
    case UseKind::SourceAdded:
        return "source_added";
    case UseKind::SourceRemoved:
        return "source_removed";
    case UseKind::TermsChanged:
        return "terms_changed";
    case UseKind::Refused:
        return "refused";
    }
    return "used";
}

base::Bytes UseEntry::encode() const
{
    codec::Writer writer;
    writer.map(12);
    writer.key(1).unsignedInt(index);
    writer.key(2).unsignedInt(static_cast<std::uint64_t>(time.time_since_epoch().count()));
    writer.key(3).unsignedInt(static_cast<std::uint64_t>(kind));
    writer.key(4).bytes(grant.view());
    writer.key(5).bytes(run.view());
    writer.key(6).unsignedInt(round);
    writer.key(7).unsignedInt(static_cast<std::uint64_t>(source.value()));
    writer.key(8).bytes(base::asBytes(path)); // a path need not be UTF-8
    writer.key(9).bytes(contents.view());
    writer.key(10).unsignedInt(tokens);
    writer.key(11).unsignedInt(static_cast<std::uint64_t>(cost.micro()));
    writer.key(12).text(std::string_view{ note }.substr(0, kMaxNote));
    return writer.take();
}

Result<UseEntry> UseEntry::decode(base::ByteView bytes)
{
    codec::Reader reader{ bytes, kLimits };
    UseEntry out;
    TRY(reader.map(12));
    TRY(reader.key(1));
    TRY_ASSIGN(out.index, reader.unsignedInt());
    TRY(reader.key(2));
    TRY_ASSIGN(const std::int64_t time, readSigned(reader));
    out.time = base::UnixTime{ std::chrono::milliseconds{ time } };
    TRY(reader.key(3));
    TRY_ASSIGN(const std::uint64_t kind, reader.unsignedInt());
    if (kind < 1 || kind > static_cast<std::uint64_t>(UseKind::Refused)) {
        return fail(Errc::Invalid, "an entry of the log is of an unknown kind");
    }
    out.kind = static_cast<UseKind>(kind);
    TRY(reader.key(4));
    TRY_ASSIGN(out.grant, reader.fixed<GrantId>());
    TRY(reader.key(5));
    TRY_ASSIGN(out.run, reader.fixed<RunId>());
    TRY(reader.key(6));
    TRY_ASSIGN(out.round, reader.unsignedInt());
    TRY(reader.key(7));
    TRY_ASSIGN(const std::int64_t source, readSigned(reader));
    out.source = SourceId{ source };
    TRY(reader.key(8));
    TRY_ASSIGN(const base::ByteView path, reader.bytes());
    out.path = std::string{ base::asText(path) };
    TRY(reader.key(9));
    TRY_ASSIGN(out.contents, reader.fixed<Hash256>());
    TRY(reader.key(10));
    TRY_ASSIGN(out.tokens, reader.unsignedInt());
    TRY(reader.key(11));
    TRY_ASSIGN(const std::int64_t cost, readSigned(reader));
    out.cost = MicroRho::fromMicro(cost);
    TRY(reader.key(12));
    TRY_ASSIGN(const std::string_view note, reader.text());
    out.note = std::string{ note };
    TRY(reader.finish());
    return out;
}

Result<UseLog> UseLog::load(store::Database& database)
{
    UseLog out{ database };
    TRY_ASSIGN(
        store::Statement select, database.prepare("SELECT entry, bytes FROM log ORDER BY entry"));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return out;
        }
        const std::uint64_t index = out.m_tree.size();
        const base::Bytes bytes = select.blob(1);
        const auto entry = UseEntry::decode(bytes);
        if (select.integer(0) != toSql(index) || !entry || entry->index != index) {
            return fail(Errc::Corrupt,
                "entry " + std::to_string(index)
                    + " of the log of used data is missing or damaged; restore consent.db from a "
                      "backup");
        }
        out.m_tree.append(crypto::merkleLeaf(bytes));
        out.note(*entry);
    }
}

Result<std::vector<Hash256>> UseLog::store(std::span<UseEntry> entries)
{
    TRY_ASSIGN(store::Statement insert,
        m_database->prepare("INSERT INTO log(entry, bytes) VALUES (?1, ?2)"));
    std::vector<Hash256> leaves;
    leaves.reserve(entries.size());
    for (UseEntry& entry : entries) {
        entry.index = m_tree.size() + leaves.size();
        const base::Bytes bytes = entry.encode();
        insert.bind(1, toSql(entry.index)).bind(2, base::ByteView{ bytes });
        TRY(insert.run());
        leaves.push_back(crypto::merkleLeaf(bytes));
    }
    return leaves;
}

void UseLog::adopt(std::span<const Hash256> leaves, std::span<const UseEntry> entries)
{
    for (const Hash256& leaf : leaves) {
        m_tree.append(leaf);
    }
    for (const UseEntry& entry : entries) {
        note(entry);
    }
}

void UseLog::note(const UseEntry& entry)
{
    if (entry.kind == UseKind::Charged) {
        m_charged[entry.run].insert(entry.round);
    }
}

const std::set<std::uint64_t>& UseLog::chargedRounds(const RunId& run) const
{
    static const std::set<std::uint64_t> kNone;
    const auto found = m_charged.find(run);
    return found == m_charged.end() ? kNone : found->second;
}

Result<std::vector<UseEntry>> UseLog::entries(const UseQuery& query)
{
    std::vector<UseEntry> out;
    if (query.offset >= size()) {
        return out;
    }
    const std::uint64_t count = std::min({ query.limit, kMaxPage, size() - query.offset });
    const std::uint64_t first = query.oldestFirst ? query.offset : size() - query.offset - count;
    TRY_ASSIGN(store::Statement select,
        m_database->prepare("SELECT bytes FROM log WHERE entry >= ?1 AND entry < ?2 "
                            "ORDER BY entry"));
    select.bind(1, toSql(first)).bind(2, toSql(first + count));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            break;
        }
        TRY_ASSIGN(UseEntry entry, UseEntry::decode(select.blob(0)));
        out.push_back(std::move(entry));
    }
    if (!query.oldestFirst) {
        std::ranges::reverse(out);
    }
    return out;
}

Result<> UseLog::verify()
{
    crypto::MerkleTree again;
    TRY_ASSIGN(store::Statement select,
        m_database->prepare("SELECT entry, bytes FROM log ORDER BY entry"));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            break;
        }
        const std::uint64_t index = again.size();
        again.append(crypto::merkleLeaf(select.blob(1)));
        if (select.integer(0) != toSql(index) || index >= m_tree.size()
            || again.root() != m_tree.rootAt(index + 1)) {
            return fail(Errc::Corrupt,
                "entry " + std::to_string(index) + " of the log of used data was changed");
        }
    }
    if (again.size() != m_tree.size()) {
        return fail(Errc::Corrupt,
            "the log of used data ends at entry " + std::to_string(again.size()) + " instead of "
                + std::to_string(m_tree.size()));
    }
    return {};
}

} // namespace loam::consent
