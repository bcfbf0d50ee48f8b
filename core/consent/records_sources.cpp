// SPDX-License-Identifier: GPL-3.0-or-later
// Sources, what was struck in them and what the owner saw.
#include "consent/beneath.h"
#include "consent/path_rules.h"
#include "consent/records.h"
#include "crypto/merkle.h"

#include <algorithm>

namespace loam::consent {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kMaxSources = 1000;
    constexpr std::size_t kMaxOwnPatterns = 256;
    constexpr std::size_t kMaxStruckLines = 100'000;

    base::ByteView bytesOf(std::string_view text)
    {
        return base::asBytes(text);
    }

    std::string pathText(const base::Bytes& bytes)
    {
        return std::string{ base::asText(bytes) };
    }

    bool isWithin(const std::filesystem::path& inner, const std::filesystem::path& outer)
    {
        const auto [end, rest]
            = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
        static_cast<void>(rest);
        return end == outer.end();
    }

    Result<std::filesystem::path> resolved(const std::filesystem::path& path)
    {
        if (!path.is_absolute()) {
            return fail(Errc::Invalid, "a source needs an absolute path, not " + path.string());
        }
        std::error_code code;
        std::filesystem::path out = std::filesystem::canonical(path, code);
        if (code) {
            return fail(Errc::Invalid, path.string() + " cannot be added: " + code.message());
        }
        if (!std::filesystem::is_directory(out, code)
            && !std::filesystem::is_regular_file(out, code)) {
            return fail(Errc::Invalid, path.string() + " is neither a folder nor a file");
        }
        for (const char* root : { "/", "/home", "/root", "/etc", "/usr", "/var", "/dev", "/proc",
                 "/sys", "/run", "/boot" }) {
            if (out == root) {
                return fail(Errc::Denied,
                    out.string() + " holds more than your own text; add the folders inside it");
            }
        }
        return out;
    }

} // namespace

Result<SourceId> Records::addSource(const std::filesystem::path& path,
    const std::vector<std::string>& include, const std::vector<std::string>& exclude)
{
    TRY_ASSIGN(const std::filesystem::path root, resolved(path));
    TRY(PathRules::make(include, exclude));
    TRY_ASSIGN(const std::vector<Source> present, sources());
    if (present.size() >= kMaxSources) {
        return fail(
            Errc::Denied, "there are 1000 sources already; add a folder above them instead");
    }
    for (const Source& other : present) {
        if (isWithin(root, other.path) || isWithin(other.path, root)) {
            return fail(Errc::Invalid,
                root.string() + " overlaps with the source " + other.path.string()
                    + ", and no text may count twice; remove that one first");
        }
    }
    TRY_ASSIGN(const MicroRho inherited, spentBelow(root));
    SourceId id{ 0 };
    const auto insertAll = [&]() -> Result<> {
        TRY_ASSIGN(store::Statement insert,
            m_database->prepare("INSERT INTO sources(path, added) VALUES (?1, ?2)"));
        insert.bind(1, bytesOf(root.native()));
        insert.bind(2, std::int64_t{ m_clock.now().time_since_epoch().count() });
        TRY(insert.run());
        id = SourceId{ m_database->lastInsertId() };
        TRY_ASSIGN(store::Statement spent,
            m_database->prepare("INSERT INTO spent_on_source(source, micro_rho) VALUES (?1, ?2)"));
        spent.bind(1, id.value()).bind(2, inherited.micro());
        TRY(spent.run());
        return replacePatterns(id, include, exclude);
    };
    TRY(m_database->transaction(insertAll));
    m_spent[id.value()] = inherited;
    UseEntry entry = entryOf(UseKind::SourceAdded);
    entry.path = root.string();
    entry.source = id;
    TRY(log({ entry }));
    return id;
}

Result<MicroRho> Records::spentBelow(const std::filesystem::path& root)
{
    // What was spent on a text stays spent when its source is removed and added again.
    MicroRho most;
    TRY_ASSIGN(store::Statement select, m_database->prepare("SELECT source, path FROM retired"));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return most;
        }
        const std::filesystem::path earlier{ pathText(select.blob(1)) };
        if (isWithin(root, earlier) || isWithin(earlier, root)) {
            most = std::max(most, spentOn(SourceId{ select.integer(0) }));
        }
    }
}

