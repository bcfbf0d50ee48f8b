// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/indexer.h"

#include <algorithm>

namespace loam::consent {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kFilesAtOnce = 1000;
    constexpr std::size_t kMaxPath = 4096;
    constexpr std::uint64_t kOfferPage = 64;

    std::uint64_t sizeLimit(DocumentKind kind)
    {
        return kind == DocumentKind::Mailbox ? Indexer::kMaxMailboxBytes : Indexer::kMaxFileBytes;
    }

    bool isWithin(std::string_view path, std::string_view prefix)
    {
        return prefix.empty() || path == prefix
            || (path.starts_with(prefix) && path.size() > prefix.size()
                && path[prefix.size()] == '/');
    }

    /// One entry of a folder, kept until a transaction takes it in.
    struct Found
    {
        std::string path;
        EntryType type;
        FileStamp stamp;
    };

} // namespace

const Source* RulesSnapshot::find(SourceId id) const
{
    const auto found = std::ranges::find(sources, id, &Source::id);
    return found == sources.end() ? nullptr : &*found;
}

TextRules RulesSnapshot::textRules(SourceId source, const std::string& path) const
{
    TextRules out{ .own = own, .struckLines = {}, .salt = salt };
    const auto lines = struckLines.find({ source.value(), path });
    if (lines != struckLines.end()) {
        out.struckLines = lines->second;
    }
    return out;
}

bool RulesSnapshot::isStruck(SourceId source, std::string_view path) const
{
    const auto paths = struckPaths.find(source.value());
    return paths != struckPaths.end()
        && std::ranges::any_of(
            paths->second, [path](const std::string& prefix) { return isWithin(path, prefix); });
}

Result<std::shared_ptr<const RulesSnapshot>> snapshotOf(Records& records)
{
    auto out = std::make_shared<RulesSnapshot>();
    out->generation = records.rulesGeneration();
    TRY_ASSIGN(out->sources, records.sources());
    TRY_ASSIGN(const TextRules common, records.rulesFor(SourceId{ 0 }, ""));
    out->own = common.own;
    out->salt = common.salt;
    TRY_ASSIGN(out->struckLines, records.allStruckLines());
    for (const Source& source : out->sources) {
        TRY_ASSIGN(out->struckPaths[source.id.value()], records.struckPaths(source.id));
    }
    return std::shared_ptr<const RulesSnapshot>{ std::move(out) };
}

Indexer::Indexer(std::unique_ptr<FileIndex> index, std::filesystem::path extractorProgram)
    : m_index{ std::move(index) }
    , m_extractor{ std::move(extractorProgram) }
    , m_rules{ std::make_shared<RulesSnapshot>() }
{
}

Result<Source> Indexer::sourceOf(SourceId id) const
{
    const Source* found = m_rules->find(id);
    if (found == nullptr) {
        return fail(Errc::NotFound,
            "there is no source " + std::to_string(id.value()) + "; see `loamctl data list`");
    }
    return *found;
}

Result<> Indexer::setRules(std::shared_ptr<const RulesSnapshot> rules)
{
    const std::shared_ptr<const RulesSnapshot> before = std::exchange(m_rules, std::move(rules));
    TRY_ASSIGN(const std::vector<SourceId> indexed, m_index->sources());
    for (const SourceId id : indexed) {
        if (m_rules->find(id) == nullptr) {
            TRY(m_index->removeSource(id));
        }
    }
    for (const Source& source : m_rules->sources) {
        const Source* earlier = before->find(source.id);
        TRY_ASSIGN(const bool isWalking, m_index->isWalking(source.id));
        const bool isNew = earlier == nullptr;
        const bool otherFiles
            = !isNew && (earlier->include != source.include || earlier->exclude != source.exclude);
        if ((isNew && !isWalking) || otherFiles) {
            TRY(m_index->beginWalk(source.id));
        }
        TRY(m_index->markOutdated(source.id, m_rules->generation));
    }
    return {};
}

