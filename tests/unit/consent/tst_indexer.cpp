// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/indexer.h"
#include "crypto/hash.h"
#include "unit/support.h"

#include <QTemporaryDir>

#include <filesystem>
#include <fstream>

using namespace loam;
using namespace loam::consent;
using base::Errc;

namespace {

const std::string kStory
    = "It was late when the train came in, and nobody was on the platform but "
      "an old man with a dog, who had been waiting there since the morning and "
      "did not seem to mind the rain that fell on both of them.\n";
const std::string kOther
    = "The recipe asks for two eggs, a cup of flour and some butter. Mix the "
      "flour with the eggs, let the dough rest for half an hour, and bake it in "
      "a pan that is very hot. Write to cook@example.org for more of these.\n";

} // namespace

class TestIndexer final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup()
    {
        m_indexer.reset();
        m_records.reset();
        m_folder.reset();
    }
    void filesAreFoundAndRead();
    void whatIsUnchangedIsNotReadAgain();
    void aChangeIsRead();
    void aWalkGoesOnAfterAKill();
    void nothingIsForgottenBeforeRulesAreKnown();
    void whatIsGoneIsForgotten();
    void nearDuplicatesAreFound();
    void failuresHaveReasons();
    void rulesTakeEffect();
    void offersCoverEverything();
    void aSingleFileIsASource();
    void theIndexHoldsNoText();
    void aFolderPulledAwayGivesNothing();

private:
    void write(const std::string& name, const std::string& text) const;
    void reopen();
    int settle();
    base::Result<> refresh() { return m_indexer->setRules(*snapshotOf(*m_records)); }
    std::filesystem::path root() const { return m_folder->path().toStdString() + "/data"; }
    std::string indexPath() const { return m_folder->path().toStdString() + "/index.db"; }

    std::unique_ptr<QTemporaryDir> m_folder;
    base::SystemClock m_clock;
    crypto::KeyPair m_key{ crypto::KeyPair::generate() };
    std::unique_ptr<Records> m_records;
    std::unique_ptr<Indexer> m_indexer;
    SourceId m_source{ 0 };
};

void TestIndexer::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    std::filesystem::create_directories(root() / "letters/.git");
    m_records = std::move(*Records::openInMemory(m_key.publicKey(), m_clock));
    write("story.txt", kStory);
    write("letters/recipe.md", kOther);
    write("letters/.git/config.txt", kStory);
    write("letters/key.pem", "secret");
    write("picture.png", "not text");
    m_source = *m_records->addSource(root(), {}, {});
    reopen();
}

void TestIndexer::write(const std::string& name, const std::string& text) const
{
    std::filesystem::create_directories((root() / name).parent_path());
    std::ofstream{ root() / name, std::ios::binary } << text;
}

void TestIndexer::reopen()
{
    m_indexer.reset();
    m_indexer = std::make_unique<Indexer>(std::move(*FileIndex::open(indexPath())), LOAM_EXTRACTOR);
    LOAM_OK(refresh());
}

/// Steps until there is nothing to do; how many files were read.
int TestIndexer::settle()
{
    int read = 0;
    for (int i = 0; i < 10'000; ++i) {
        const auto step = m_indexer->step();
        if (!step || *step == Indexer::Step::Idle) {
            return step ? read : -1;
        }
        read += *step == Indexer::Step::Read ? 1 : 0;
    }
    return -1;
}