Result<> Records::replacePatterns(SourceId source, const std::vector<std::string>& include,
    const std::vector<std::string>& exclude)
{
    TRY_ASSIGN(
        store::Statement erase, m_database->prepare("DELETE FROM patterns WHERE source = ?1"));
    erase.bind(1, source.value());
    TRY(erase.run());
    TRY_ASSIGN(store::Statement insert,
        m_database->prepare(
            "INSERT INTO patterns(source, place, includes, text) VALUES (?1, ?2, ?3, ?4)"));
    for (const auto* list : { &include, &exclude }) {
        for (std::size_t i = 0; i < list->size(); ++i) {
            insert.bind(1, source.value()).bind(2, static_cast<std::int64_t>(i));
            insert.bind(3, std::int64_t{ list == &include ? 1 : 0 });
            insert.bind(4, std::string_view{ (*list)[i] });
            TRY(insert.run());
        }
    }
    return {};
}

Result<> Records::setPatterns(SourceId source, const std::vector<std::string>& include,
    const std::vector<std::string>& exclude)
{
    TRY(this->source(source));
    TRY(PathRules::make(include, exclude));
    return m_database->transaction([&] { return replacePatterns(source, include, exclude); });
}

Result<> Records::removeSource(SourceId id, const crypto::KeyPair* key)
{
    TRY_ASSIGN(const Source gone, source(id));
    for (const GrantRecord& record : grants()) {
        if (!record.revoked
            && std::ranges::find(record.grant.sources, id) != record.grant.sources.end()) {
            TRY(revoke(record.grant.id, key));
        }
    }
    UseEntry entry = entryOf(UseKind::SourceRemoved);
    entry.source = id;
    entry.path = gone.path.string();
    return commit(
        [&]() -> Result<> {
            TRY_ASSIGN(store::Statement retire,
                m_database->prepare("INSERT INTO retired(source, path) VALUES (?1, ?2)"));
            retire.bind(1, id.value()).bind(2, bytesOf(gone.path.native()));
            TRY(retire.run());
            TRY_ASSIGN(
                store::Statement erase, m_database->prepare("DELETE FROM sources WHERE id = ?1"));
            erase.bind(1, id.value());
            return erase.run();
        },
        { entry });
}

Result<std::vector<Source>> Records::sources()
{
    std::vector<Source> out;
    TRY_ASSIGN(store::Statement select,
        m_database->prepare("SELECT id, path, added FROM sources ORDER BY id"));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            break;
        }
        Source source;
        source.id = SourceId{ select.integer(0) };
        source.path = pathText(select.blob(1));
        source.added = base::UnixTime{ std::chrono::milliseconds{ select.integer(2) } };
        out.push_back(std::move(source));
    }
    TRY_ASSIGN(store::Statement patterns,
        m_database->prepare(
            "SELECT includes, text FROM patterns WHERE source = ?1 ORDER BY includes, place"));
    for (Source& source : out) {
        patterns.bind(1, source.id.value());
        for (;;) {
            TRY_ASSIGN(const bool hasRow, patterns.step());
            if (!hasRow) {
                break;
            }
            (patterns.integer(0) != 0 ? source.include : source.exclude)
                .push_back(patterns.text(1));
        }
    }
    return out;
}

Result<Source> Records::source(SourceId id)
{
    TRY_ASSIGN(std::vector<Source> all, sources());
    const auto found = std::ranges::find(all, id, &Source::id);
    if (found == all.end()) {
        return fail(Errc::NotFound,
            "there is no source " + std::to_string(id.value()) + "; see `loamctl data list`");
    }
    return std::move(*found);
}

