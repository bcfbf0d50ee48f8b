// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/data_service.h"

#include "node/log.h"

#include <QElapsedTimer>

#include <algorithm>
#include <chrono>

namespace loam::node {

using base::Errc;
using base::fail;
using base::Result;
using namespace std::chrono_literals;

namespace {

    constexpr auto kReportPause = 500ms;
    constexpr auto kDebounce = 2s;
    constexpr auto kRescan = 15min; ///< finds what no watch told of
    constexpr auto kIdlePause = 1s;
    constexpr int kRest = 2; ///< times the duration of a step
    constexpr qsizetype kMaxWatches = 4096;
    constexpr std::uint64_t kAcceptPage = 1000;

    QString pathOf(const std::filesystem::path& path)
    {
        return QString::fromStdString(path.string());
    }

} // namespace

Result<std::unique_ptr<DataService>> DataService::open(
    const Home& home, const base::PublicKey& owner, const std::filesystem::path& extractor)
{
    auto clock = std::make_unique<base::SystemClock>();
    TRY_ASSIGN(auto records, consent::Records::open(home.root / "consent.db", owner, *clock));
    auto index = consent::FileIndex::open(home.root / "consent-index.db");
    if (!index && index.error().code == Errc::Corrupt) {
        // It holds nothing that the sources do not; what the owner decided is elsewhere.
        qCWarning(lcNode) << "the index of the owner's data is damaged and is built anew";
        for (const char* ending : { "", "-wal", "-shm" }) {
            std::error_code code;
            std::filesystem::remove(home.root / (std::string{ "consent-index.db" } + ending), code);
        }
        index = consent::FileIndex::open(home.root / "consent-index.db");
    }
    if (!index) {
        return tl::unexpected{ std::move(index).error() };
    }
    std::unique_ptr<DataService> out{ new DataService{ std::move(clock), std::move(records),
        std::make_unique<consent::Indexer>(std::move(*index), extractor) } };
    out->rulesChanged();
    return out;
}

DataService::DataService(std::unique_ptr<base::SystemClock> clock,
    std::unique_ptr<consent::Records> records, std::unique_ptr<consent::Indexer> indexer)
    : m_clock{ std::move(clock) }
    , m_records{ std::move(records) }
    , m_gate{ *m_records }
    , m_context{ std::make_unique<QObject>() }
    , m_indexer{ std::move(indexer) }
{
    m_report.setSingleShot(true);
    m_report.setInterval(kReportPause);
    connect(&m_report, &QTimer::timeout, this, &DataService::changed);
    m_debounce.setSingleShot(true);
    m_debounce.setInterval(kDebounce);
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, this, &DataService::onFolderChanged);
    connect(&m_watcher, &QFileSystemWatcher::fileChanged, this, &DataService::onFolderChanged);
    connect(&m_debounce, &QTimer::timeout, this, [this] {
        const auto sources = m_records->sources();
        for (const consent::Source& source : sources ? *sources : std::vector<consent::Source>{}) {
            const QString root = pathOf(source.path);
            if (std::any_of(m_changedFolders.begin(), m_changedFolders.end(),
                    [&root](const QString& folder) { return folder.startsWith(root); })) {
                scan(source.id);
            }
        }
        m_changedFolders.clear();
    });
    m_rescan.setInterval(kRescan);
    connect(&m_rescan, &QTimer::timeout, this, [this] {
        const auto sources = m_records->sources();
        for (const consent::Source& source : sources ? *sources : std::vector<consent::Source>{}) {
            scan(source.id);
        }
    });
    m_rescan.start();
    m_context->moveToThread(&m_thread);
    m_thread.setObjectName(QStringLiteral("loam-data"));
    m_thread.start();
    QMetaObject::invokeMethod(
        m_context.get(), [this] { stepOnce(); }, Qt::QueuedConnection);
}

DataService::~DataService()
{
    m_thread.quit();
    m_thread.wait();
}

void DataService::setKey(const crypto::KeyPair* key)
{
    m_key = key;
    if (m_key != nullptr) {
        if (const auto done = m_records->signPending(*m_key); !done) {
            qCWarning(lcNode) << "a revocation could not be signed";
        }
    }
}

void DataService::stepOnce()
{
    QElapsedTimer timer;
    timer.start();
    const auto step = m_indexer->step();
    const bool isIdle = !step || *step == consent::Indexer::Step::Idle;
    if (!isIdle) {
        const std::optional<std::filesystem::path> folder = m_indexer->takeListedFolder();
        QMetaObject::invokeMethod(
            this,
            [this, folder] {
                if (folder) {
                    watch(pathOf(*folder));
                }
                reportSoon();
            },
            Qt::QueuedConnection);
    }
    const auto pause = isIdle ? std::chrono::milliseconds{ kIdlePause }
                              : std::chrono::milliseconds{ 1 + kRest * timer.elapsed() };
    QTimer::singleShot(pause, m_context.get(), [this] { stepOnce(); });
}