Result<> Indexer::requestWalk(SourceId source)
{
    TRY(sourceOf(source));
    TRY_ASSIGN(const bool isWalking, m_index->isWalking(source));
    return isWalking ? Result<>{} : m_index->beginWalk(source);
}

Result<Indexer::Step> Indexer::step()
{
    for (const Source& source : m_rules->sources) {
        TRY_ASSIGN(const bool isWalking, m_index->isWalking(source.id));
        if (!isWalking) {
            continue;
        }
        TRY_ASSIGN(const std::optional<std::string> folder, m_index->nextFolder(source.id));
        if (folder) {
            TRY(listFolder(source, *folder));
        } else {
            TRY(m_index->transaction([&] { return m_index->endWalk(source.id); }));
        }
        return Step::Listed;
    }
    TRY_ASSIGN(std::optional<FileRecord> waiting, m_index->nextWaiting());
    if (!waiting) {
        return Step::Idle;
    }
    const Source* source = m_rules->find(waiting->source);
    if (source == nullptr) {
        return Step::Idle; // the rules are yet to come
    }
    const std::int64_t id = waiting->id;
    const auto preview = readAndSave(*source, std::move(*waiting));
    if (!preview) {
        if (preview.error().code == Errc::NotFound) {
            TRY(m_index->removeFile(id));
        } else {
            TRY(m_index->saveFailure(id, preview.error().message));
        }
    }
    return Step::Read;
}

Result<> Indexer::listFolder(const Source& source, const std::string& folder)
{
    TRY_ASSIGN(const PathRules rules, PathRules::make(source.include, source.exclude));
    std::vector<Found> found;
    std::uint64_t skipped = 0;
    const auto flush = [&]() -> Result<> {
        const auto write = [&]() -> Result<> {
            for (const Found& entry : found) {
                if (entry.type == EntryType::Folder) {
                    TRY(m_index->noteFolder(source.id, entry.path));
                } else if (const auto kind = documentKindOf(entry.path)) {
                    TRY(m_index->noteFile(source.id, entry.path, entry.stamp, *kind));
                } else {
                    ++skipped;
                }
            }
            TRY(m_index->noteSkipped(source.id, skipped));
            return {};
        };
        TRY(m_index->transaction(write));
        found.clear();
        skipped = 0;
        return {};
    };
    const auto visit
        = [&](std::string_view name, EntryType type, const FileStamp& stamp) -> Result<> {
        std::string path
            = folder.empty() ? std::string{ name } : folder + '/' + std::string{ name };
        const auto entry
            = type == EntryType::Folder ? PathRules::Entry::Folder : PathRules::Entry::File;
        if (type == EntryType::Other || path.size() > kMaxPath || rules.reasonToSkip(path, entry)
            || m_rules->isStruck(source.id, path)) {
            ++skipped;
            return {};
        }
        found.push_back({ std::move(path), type, stamp });
        return found.size() >= kFilesAtOnce ? flush() : Result<>{};
    };
    auto root = openRoot(source.path);
    if (root) {
        if (const auto stamp = stampOf(*root)) {
            // The source is a single file: the owner named it, so no rule leaves it out.
            found.push_back({ source.path.filename().string(), EntryType::File, *stamp });
        } else {
            const auto opened = openFolderBeneath(*root, folder);
            // A folder that went away or may not be read holds nothing for us.
            if (opened) {
                auto listed = consent::listFolder(*opened, visit);
                if (!listed && listed.error().code == Errc::Corrupt) {
                    return listed;
                }
            }
        }
    }
    TRY(flush());
    m_listedFolder = folder.empty() ? source.path : source.path / folder;
    return m_index->finishFolder(source.id, folder);
}