void TestIndexer::filesAreFoundAndRead()
{
    QCOMPARE(settle(), 2);
    const auto summary = m_indexer->index().summary(m_source);
    LOAM_OK(summary);
    QCOMPARE(summary->files, std::uint64_t{ 2 });
    QCOMPARE(summary->failed, std::uint64_t{ 0 });
    QVERIFY(summary->isScanned);
    QVERIFY(summary->skipped >= 3);
    QVERIFY(summary->tokens > 100);
    QCOMPARE(summary->redactions.at(static_cast<std::size_t>(SpanKind::Mail)), 1U);
    const auto files = m_indexer->index().files({ .source = m_source, .search = "letters" });
    LOAM_OK(files);
    QCOMPARE(files->size(), std::size_t{ 1 });
    QCOMPARE(files->front().path, std::string{ "letters/recipe.md" });
    QVERIFY(files->front().contents == crypto::sha256(base::asBytes(kOther)));
    QCOMPARE(files->front().quality.language, std::string{ "en" });
    const auto preview = m_indexer->preview(m_source, "letters/recipe.md");
    LOAM_OK(preview);
    QVERIFY(preview->text.used.find("[mail]") != std::string::npos);
    QVERIFY(preview->text.used.find("cook@") == std::string::npos);
    LOAM_FAILS(m_indexer->preview(m_source, "letters/key.pem"), Errc::NotFound);
    LOAM_FAILS(m_indexer->preview(SourceId{ 77 }, "story.txt"), Errc::NotFound);
}

void TestIndexer::whatIsUnchangedIsNotReadAgain()
{
    QCOMPARE(settle(), 2);
    LOAM_OK(m_indexer->requestWalk(m_source));
    QCOMPARE(settle(), 0);
    reopen();
    LOAM_OK(m_indexer->requestWalk(m_source));
    QCOMPARE(settle(), 0);
}

void TestIndexer::aChangeIsRead()
{
    QCOMPARE(settle(), 2);
    const auto before = m_indexer->index().find(m_source, "story.txt");
    write("story.txt", kStory + "And then it left again without them.\n");
    LOAM_OK(m_indexer->requestWalk(m_source));
    QCOMPARE(settle(), 1);
    const auto after = m_indexer->index().find(m_source, "story.txt");
    QVERIFY((*before)->contents != (*after)->contents);
    QVERIFY((*before)->used != (*after)->used);
}

void TestIndexer::aWalkGoesOnAfterAKill()
{
    for (int i = 0; i < 20; ++i) {
        write("deep/" + std::to_string(i) + "/a.txt", kStory + std::to_string(i));
    }
    LOAM_OK(m_indexer->step());
    LOAM_OK(m_indexer->step());
    LOAM_OK(m_indexer->step());
    const auto half = m_indexer->index().summary(m_source);
    QVERIFY(!half->isScanned);
    QVERIFY(half->foldersLeft > 0);
    reopen();
    settle();
    const auto whole = m_indexer->index().summary(m_source);
    QCOMPARE(whole->files, std::uint64_t{ 22 });
    QVERIFY(whole->isScanned);
}

void TestIndexer::nothingIsForgottenBeforeRulesAreKnown()
{
    while (m_indexer->index().summary(m_source)->files < 2
        || !m_indexer->index().summary(m_source)->isScanned) {
        LOAM_OK(m_indexer->step());
    }
    QVERIFY(m_indexer->index().summary(m_source)->waiting > 0);
    m_indexer.reset();
    m_indexer = std::make_unique<Indexer>(std::move(*FileIndex::open(indexPath())), LOAM_EXTRACTOR);
    // A node steps as soon as it runs, its rules come a moment later.
    QVERIFY(m_indexer->step() == Indexer::Step::Idle);
    QCOMPARE(m_indexer->index().summary(m_source)->files, std::uint64_t{ 2 });
    LOAM_OK(refresh());
    QCOMPARE(settle(), 2);
}

void TestIndexer::whatIsGoneIsForgotten()
{
    settle();
    std::filesystem::remove(root() / "story.txt");
    LOAM_OK(m_indexer->requestWalk(m_source));
    settle();
    QCOMPARE(m_indexer->index().summary(m_source)->files, std::uint64_t{ 1 });
    LOAM_OK(m_records->removeSource(m_source, &m_key));
    LOAM_OK(refresh());
    QCOMPARE(m_indexer->index().summary(m_source)->files, std::uint64_t{ 0 });
}

void TestIndexer::nearDuplicatesAreFound()
{
    write("z-copy.txt", kStory + "One more sentence.\n");
    settle();
    const auto copy = m_indexer->index().find(m_source, "z-copy.txt");
    const auto first = m_indexer->index().find(m_source, "story.txt");
    QVERIFY((*copy)->quality.verdict == Verdict::Duplicate
        || (*first)->quality.verdict == Verdict::Duplicate);
    QCOMPARE(m_indexer->index().summary(m_source)->poor, std::uint64_t{ 1 });
}