void DataService::reportSoon()
{
    if (!m_report.isActive()) {
        m_report.start();
    }
}

void DataService::watch(const QString& folder)
{
    if (m_watcher.directories().size() + m_watcher.files().size() < kMaxWatches) {
        m_watcher.addPath(folder);
    }
}

void DataService::onFolderChanged(const QString& folder)
{
    m_changedFolders.insert(folder);
    m_debounce.start();
}

template <class T>
void DataService::onIndex(std::function<Result<T>(consent::Indexer&)> work, Done<T> done)
{
    QMetaObject::invokeMethod(
        m_context.get(),
        [this, work = std::move(work), done = std::move(done)] {
            auto result = std::make_shared<Result<T>>(work(*m_indexer));
            QMetaObject::invokeMethod(
                this, [result, done] { done(std::move(*result)); }, Qt::QueuedConnection);
        },
        Qt::QueuedConnection);
}

Result<consent::SourceId> DataService::add(const std::filesystem::path& path,
    const std::vector<std::string>& include, const std::vector<std::string>& exclude)
{
    TRY_ASSIGN(const consent::SourceId id, m_records->addSource(path, include, exclude));
    rulesChanged();
    return id;
}

Result<> DataService::remove(consent::SourceId source)
{
    TRY(m_records->removeSource(source, m_key));
    rulesChanged();
    Q_EMIT changed();
    return {};
}

void DataService::rulesChanged()
{
    auto rules = consent::snapshotOf(*m_records);
    if (!rules) {
        qCWarning(lcNode).noquote() << QString::fromStdString(rules.error().message);
        return;
    }
    QMetaObject::invokeMethod(
        m_context.get(),
        [this, snapshot = *rules] {
            if (const auto done = m_indexer->setRules(snapshot); !done) {
                qCWarning(lcNode).noquote() << QString::fromStdString(done.error().message);
            }
        },
        Qt::QueuedConnection);
    reportSoon();
}

void DataService::scan(consent::SourceId source)
{
    QMetaObject::invokeMethod(
        m_context.get(), [this, source] { static_cast<void>(m_indexer->requestWalk(source)); },
        Qt::QueuedConnection);
}

void DataService::overview(Done<Overview> done)
{
    auto sources = m_records->sources();
    if (!sources) {
        done(tl::unexpected{ sources.error() });
        return;
    }
    onIndex<Overview>(
        [sources = std::move(*sources)](consent::Indexer& indexer) -> Result<Overview> {
            Overview out;
            out.confinement = indexer.confinement();
            for (const consent::Source& source : sources) {
                TRY_ASSIGN(auto summary, indexer.index().summary(source.id));
                out.sources.emplace_back(source, summary);
            }
            return out;
        },
        std::move(done));
}

void DataService::files(const consent::FileQuery& query, Done<FilePage> done)
{
    onIndex<FilePage>(
        [query](consent::Indexer& indexer) -> Result<FilePage> {
            FilePage out;
            TRY_ASSIGN(out.total, indexer.index().count(query));
            TRY_ASSIGN(out.files, indexer.index().files(query));
            return out;
        },
        [this, done = std::move(done)](Result<FilePage> page) {
            for (const consent::FileRecord& file :
                page ? page->files : std::vector<consent::FileRecord>{}) {
                const auto seen = m_records->seen(file.source, file.path);
                if (seen && *seen && (*seen)->contents == file.contents
                    && (*seen)->used == file.used) {
                    page->seen.insert(QString::fromStdString(file.path));
                }
            }
            done(std::move(page));
        });
}

Result<> DataService::markSeen(const consent::FilePreview& preview)
{
    const std::array seen{ consent::FileSeen{ .source = preview.record.source,
        .path = preview.record.path,
        .contents = preview.record.contents,
        .used = preview.record.used } };
    return m_records->markSeen(seen);
}

void DataService::preview(
    consent::SourceId source, const std::string& path, Mark mark, Done<consent::FilePreview> done)
{
    onIndex<consent::FilePreview>(
        [source, path](consent::Indexer& indexer) { return indexer.preview(source, path); },
        [this, mark, done = std::move(done)](Result<consent::FilePreview> preview) {
            if (preview && mark == Mark::Seen) {
                if (const auto marked = markSeen(*preview); !marked) {
                    done(tl::unexpected{ marked.error() });
                    return;
                }
                reportSoon();
            }
            done(std::move(preview));
        });
}

void DataService::strikeLine(consent::SourceId source, const std::string& path, std::size_t line,
    Done<consent::FilePreview> done)
{
    preview(source, path, Mark::Nothing,
        [this, source, path, line, done = std::move(done)](Result<consent::FilePreview> before) {
            if (!before) {
                done(std::move(before));
                return;
            }
            if (line >= before->text.lines.size()) {
                done(fail(Errc::Invalid,
                    "the file has " + std::to_string(before->text.lines.size()) + " lines"));
                return;
            }
            if (const auto struck
                = m_records->strikeLine(source, path, before->text.lines[line].text);
                !struck) {
                done(tl::unexpected{ struck.error() });
                return;
            }
            rulesChanged();
            preview(source, path, Mark::Seen, done);
        });
}

