// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consent/beneath.h"
#include "consent/document_kind.h"
#include "consent/grant.h"
#include "consent/prepared_text.h"
#include "store/database.h"

#include <memory>
#include <optional>

namespace loam::consent {

enum class FileState : std::uint8_t {
    Waiting = 0, ///< found or changed, not read yet
    Ready = 1, ///< read; counts and hashes are those of the stamp
    Failed = 2, ///< could not be read; the reason says why
};

std::string_view fileStateName(FileState state);

/// One file as the index knows it. Paths, hashes and counts; never text.
struct FileRecord
{
    std::int64_t id{ 0 };
    SourceId source{ 0 };
    std::string path; ///< relative to the source; the file's name if the source is a file
    FileStamp stamp;
    DocumentKind kind{ DocumentKind::PlainText };
    FileState state{ FileState::Waiting };
    Quality quality;
    std::string reason; ///< of Failed
    base::Hash256 contents;
    base::Hash256 used;
    std::uint64_t tokens{ 0 };
    SpanCounts redactions{};
    std::uint64_t rules{ 0 }; ///< generation of the rules it was prepared under
};

/// Sums over one source.
struct SourceSummary
{
    std::uint64_t files{ 0 };
    std::uint64_t waiting{ 0 };
    std::uint64_t failed{ 0 };
    std::uint64_t poor{ 0 }; ///< ready, but not Good
    std::uint64_t bytes{ 0 };
    std::uint64_t tokens{ 0 }; ///< of ready and good files
    SpanCounts redactions{};
    bool isScanned{ false }; ///< a walk of the whole tree has been completed
    std::uint64_t skipped{ 0 }; ///< entries the rules left out, in the last walk
    std::uint64_t foldersLeft{ 0 }; ///< of the walk under way
};

struct FileQuery
{
    SourceId source{ 0 };
    std::uint64_t offset{ 0 };
    std::uint64_t limit{ 100 };
    std::string search; ///< part of the path
};

/// consent-index.db: what was found in the sources. It can be deleted at any time and is built
/// anew; memory does not grow with the number of files. One thread.
class FileIndex
{
public:
    static base::Result<std::unique_ptr<FileIndex>> open(const std::filesystem::path& path);
    static base::Result<std::unique_ptr<FileIndex>> openInMemory();

    // Walking. The folders still to be listed are rows, so that a walk goes on where it was broken
    // off; a file is forgotten when a complete walk has not met it.
    base::Result<> beginWalk(SourceId source);
    base::Result<std::optional<std::string>> nextFolder(SourceId source);
    base::Result<> finishFolder(SourceId source, std::string_view path);
    base::Result<> noteFolder(SourceId source, std::string_view path);
    base::Result<> noteFile(
        SourceId source, std::string_view path, const FileStamp& stamp, DocumentKind kind);
    base::Result<> noteSkipped(SourceId source, std::uint64_t count);
    base::Result<> endWalk(SourceId source);
    base::Result<bool> isWalking(SourceId source);
    /// All that a walk was ever begun in.
    base::Result<std::vector<SourceId>> sources();
    base::Result<> transaction(const std::function<base::Result<>()>& body)
    {
        return m_database->transaction(body);
    }

    // Reading.
    base::Result<std::optional<FileRecord>> nextWaiting();
    /// Ready files prepared under other rules have to be read again.
    base::Result<> markOutdated(SourceId source, std::uint64_t rules);
    base::Result<> saveRead(const FileRecord& record, const std::optional<MinHash>& sketch);
    base::Result<> saveFailure(std::int64_t file, std::string_view reason);
    /// The path of an earlier file at least 0.8 similar, if any.
    base::Result<std::optional<std::string>> findSimilar(
        const MinHash& sketch, std::int64_t except);
    base::Result<> removeFile(std::int64_t file);
    base::Result<> removeSource(SourceId source);

    base::Result<SourceSummary> summary(SourceId source);
    base::Result<std::vector<FileRecord>> files(const FileQuery& query);
    base::Result<std::uint64_t> count(const FileQuery& query);
    base::Result<std::optional<FileRecord>> find(SourceId source, std::string_view path);
    /// Ready files with a larger id, oldest first.
    base::Result<std::vector<FileRecord>> readyAfter(
        SourceId source, std::int64_t id, std::uint64_t limit);

private:
    explicit FileIndex(std::unique_ptr<store::Database> database)
        : m_database{ std::move(database) }
    {
    }
    base::Result<std::vector<FileRecord>> collect(store::Statement& select);
    std::unique_ptr<store::Database> m_database;
};

} // namespace loam::consent