Result<> Records::addOwnPattern(std::string_view text)
{
    TRY(TextPattern::parse(text));
    TRY_ASSIGN(const auto present, ownPatterns());
    if (present.size() >= kMaxOwnPatterns) {
        return fail(Errc::Denied, "there are 256 patterns already; remove one first");
    }
    TRY_ASSIGN(store::Statement insert,
        m_database->prepare("INSERT OR IGNORE INTO own_patterns(text) VALUES (?1)"));
    insert.bind(1, text);
    TRY(insert.run());
    return rulesChanged();
}

Result<> Records::removeOwnPattern(std::string_view text)
{
    TRY_ASSIGN(
        store::Statement erase, m_database->prepare("DELETE FROM own_patterns WHERE text = ?1"));
    erase.bind(1, text);
    TRY(erase.run());
    if (m_database->changedRows() == 0) {
        return fail(Errc::NotFound, "there is no pattern \"" + std::string{ text } + "\"");
    }
    return rulesChanged();
}

Result<std::vector<TextPattern>> Records::ownPatterns()
{
    std::vector<TextPattern> out;
    TRY_ASSIGN(store::Statement select,
        m_database->prepare("SELECT text FROM own_patterns ORDER BY text"));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return out;
        }
        TRY_ASSIGN(TextPattern pattern, TextPattern::parse(select.text(0)));
        out.push_back(std::move(pattern));
    }
}

Result<> Records::strikePath(SourceId source, std::string_view path)
{
    TRY(this->source(source));
    TRY_ASSIGN(store::Statement insert,
        m_database->prepare("INSERT OR IGNORE INTO struck(source, path) VALUES (?1, ?2)"));
    insert.bind(1, source.value()).bind(2, bytesOf(path));
    return insert.run();
}

Result<> Records::unstrikePath(SourceId source, std::string_view path)
{
    TRY_ASSIGN(store::Statement erase,
        m_database->prepare("DELETE FROM struck WHERE source = ?1 AND path = ?2"));
    erase.bind(1, source.value()).bind(2, bytesOf(path));
    TRY(erase.run());
    if (m_database->changedRows() == 0) {
        return fail(Errc::NotFound, "\"" + std::string{ path } + "\" was not struck");
    }
    return {};
}

Result<> Records::strikeLine(SourceId source, std::string_view path, std::string_view line)
{
    TRY(this->source(source));
    TRY_ASSIGN(const TextRules rules, rulesFor(source, path));
    if (rules.struckLines.size() >= kMaxStruckLines) {
        return fail(Errc::Denied, "very many passages are struck; strike the whole file instead");
    }
    TRY_ASSIGN(store::Statement insert,
        m_database->prepare(
            "INSERT OR IGNORE INTO struck_lines(source, path, mark) VALUES (?1, ?2, ?3)"));
    insert.bind(1, source.value()).bind(2, bytesOf(path)).bind(3, rules.lineMark(line).view());
    return insert.run();
}

Result<> Records::unstrikeLine(SourceId source, std::string_view path, std::string_view line)
{
    TRY_ASSIGN(const TextRules rules, rulesFor(source, path));
    TRY_ASSIGN(store::Statement erase,
        m_database->prepare(
            "DELETE FROM struck_lines WHERE source = ?1 AND path = ?2 AND mark = ?3"));
    erase.bind(1, source.value()).bind(2, bytesOf(path)).bind(3, rules.lineMark(line).view());
    return erase.run();
}

Result<std::vector<std::string>> Records::struckPaths(SourceId source)
{
    std::vector<std::string> out;
    TRY_ASSIGN(store::Statement select,
        m_database->prepare("SELECT path FROM struck WHERE source = ?1 ORDER BY path"));
    select.bind(1, source.value());
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return out;
        }
        out.push_back(pathText(select.blob(0)));
    }
}

bool Records::isStruck(SourceId source, std::string_view path)
{
    const auto struck = struckPaths(source);
    // What cannot be read counts as struck.
    return !struck || std::ranges::any_of(*struck, [path](const std::string& prefix) {
        return prefix.empty() || path == prefix
            || (path.starts_with(prefix) && path.size() > prefix.size()
                && path[prefix.size()] == '/');
    });
}