void TestIndexer::failuresHaveReasons()
{
    write("broken.pdf", "%PDF-1.4 but no more");
    write("huge.txt", "x");
    std::filesystem::resize_file(root() / "huge.txt", (std::uintmax_t{ 10 } << 30U));
    settle();
    const auto broken = m_indexer->index().find(m_source, "broken.pdf");
    QVERIFY((*broken)->state == FileState::Failed);
    QVERIFY(!(*broken)->reason.empty());
    const auto huge = m_indexer->index().find(m_source, "huge.txt");
    QVERIFY((*huge)->reason.find("64 MiB") != std::string::npos);
}

void TestIndexer::rulesTakeEffect()
{
    settle();
    LOAM_OK(m_records->addOwnPattern("old man"));
    LOAM_OK(refresh());
    QCOMPARE(settle(), 2);
    auto preview = m_indexer->preview(m_source, "story.txt");
    LOAM_OK(preview);
    QVERIFY(preview->text.used.find("[own]") != std::string::npos);
    LOAM_OK(m_records->strikeLine(m_source, "story.txt", preview->text.lines[0].text));
    LOAM_OK(refresh());
    preview = m_indexer->preview(m_source, "story.txt");
    LOAM_OK(preview);
    QVERIFY(preview->text.used.empty());
    LOAM_OK(m_records->strikePath(m_source, "letters"));
    LOAM_OK(m_records->setPatterns(m_source, { "*.txt" }, {}));
    LOAM_OK(refresh());
    settle();
    QVERIFY(!m_indexer->index().find(m_source, "letters/recipe.md")->has_value());
}

void TestIndexer::offersCoverEverything()
{
    for (int i = 0; i < 5; ++i) {
        write("n" + std::to_string(i) + ".txt", kOther + std::to_string(i * 1234567));
    }
    settle();
    Indexer::Cursor cursor;
    std::set<std::string> seen;
    const std::array sources{ m_source };
    while (!cursor.isAtEnd) {
        const auto files = m_indexer->offer(sources, cursor, 100);
        LOAM_OK(files);
        for (const OfferedFile& file : *files) {
            QVERIFY(seen.insert(file.path).second);
            QVERIFY(file.usedHash == crypto::sha256(base::asBytes(file.used)));
        }
    }
    QCOMPARE(seen.size(), std::size_t{ 7 });
}

void TestIndexer::aSingleFileIsASource()
{
    std::ofstream{ m_folder->path().toStdString() + "/.single.txt" } << kStory;
    const auto id = m_records->addSource(m_folder->path().toStdString() + "/.single.txt", {}, {});
    LOAM_OK(id);
    LOAM_OK(refresh());
    settle();
    LOAM_OK(m_indexer->preview(*id, ".single.txt"));
}

void TestIndexer::theIndexHoldsNoText()
{
    settle();
    m_indexer.reset();
    for (const char* ending : { "", "-wal" }) {
        std::ifstream in{ indexPath() + ending, std::ios::binary };
        const std::string bytes{ std::istreambuf_iterator<char>{ in }, {} };
        QVERIFY(bytes.find("old man") == std::string::npos);
        QVERIFY(bytes.find("recipe asks") == std::string::npos);
        QVERIFY(bytes.find("cook@") == std::string::npos);
    }
    reopen();
}

void TestIndexer::aFolderPulledAwayGivesNothing()
{
    settle();
    std::filesystem::rename(root(), root().string() + "-away");
    Indexer::Cursor cursor;
    const std::array sources{ m_source };
    const auto files = m_indexer->offer(sources, cursor, 1'000'000);
    LOAM_OK(files);
    QVERIFY(files->empty());
    QVERIFY(cursor.isAtEnd);
}

QTEST_GUILESS_MAIN(TestIndexer)
#include "tst_indexer.moc"
