// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/file_index.h"

#include <algorithm>
#include <array>

namespace loam::consent {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::int32_t kApplication = 0x4c4d6369; // "LMci"
    constexpr std::uint64_t kMaxPage = 10'000;
    constexpr std::size_t kMaxCandidates = 64;

    constexpr std::array kMigrations{ store::Migration{ 1, R"sql(
CREATE TABLE files(id INTEGER PRIMARY KEY, source INTEGER NOT NULL, path BLOB NOT NULL,
    size INTEGER NOT NULL, modified INTEGER NOT NULL, inode INTEGER NOT NULL, kind INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0, verdict INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '', language TEXT NOT NULL DEFAULT '', contents BLOB, used BLOB,
    tokens INTEGER NOT NULL DEFAULT 0, redactions BLOB, rules INTEGER NOT NULL DEFAULT 0,
    sketch BLOB, walk INTEGER NOT NULL, UNIQUE(source, path)) STRICT;
CREATE INDEX files_waiting ON files(id) WHERE state = 0;
CREATE TABLE bands(value INTEGER NOT NULL, file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    PRIMARY KEY(value, file)) STRICT, WITHOUT ROWID;
CREATE INDEX bands_file ON bands(file);
CREATE TABLE folders(source INTEGER NOT NULL, path BLOB NOT NULL, PRIMARY KEY(source, path)) STRICT,
    WITHOUT ROWID;
CREATE TABLE walks(source INTEGER PRIMARY KEY, number INTEGER NOT NULL, under_way INTEGER NOT NULL,
    completed INTEGER NOT NULL, skipped INTEGER NOT NULL) STRICT;
)sql" } };

    constexpr const char* kColumns
        = "SELECT id, source, path, size, modified, inode, kind, state, verdict, reason, language, "
          "contents, used, tokens, redactions, rules FROM files ";

    base::Bytes packCounts(const SpanCounts& counts)
    {
        base::Bytes out;
        for (const std::uint32_t count : counts) {
            for (unsigned shift = 0; shift < 32; shift += 8) {
                out.push_back(static_cast<std::byte>(count >> shift));
            }
        }
        return out;
    }

    SpanCounts unpackCounts(base::ByteView bytes)
    {
        SpanCounts out{};
        for (std::size_t i = 0; i < out.size() && i * 4 + 4 <= bytes.size(); ++i) {
            for (std::size_t k = 0; k < 4; ++k) {
                out.at(i) |= std::to_integer<std::uint32_t>(bytes[i * 4 + k]) << (8 * k);
            }
        }
        return out;
    }

    std::string likePattern(std::string_view search)
    {
        std::string out{ "%" };
        for (const char c : search.substr(0, 200)) {
            if (c == '%' || c == '_' || c == '\\') {
                out += '\\';
            }
            out += c;
        }
        return out + "%";
    }

    std::int64_t toSql(std::uint64_t value)
    {
        return static_cast<std::int64_t>(value);
    }

    Result<FileRecord> readRow(const store::Statement& row)
    {
        FileRecord out;
        out.id = row.integer(0);
        out.source = SourceId{ row.integer(1) };
        out.path = std::string{ base::asText(row.blob(2)) };
        out.stamp = { .size = static_cast<std::uint64_t>(row.integer(3)),
            .modifiedNs = row.integer(4),
            .inode = static_cast<std::uint64_t>(row.integer(5)) };
        const auto kind = documentKindFrom(static_cast<std::uint8_t>(row.integer(6)));
        if (!kind || row.integer(7) < 0 || row.integer(7) > 2 || row.integer(8) < 0
            || row.integer(8) > 4) {
            return fail(
                Errc::Corrupt, "the index of your data is damaged; delete consent-index.db");
        }
        out.kind = *kind;
        out.state = static_cast<FileState>(row.integer(7));
        out.quality = { .verdict = static_cast<Verdict>(row.integer(8)),
            .reason = row.text(9),
            .language = row.text(10) };
        out.reason = row.text(9);
        if (out.state == FileState::Ready) {
            TRY_ASSIGN(out.contents, base::Hash256::from(row.blob(11)));
            TRY_ASSIGN(out.used, base::Hash256::from(row.blob(12)));
        }
        out.tokens = static_cast<std::uint64_t>(row.integer(13));
        out.redactions = unpackCounts(row.blob(14));
        out.rules = static_cast<std::uint64_t>(row.integer(15));
        return out;
    }

} // namespace

std::string_view fileStateName(FileState state)
{
    switch (state) {
    case FileState::Waiting:
        return "waiting";
    case FileState::Ready:
        return "ready";
    case FileState::Failed:
        return "failed";
    }
    return "waiting";
}

Result<std::unique_ptr<FileIndex>> FileIndex::open(const std::filesystem::path& path)
{
    TRY_ASSIGN(auto database,
        store::Database::open(path,
            { .applicationId = kApplication,
                .migrations = kMigrations,
                .durability = store::Durability::Normal }));
    return std::unique_ptr<FileIndex>{ new FileIndex{ std::move(database) } };
}

Result<std::unique_ptr<FileIndex>> FileIndex::openInMemory()
{
    TRY_ASSIGN(auto database,
        store::Database::openInMemory({ .applicationId = kApplication,
            .migrations = kMigrations,
            .durability = store::Durability::Normal }));
    return std::unique_ptr<FileIndex>{ new FileIndex{ std::move(database) } };
}

Result<> FileIndex::beginWalk(SourceId source)
{
    TRY_ASSIGN(store::Statement insert,
        m_database->prepare(
            "INSERT INTO walks(source, number, under_way, completed, skipped) "
            "VALUES (?1, 1, 1, 0, 0) ON CONFLICT(source) DO UPDATE SET number = number + 1, "
            "under_way = 1, skipped = 0"));
    insert.bind(1, source.value());
    TRY(insert.run());
    return noteFolder(source, "");
}

Result<> FileIndex::noteFolder(SourceId source, std::string_view path)
{
    TRY_ASSIGN(store::Statement insert,
        m_database->prepare("INSERT OR IGNORE INTO folders(source, path) VALUES (?1, ?2)"));
    insert.bind(1, source.value()).bind(2, base::asBytes(path));
    return insert.run();
}

Result<std::optional<std::string>> FileIndex::nextFolder(SourceId source)
{
    TRY_ASSIGN(store::Statement select,
        m_database->prepare("SELECT path FROM folders WHERE source = ?1 LIMIT 1"));
    select.bind(1, source.value());
    TRY_ASSIGN(const bool hasRow, select.step());
    return hasRow ? std::optional{ std::string{ base::asText(select.blob(0)) } } : std::nullopt;
}

Result<> FileIndex::finishFolder(SourceId source, std::string_view path)
{
    TRY_ASSIGN(store::Statement erase,
        m_database->prepare("DELETE FROM folders WHERE source = ?1 AND path = ?2"));
    erase.bind(1, source.value()).bind(2, base::asBytes(path));
    return erase.run();
}

Result<> FileIndex::noteFile(
    SourceId source, std::string_view path, const FileStamp& stamp, DocumentKind kind)
{
    // A file with the same size, time and inode is the same; any other has to be read again.
    TRY_ASSIGN(store::Statement insert,
        m_database->prepare(
            "INSERT INTO files(source, path, size, modified, inode, kind, walk) VALUES (?1, ?2, "
            "?3, "
            "?4, ?5, ?6, (SELECT number FROM walks WHERE source = ?1)) ON CONFLICT(source, path) "
            "DO UPDATE SET state = CASE WHEN size = excluded.size AND modified = excluded.modified "
            "AND inode = excluded.inode THEN state ELSE 0 END, size = excluded.size, "
            "modified = excluded.modified, inode = excluded.inode, kind = excluded.kind, "
            "walk = excluded.walk"));
    insert.bind(1, source.value()).bind(2, base::asBytes(path)).bind(3, toSql(stamp.size));
    insert.bind(4, stamp.modifiedNs).bind(5, toSql(stamp.inode));
    insert.bind(6, static_cast<std::int64_t>(kind));
    return insert.run();
}

Result<> FileIndex::noteSkipped(SourceId source, std::uint64_t count)
{
    TRY_ASSIGN(store::Statement update,
        m_database->prepare("UPDATE walks SET skipped = skipped + ?2 WHERE source = ?1"));
    update.bind(1, source.value()).bind(2, toSql(count));
    return update.run();
}

Result<> FileIndex::endWalk(SourceId source)
{
    TRY_ASSIGN(store::Statement erase,
        m_database->prepare("DELETE FROM files WHERE source = ?1 AND walk <> (SELECT number FROM "
                            "walks WHERE source = ?1)"));
    erase.bind(1, source.value());
    TRY(erase.run());
    TRY_ASSIGN(store::Statement update,
        m_database->prepare("UPDATE walks SET under_way = 0, completed = 1 WHERE source = ?1"));
    update.bind(1, source.value());
    return update.run();
}

Result<bool> FileIndex::isWalking(SourceId source)
{
    TRY_ASSIGN(store::Statement select,
        m_database->prepare("SELECT under_way FROM walks WHERE source = ?1"));
    select.bind(1, source.value());
    TRY_ASSIGN(const bool hasRow, select.step());
    return hasRow && select.integer(0) != 0;
}

Result<std::vector<SourceId>> FileIndex::sources()
{
    TRY_ASSIGN(store::Statement select, m_database->prepare("SELECT source FROM walks"));
    std::vector<SourceId> out;
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return out;
        }
        out.emplace_back(select.integer(0));
    }
}