Result<TextRules> Records::rulesFor(SourceId source, std::string_view path)
{
    TextRules out;
    out.salt = m_salt;
    TRY_ASSIGN(out.own, ownPatterns());
    TRY_ASSIGN(store::Statement select,
        m_database->prepare("SELECT mark FROM struck_lines WHERE source = ?1 AND path = ?2"));
    select.bind(1, source.value()).bind(2, bytesOf(path));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return out;
        }
        TRY_ASSIGN(const base::Hash256 mark, base::Hash256::from(select.blob(0)));
        out.struckLines.insert(mark);
    }
}

Result<std::map<std::pair<std::int64_t, std::string>, std::set<base::Hash256>>>
Records::allStruckLines()
{
    std::map<std::pair<std::int64_t, std::string>, std::set<base::Hash256>> out;
    TRY_ASSIGN(store::Statement select,
        m_database->prepare("SELECT source, path, mark FROM struck_lines"));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return out;
        }
        TRY_ASSIGN(const base::Hash256 mark, base::Hash256::from(select.blob(2)));
        out[{ select.integer(0), pathText(select.blob(1)) }].insert(mark);
    }
}

Result<> Records::rulesChanged()
{
    // Kept on disk, so that a start does not read a million unchanged files again.
    TRY_ASSIGN(store::Statement update,
        m_database->prepare(
            "INSERT OR REPLACE INTO terms(name, value) VALUES ('rules_generation', ?1)"));
    update.bind(1, static_cast<std::int64_t>(m_rulesGeneration + 1));
    TRY(update.run());
    ++m_rulesGeneration;
    return {};
}

Result<> Records::markSeen(std::span<const FileSeen> files)
{
    return m_database->transaction([&]() -> Result<> {
        TRY_ASSIGN(store::Statement insert,
            m_database->prepare("INSERT OR REPLACE INTO seen(source, path, contents, used, time) "
                                "VALUES (?1, ?2, ?3, ?4, ?5)"));
        for (const FileSeen& file : files) {
            insert.bind(1, file.source.value()).bind(2, bytesOf(file.path));
            insert.bind(3, file.contents.view()).bind(4, file.used.view());
            insert.bind(5, std::int64_t{ m_clock.now().time_since_epoch().count() });
            TRY(insert.run());
        }
        return {};
    });
}

Result<std::optional<FileSeen>> Records::seen(SourceId source, std::string_view path)
{
    TRY_ASSIGN(store::Statement select,
        m_database->prepare("SELECT contents, used FROM seen WHERE source = ?1 AND path = ?2"));
    select.bind(1, source.value()).bind(2, bytesOf(path));
    TRY_ASSIGN(const bool hasRow, select.step());
    if (!hasRow) {
        return std::optional<FileSeen>{};
    }
    FileSeen out{ .source = source, .path = std::string{ path }, .contents = {}, .used = {} };
    TRY_ASSIGN(out.contents, base::Hash256::from(select.blob(0)));
    TRY_ASSIGN(out.used, base::Hash256::from(select.blob(1)));
    return std::optional{ std::move(out) };
}

Result<Records::SeenSummary> Records::summariseSeen(std::span<const SourceId> sources)
{
    SeenSummary out;
    crypto::MerkleTree tree;
    TRY_ASSIGN(store::Statement select,
        m_database->prepare(
            "SELECT path, contents, used FROM seen WHERE source = ?1 ORDER BY path"));
    for (const SourceId source : sources) {
        select.bind(1, source.value());
        for (;;) {
            TRY_ASSIGN(const bool hasRow, select.step());
            if (!hasRow) {
                break;
            }
            FileSeen file{
                .source = source, .path = pathText(select.blob(0)), .contents = {}, .used = {}
            };
            TRY_ASSIGN(file.contents, base::Hash256::from(select.blob(1)));
            TRY_ASSIGN(file.used, base::Hash256::from(select.blob(2)));
            tree.append(file.leaf());
        }
    }
    out.files = tree.size();
    out.root = tree.root();
    return out;
}

} // namespace loam::consent