void DataService::acceptNext(std::shared_ptr<std::vector<consent::SourceId>> left,
    std::int64_t after, std::uint64_t count, Done<std::uint64_t> done)
{
    if (left->empty()) {
        reportSoon();
        done(count);
        return;
    }
    using Page = std::vector<consent::FileRecord>;
    const consent::SourceId source = left->back();
    onIndex<Page>(
        [source, after](consent::Indexer& indexer) {
            return indexer.index().readyAfter(source, after, kAcceptPage);
        },
        [this, left, count, done = std::move(done)](Result<Page> page) mutable {
            if (!page) {
                done(tl::unexpected{ page.error() });
                return;
            }
            if (page->empty()) {
                left->pop_back();
                acceptNext(left, 0, count, std::move(done));
                return;
            }
            std::vector<consent::FileSeen> seen;
            for (consent::FileRecord& file : *page) {
                seen.push_back({ .source = file.source,
                    .path = std::move(file.path),
                    .contents = file.contents,
                    .used = file.used });
            }
            if (const auto marked = m_records->markSeen(seen); !marked) {
                done(tl::unexpected{ marked.error() });
                return;
            }
            acceptNext(left, page->back().id, count + page->size(), std::move(done));
        });
}

void DataService::accept(std::vector<consent::SourceId> sources, Done<std::uint64_t> done)
{
    acceptNext(std::make_shared<std::vector<consent::SourceId>>(std::move(sources)), 0, 0,
        std::move(done));
}

void DataService::grant(const consent::Grant& wanted, Done<consent::Grant> done)
{
    if (m_key == nullptr) {
        done(fail(Errc::Denied, "the wallet is locked; unlock it with `loamctl wallet unlock`"));
        return;
    }
    accept(wanted.sources, [this, wanted, done](Result<std::uint64_t> accepted) {
        if (!accepted) {
            done(tl::unexpected{ accepted.error() });
            return;
        }
        if (m_key == nullptr) {
            done(fail(Errc::Denied, "the wallet was locked meanwhile"));
            return;
        }
        done(m_records->grant(wanted, *m_key));
        Q_EMIT changed();
    });
}

Result<> DataService::revoke(const consent::GrantId& grant)
{
    TRY(m_records->revoke(grant, m_key));
    // Whoever works under the grant stops before this returns.
    Q_EMIT changed();
    return {};
}

Result<DataService::Offered> DataService::offerFrom(consent::Indexer& indexer,
    std::span<const consent::SourceId> sources, consent::Indexer::Cursor& cursor,
    std::uint64_t tokens)
{
    const auto first = cursor;
    TRY_ASSIGN(Offered offered, indexer.offer(sources, cursor, tokens));
    if (!cursor.isAtEnd) {
        return offered;
    }
    cursor = {};
    std::uint64_t sum = 0;
    for (const consent::OfferedFile& file : offered) {
        sum += consent::estimateTokens(file.used);
    }
    if (first.source == 0 && first.file == 0) {
        return offered;
    }
    TRY_ASSIGN(Offered more, indexer.offer(sources, cursor, tokens - std::min(tokens, sum)));
    for (consent::OfferedFile& file : more) {
        const bool isKnown = std::ranges::any_of(offered, [&file](const auto& one) {
            return one.source == file.source && one.path == file.path;
        });
        if (!isKnown) {
            offered.push_back(std::move(file));
        }
    }
    return offered;
}

void DataService::batches(const BatchRequest& request, Done<Batches> done)
{
    auto permit = m_gate.admit(request.grant, request.run);
    if (!permit) {
        done(tl::unexpected{ std::move(permit).error() });
        return;
    }
    const bool goesOn = request.run.purpose == consent::Purpose::PrivateLane;
    onIndex<Offered>(
        [this, goesOn, grant = request.grant, sources = permit->grant().sources,
            tokens = permit->terms().tokensPerRound](consent::Indexer& indexer) {
            consent::Indexer::Cursor start;
            return offerFrom(indexer, sources, goesOn ? m_cursors[grant] : start, tokens);
        },
        [this, request, permit = *permit, done](Result<Offered> offered) mutable {
            if (!offered) {
                done(tl::unexpected{ std::move(offered).error() });
                return;
            }
            // Whoever revoked while the files were read is heard here.
            auto batch = m_gate.serve(permit,
                { .round = request.round,
                    .cost = request.cost,
                    .leastTokens = request.leastTokens },
                std::move(*offered));
            if (!batch) {
                done(tl::unexpected{ std::move(batch).error() });
                return;
            }
            reportSoon();
            done(Batches{ std::move(permit), std::move(*batch) });
        });
}

} // namespace loam::node