Result<std::vector<FileRecord>> FileIndex::collect(store::Statement& select)
{
    std::vector<FileRecord> out;
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return out;
        }
        TRY_ASSIGN(FileRecord record, readRow(select));
        out.push_back(std::move(record));
    }
}

Result<std::optional<FileRecord>> FileIndex::nextWaiting()
{
    TRY_ASSIGN(store::Statement select,
        m_database->prepare(std::string{ kColumns } + "WHERE state = 0 ORDER BY id LIMIT 1"));
    TRY_ASSIGN(std::vector<FileRecord> rows, collect(select));
    return rows.empty() ? std::optional<FileRecord>{} : std::optional{ std::move(rows.front()) };
}

Result<> FileIndex::markOutdated(SourceId source, std::uint64_t rules)
{
    TRY_ASSIGN(store::Statement update,
        m_database->prepare(
            "UPDATE files SET state = 0 WHERE source = ?1 AND state = 1 AND rules <> ?2"));
    update.bind(1, source.value()).bind(2, toSql(rules));
    return update.run();
}

Result<> FileIndex::saveRead(const FileRecord& record, const std::optional<MinHash>& sketch)
{
    TRY_ASSIGN(store::Statement update,
        m_database->prepare(
            "UPDATE files SET state = 1, verdict = ?2, reason = ?3, language = ?4, contents = ?5, "
            "used = ?6, tokens = ?7, redactions = ?8, rules = ?9, sketch = ?10, size = ?11, "
            "modified = ?12, inode = ?13 WHERE id = ?1"));
    const base::Bytes counts = packCounts(record.redactions);
    const base::Bytes sketchBytes = sketch ? sketch->encode() : base::Bytes{};
    update.bind(1, record.id).bind(2, static_cast<std::int64_t>(record.quality.verdict));
    update.bind(3, std::string_view{ record.quality.reason });
    update.bind(4, std::string_view{ record.quality.language });
    update.bind(5, record.contents.view()).bind(6, record.used.view());
    update.bind(7, toSql(record.tokens)).bind(8, base::ByteView{ counts });
    update.bind(9, toSql(record.rules));
    if (sketch) {
        update.bind(10, base::ByteView{ sketchBytes });
    } else {
        update.bindNull(10);
    }
    update.bind(11, toSql(record.stamp.size)).bind(12, record.stamp.modifiedNs);
    update.bind(13, toSql(record.stamp.inode));
    TRY(update.run());
    TRY_ASSIGN(store::Statement erase, m_database->prepare("DELETE FROM bands WHERE file = ?1"));
    erase.bind(1, record.id);
    TRY(erase.run());
    if (!sketch) {
        return {};
    }
    TRY_ASSIGN(store::Statement insert,
        m_database->prepare("INSERT OR IGNORE INTO bands(value, file) VALUES (?1, ?2)"));
    for (const std::uint64_t band : sketch->bands()) {
        insert.bind(1, toSql(band)).bind(2, record.id);
        TRY(insert.run());
    }
    return {};
}