Result<Indexer::Reading> Indexer::read(const Source& source, const FileRecord& record)
{
    Reading out;
    TRY_ASSIGN(Descriptor root, openRoot(source.path));
    Descriptor file;
    if (const auto stamp = stampOf(root)) {
        out.stamp = *stamp;
        file = std::move(root);
    } else {
        TRY_ASSIGN(OpenedFile opened, openBeneath(root, record.path));
        out.stamp = opened.stamp;
        file = std::move(opened.descriptor);
    }
    const std::uint64_t limit = sizeLimit(record.kind);
    if (out.stamp.size > limit) {
        return fail(Errc::Invalid,
            "it is larger than " + std::to_string(limit >> 20U) + " MiB, the most Loam reads");
    }
    TRY_ASSIGN(out.contents, hashOf(file, limit));
    TRY_ASSIGN(out.extracted, m_extractor.extract(file, record.kind));
    // The text must be that of the hash: a file that was written to meanwhile is read another time.
    TRY_ASSIGN(const FileStamp after, stampOf(file));
    TRY_ASSIGN(const base::Hash256 again, hashOf(file, limit));
    if (after != out.stamp || again != out.contents) {
        return fail(Errc::Unavailable, "it was changed while it was read");
    }
    return out;
}

Result<FilePreview> Indexer::readAndSave(const Source& source, FileRecord record)
{
    TRY_ASSIGN(Reading reading, read(source, record));
    FilePreview out;
    out.text
        = prepare(reading.extracted.text, record.kind, m_rules->textRules(source.id, record.path));
    out.isCut = reading.extracted.isCut;
    out.isStruck = m_rules->isStruck(source.id, record.path);
    record.stamp = reading.stamp;
    record.state = FileState::Ready;
    record.contents = reading.contents;
    record.used = out.text.usedHash;
    record.tokens = out.text.tokens;
    record.redactions = out.text.redactions;
    record.rules = m_rules->generation;
    record.quality = out.text.quality;
    if (record.quality.verdict == Verdict::Good && out.text.sketch) {
        TRY_ASSIGN(const auto similar, m_index->findSimilar(*out.text.sketch, record.id));
        if (similar) {
            record.quality.verdict = Verdict::Duplicate;
            record.quality.reason = "nearly the same as " + *similar;
        }
    }
    record.reason = record.quality.reason;
    TRY(m_index->transaction([&] { return m_index->saveRead(record, out.text.sketch); }));
    out.text.quality = record.quality;
    out.record = std::move(record);
    return out;
}

Result<FilePreview> Indexer::preview(SourceId id, const std::string& path)
{
    TRY_ASSIGN(const Source source, sourceOf(id));
    TRY_ASSIGN(const auto record, m_index->find(id, path));
    if (!record) {
        return fail(Errc::NotFound,
            "\"" + path + "\" is not among the files Loam found in source "
                + std::to_string(id.value()) + "; see `loamctl data files`");
    }
    return readAndSave(source, *record);
}

Result<std::vector<OfferedFile>> Indexer::offer(
    std::span<const SourceId> sources, Cursor& cursor, std::uint64_t tokens)
{
    std::vector<OfferedFile> out;
    std::uint64_t sum = 0;
    while (sum < tokens && cursor.source < sources.size()) {
        const SourceId id = sources[cursor.source];
        TRY_ASSIGN(
            const std::vector<FileRecord> page, m_index->readyAfter(id, cursor.file, kOfferPage));
        const Source* source = m_rules->find(id);
        if (page.empty() || source == nullptr) {
            ++cursor.source;
            cursor.file = 0;
            continue;
        }
        for (const FileRecord& record : page) {
            cursor.file = record.id;
            if (m_rules->isStruck(id, record.path)) {
                continue;
            }
            auto preview = readAndSave(*source, record);
            if (!preview) {
                continue; // gone or damaged since; the next walk says so
            }
            sum += preview->text.tokens;
            out.push_back({ .source = id,
                .path = record.path,
                .contents = preview->record.contents,
                .quality = preview->record.quality,
                .used = std::move(preview->text.used),
                .usedHash = preview->record.used });
            if (sum >= tokens) {
                break;
            }
        }
    }
    cursor.isAtEnd = cursor.source >= sources.size();
    return out;
}

} // namespace loam::consent
