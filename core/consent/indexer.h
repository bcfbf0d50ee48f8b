// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consent/batch_gate.h"
#include "consent/extractor.h"
#include "consent/file_index.h"
#include "consent/path_rules.h"
#include "consent/records.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace loam::consent {

/// What the owner decided, as one value that may go to another thread.
struct RulesSnapshot
{
    std::uint64_t generation{ 0 };
    std::vector<Source> sources;
    std::vector<TextPattern> own;
    base::Bytes salt;
    std::map<std::pair<std::int64_t, std::string>, std::set<base::Hash256>> struckLines;
    std::map<std::int64_t, std::vector<std::string>> struckPaths;

    const Source* find(SourceId id) const;
    TextRules textRules(SourceId source, const std::string& path) const;
    bool isStruck(SourceId source, std::string_view path) const;
};

/// One file as it is now.
struct FilePreview
{
    FileRecord record;
    PreparedText text;
    bool isCut{ false }; ///< only the first part is read
    bool isStruck{ false };
};

/// Walks the sources, reads what is new through the extractor, and keeps the index. All work comes
/// in small pieces by step(), so that whoever owns the thread decides how much of the time it gets.
/// One thread.
class Indexer
{
public:
    static constexpr std::uint64_t kMaxFileBytes = std::uint64_t{ 64 } << 20U;
    static constexpr std::uint64_t kMaxMailboxBytes = std::uint64_t{ 1 } << 30U;

    Indexer(std::unique_ptr<FileIndex> index, std::filesystem::path extractorProgram);

    /// Takes over new rules: sources that are gone are forgotten, new ones walked, files prepared
    /// under other text rules read again.
    base::Result<> setRules(std::shared_ptr<const RulesSnapshot> rules);
    /// Looks through the source again; what is unchanged is not read again.
    base::Result<> requestWalk(SourceId source);

    enum class Step { Idle, Listed, Read };
    /// Lists one folder or reads one file. A file that fails is noted with its reason; an error
    /// here means the index itself failed. Idle until rules are set.
    base::Result<Step> step();

    /// Reads the file now, whatever the index says of it, and brings the index up to date.
    base::Result<FilePreview> preview(SourceId source, const std::string& path);

    /// The next ready files after `cursor` of these sources with at least `tokens` altogether,
    /// read and prepared anew. Files that fail are left out. The cursor moves on.
    struct Cursor
    {
        std::size_t source{ 0 };
        std::int64_t file{ 0 };
        bool isAtEnd{ false };
    };
    base::Result<std::vector<OfferedFile>> offer(
        std::span<const SourceId> sources, Cursor& cursor, std::uint64_t tokens);

    /// The folder that the last step listed, once: something to watch.
    std::optional<std::filesystem::path> takeListedFolder()
    {
        return std::exchange(m_listedFolder, std::nullopt);
    }
    FileIndex& index() { return *m_index; }
    Confinement confinement() const { return m_extractor.confinement(); }

private:
    struct Reading
    {
        FileStamp stamp;
        base::Hash256 contents;
        ExtractedText extracted;
    };
    base::Result<> listFolder(const Source& source, const std::string& folder);
    base::Result<Reading> read(const Source& source, const FileRecord& record);
    base::Result<FilePreview> readAndSave(const Source& source, FileRecord record);
    base::Result<Source> sourceOf(SourceId id) const;

    std::unique_ptr<FileIndex> m_index;
    Extractor m_extractor;
    std::shared_ptr<const RulesSnapshot> m_rules;
    std::optional<std::filesystem::path> m_listedFolder;
};

/// The records' rules as a value.
base::Result<std::shared_ptr<const RulesSnapshot>> snapshotOf(Records& records);

} // namespace loam::consent