Result<> FileIndex::saveFailure(std::int64_t file, std::string_view reason)
{
    TRY_ASSIGN(store::Statement update,
        m_database->prepare("UPDATE files SET state = 2, reason = ?2, tokens = 0 WHERE id = ?1"));
    update.bind(1, file).bind(2, reason);
    return update.run();
}

Result<std::optional<std::string>> FileIndex::findSimilar(
    const MinHash& sketch, std::int64_t except)
{
    TRY_ASSIGN(store::Statement select,
        m_database->prepare(
            "SELECT DISTINCT files.id, files.path, files.sketch FROM bands JOIN files ON files.id "
            "= "
            "bands.file WHERE bands.value = ?1 AND files.id < ?2 AND files.verdict <> 4 "
            "ORDER BY files.id LIMIT 64"));
    std::size_t looked = 0;
    for (const std::uint64_t band : sketch.bands()) {
        select.bind(1, toSql(band)).bind(2, except);
        for (;;) {
            TRY_ASSIGN(const bool hasRow, select.step());
            if (!hasRow) {
                break;
            }
            if (select.isNull(2) || ++looked > kMaxCandidates * MinHash::kBands) {
                continue;
            }
            TRY_ASSIGN(const MinHash other, MinHash::decode(select.blob(2)));
            if (sketch.similarity(other) >= MinHash::kNearDuplicate) {
                return std::optional{ std::string{ base::asText(select.blob(1)) } };
            }
        }
    }
    return std::optional<std::string>{};
}

