// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consent/batch_gate.h"
#include "consent/indexer.h"
#include "consent/receipts.h"
#include "node/home.h"

#include <QFileSystemWatcher>
#include <QObject>
#include <QSet>
#include <QThread>
#include <QTimer>

#include <functional>
#include <map>
#include <memory>
#include <span>

namespace loam::node {

/// The owner's data inside the node. What he decided and what was done (consent.db) is used on the
/// event-loop thread, so that a revocation takes effect at once; walking and reading (the index)
/// happen on a thread of their own, throttled to a third of its time. Calls with a `done` answer
/// later, on the event-loop thread.
class DataService final : public QObject
{
    Q_OBJECT
public:
    template <class T> using Done = std::function<void(base::Result<T>)>;

    /// `extractor` is the path of loam-extractor.
    static base::Result<std::unique_ptr<DataService>> open(
        const Home& home, const base::PublicKey& owner, const std::filesystem::path& extractor);
    ~DataService() override;

    consent::Records& records() { return *m_records; }
    consent::BatchGate& gate() { return m_gate; }
    /// The key that signs, or null while the identity is locked.
    void setKey(const crypto::KeyPair* key);

    base::Result<consent::SourceId> add(const std::filesystem::path& path,
        const std::vector<std::string>& include, const std::vector<std::string>& exclude);
    base::Result<> remove(consent::SourceId source);
    /// After any change of rules made through records().
    void rulesChanged();
    void scan(consent::SourceId source);

    struct Overview
    {
        std::vector<std::pair<consent::Source, consent::SourceSummary>> sources;
        consent::Confinement confinement{ consent::Confinement::None };
    };
    void overview(Done<Overview> done);

    struct FilePage
    {
        std::uint64_t total{ 0 };
        std::vector<consent::FileRecord> files;
        QSet<QString> seen; ///< paths whose present text the owner saw
    };
    void files(const consent::FileQuery& query, Done<FilePage> done);

    enum class Mark { Seen, Nothing };
    /// Reads the file now; with Seen, this is what may be used of it from now on.
    void preview(consent::SourceId source, const std::string& path, Mark mark,
        Done<consent::FilePreview> done);
    /// Strikes one line of a file, counted from 0, and shows what is left.
    void strikeLine(consent::SourceId source, const std::string& path, std::size_t line,
        Done<consent::FilePreview> done);
    /// Takes the present state of all files that were read as seen; how many.
    void accept(std::vector<consent::SourceId> sources, Done<std::uint64_t> done);
    /// Accepts the state of its sources, then signs. Denied while the key is locked.
    void grant(const consent::Grant& wanted, Done<consent::Grant> done);
    base::Result<> revoke(const consent::GrantId& grant);

    /// For trainers: admission, reading, the round's price and release in one. What comes back has
    /// passed the gate after it was read; ask gate().check() before each local step. Rounds of a
    /// private run go on reading where the last one ended, so that all of a large source has its
    /// turn; an adapter reads from the beginning.
    struct BatchRequest
    {
        consent::GrantId grant;
        consent::RunTerms run;
        std::uint64_t round{ 0 };
        consent::MicroRho cost;
        std::uint64_t leastTokens{ 0 }; ///< with less, Denied, and nothing is spent
    };
    struct Batches
    {
        consent::BatchGate::Permit permit;
        consent::ReleasedBatch batch;
    };
    void batches(const BatchRequest& request, Done<Batches> done);

Q_SIGNALS:
    /// Sources, counts, grants or the log are others now.
    void changed();

private:
    DataService(std::unique_ptr<base::SystemClock> clock, std::unique_ptr<consent::Records> records,
        std::unique_ptr<consent::Indexer> indexer);
    /// Runs `work` on the index's thread and `done` here with what it returned.
    template <class T>
    void onIndex(std::function<base::Result<T>(consent::Indexer&)> work, Done<T> done);
    void stepOnce();
    void reportSoon();
    void watch(const QString& folder);
    void onFolderChanged(const QString& folder);
    base::Result<> markSeen(const consent::FilePreview& preview);
    void acceptNext(std::shared_ptr<std::vector<consent::SourceId>> left, std::int64_t after,
        std::uint64_t count, Done<std::uint64_t> done);

    using Offered = std::vector<consent::OfferedFile>;
    /// On the index's thread: files with `tokens` from the cursor on, round the end of the sources.
    static base::Result<Offered> offerFrom(consent::Indexer& indexer,
        std::span<const consent::SourceId> sources, consent::Indexer::Cursor& cursor,
        std::uint64_t tokens);

    std::unique_ptr<base::SystemClock> m_clock;
    std::unique_ptr<consent::Records> m_records;
    consent::BatchGate m_gate;
    const crypto::KeyPair* m_key{ nullptr };
    QFileSystemWatcher m_watcher;
    QTimer m_report;
    QTimer m_rescan;
    QTimer m_debounce;
    QSet<QString> m_changedFolders;

    QThread m_thread;
    std::unique_ptr<QObject> m_context; ///< lives on m_thread; its timer drives the indexer
    std::unique_ptr<consent::Indexer> m_indexer; ///< touched on m_thread only
    /// Where the next round of a grant goes on reading; touched on m_thread only.
    std::map<consent::GrantId, consent::Indexer::Cursor> m_cursors;
};

} // namespace loam::node