Result<> FileIndex::removeFile(std::int64_t file)
{
    TRY_ASSIGN(store::Statement erase, m_database->prepare("DELETE FROM files WHERE id = ?1"));
    erase.bind(1, file);
    return erase.run();
}

Result<> FileIndex::removeSource(SourceId source)
{
    for (const char* sql : { "DELETE FROM files WHERE source = ?1",
             "DELETE FROM folders WHERE source = ?1", "DELETE FROM walks WHERE source = ?1" }) {
        TRY_ASSIGN(store::Statement erase, m_database->prepare(sql));
        erase.bind(1, source.value());
        TRY(erase.run());
    }
    return {};
}

Result<SourceSummary> FileIndex::summary(SourceId source)
{
    SourceSummary out;
    TRY_ASSIGN(store::Statement walk,
        m_database->prepare("SELECT completed, skipped, (SELECT count(*) FROM folders WHERE source "
                            "= ?1) FROM walks WHERE source = ?1"));
    walk.bind(1, source.value());
    TRY_ASSIGN(const bool hasWalk, walk.step());
    if (hasWalk) {
        out.isScanned = walk.integer(0) != 0;
        out.skipped = static_cast<std::uint64_t>(walk.integer(1));
        out.foldersLeft = static_cast<std::uint64_t>(walk.integer(2));
        walk.reset();
    }
    TRY_ASSIGN(store::Statement select,
        m_database->prepare(
            "SELECT state, verdict, size, tokens, redactions FROM files WHERE source = ?1"));
    select.bind(1, source.value());
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return out;
        }
        ++out.files;
        out.bytes += static_cast<std::uint64_t>(select.integer(2));
        if (select.integer(0) == 0) {
            ++out.waiting;
        } else if (select.integer(0) == 2) {
            ++out.failed;
        } else if (select.integer(1) != 0) {
            ++out.poor;
        } else {
            out.tokens += static_cast<std::uint64_t>(select.integer(3));
            const SpanCounts counts = unpackCounts(select.blob(4));
            for (std::size_t i = 0; i < kSpanKinds; ++i) {
                out.redactions.at(i) += counts.at(i);
            }
        }
    }
}

Result<std::vector<FileRecord>> FileIndex::files(const FileQuery& query)
{
    TRY_ASSIGN(store::Statement select,
        m_database->prepare(std::string{ kColumns }
            + "WHERE source = ?1 AND CAST(path AS TEXT) LIKE ?2 ESCAPE '\\' ORDER BY path "
              "LIMIT ?3 OFFSET ?4"));
    const std::string pattern = likePattern(query.search);
    select.bind(1, query.source.value()).bind(2, std::string_view{ pattern });
    select.bind(3, toSql(std::min(query.limit, kMaxPage))).bind(4, toSql(query.offset));
    return collect(select);
}

Result<std::uint64_t> FileIndex::count(const FileQuery& query)
{
    TRY_ASSIGN(store::Statement select,
        m_database->prepare("SELECT count(*) FROM files WHERE source = ?1 AND CAST(path AS TEXT) "
                            "LIKE ?2 ESCAPE '\\'"));
    const std::string pattern = likePattern(query.search);
    select.bind(1, query.source.value()).bind(2, std::string_view{ pattern });
    TRY(select.step());
    return static_cast<std::uint64_t>(select.integer(0));
}

Result<std::optional<FileRecord>> FileIndex::find(SourceId source, std::string_view path)
{
    TRY_ASSIGN(store::Statement select,
        m_database->prepare(std::string{ kColumns } + "WHERE source = ?1 AND path = ?2"));
    select.bind(1, source.value()).bind(2, base::asBytes(path));
    TRY_ASSIGN(std::vector<FileRecord> rows, collect(select));
    return rows.empty() ? std::optional<FileRecord>{} : std::optional{ std::move(rows.front()) };
}

Result<std::vector<FileRecord>> FileIndex::readyAfter(
    SourceId source, std::int64_t id, std::uint64_t limit)
{
    TRY_ASSIGN(store::Statement select,
        m_database->prepare(std::string{ kColumns }
            + "WHERE source = ?1 AND id > ?2 AND state = 1 ORDER BY id LIMIT ?3"));
    select.bind(1, source.value()).bind(2, id).bind(3, toSql(std::min(limit, kMaxPage)));
    return collect(select);
}

} // namespace loam::consent
