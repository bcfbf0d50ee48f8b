// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"
#include "unit/support.h"

#include <QTemporaryDir>

#include <array>
#include <csignal>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace loam;
using namespace loam::store;
using base::Errc;

namespace {

constexpr std::int32_t kApplication = 0x4c6f616d;
constexpr Migration kFirst{ 1,
    "CREATE TABLE entry(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, value BLOB) STRICT;" };
constexpr Migration kSecond{ 2,
    "CREATE TABLE child(id INTEGER PRIMARY KEY, entry INTEGER NOT NULL REFERENCES entry(id)) "
    "STRICT;"
    "ALTER TABLE entry ADD COLUMN amount INTEGER NOT NULL DEFAULT 7;" };
constexpr std::array kOne{ kFirst };
constexpr std::array kTwo{ kFirst, kSecond };

OpenOptions options(std::span<const Migration> migrations)
{
    return { kApplication, migrations, Durability::Full };
}

base::Result<std::int64_t> count(Database& database)
{
    TRY_ASSIGN(Statement statement, database.prepare("SELECT count(*) FROM entry"));
    TRY(statement.step());
    return statement.integer(0);
}

base::Result<> insert(Database& database, std::string_view name, base::ByteView value = {})
{
    TRY_ASSIGN(
        Statement statement, database.prepare("INSERT INTO entry(name, value) VALUES(?1, ?2)"));
    return statement.bind(1, name).bind(2, value).run();
}

base::Result<> insertMany(Database& database, int begin, int end, std::size_t size)
{
    return database.transaction([&database, begin, end, size]() -> base::Result<> {
        for (int i = begin; i < end; ++i) {
            TRY(insert(database, std::to_string(i), base::Bytes(size, std::byte{ 3 })));
        }
        return {};
    });
}

/// Runs `body` in a child process and returns its exit code, or the negated signal.
template <class Body> int inChild(Body body)
{
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(body());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

} // namespace

class TestStore : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_files{ 0 };

    std::filesystem::path fresh()
    {
        return m_folder.filePath(QStringLiteral("%1.db").arg(++m_files)).toStdString();
    }
    static bool says(const base::Error& error, std::string_view part)
    {
        return error.message.find(part) != std::string::npos;
    }

private Q_SLOTS:
    void valuesRoundTrip()
    {
        const auto database = Database::openInMemory(options(kOne));
        LOAM_OK(database);
        LOAM_OK((*database)->execute("CREATE TABLE v(i INTEGER, t TEXT, b BLOB, n TEXT)"));
        auto write = (*database)->prepare("INSERT INTO v VALUES(?1, ?2, ?3, ?4)");
        LOAM_OK(write);
        const base::Bytes blob = test::hex("00ff10");
        LOAM_OK(write->bind(1, INT64_MIN)
                    .bind(2, std::string_view{ "a\0b\xc3\xa4", 5 })
                    .bind(3, blob)
                    .bindNull(4)
                    .run());
        LOAM_OK(write->bind(1, std::int64_t{ 0 })
                    .bind(2, std::string_view{})
                    .bind(3, base::ByteView{})
                    .run());
        QCOMPARE((*database)->lastInsertId(), std::int64_t{ 2 });
        QCOMPARE((*database)->changedRows(), std::int64_t{ 1 });
        auto read = (*database)->prepare("SELECT i, t, b, n FROM v ORDER BY rowid");
        LOAM_OK(read);
        QVERIFY(read->step().value_or(false));
        QCOMPARE(read->integer(0), INT64_MIN);
        QCOMPARE(read->text(1), (std::string{ "a\0b\xc3\xa4", 5 }));
        QVERIFY(read->blob(2) == blob);
        QVERIFY(read->isNull(3));
        QVERIFY(read->step().value_or(false));
        QVERIFY(!read->isNull(1) && read->text(1).empty());
        QVERIFY(!read->isNull(2) && read->blob(2).empty());
        QCOMPARE(read->step().value_or(true), false);
        // After its end a statement starts anew.
        QVERIFY(read->step().value_or(false));
        QCOMPARE(read->integer(0), INT64_MIN);
    }

    void mistakesAreReported()
    {
        const auto database = Database::openInMemory(options(kOne));
        LOAM_OK(database);
        LOAM_FAILS((*database)->prepare("SELEC 1"), Errc::Invalid);
        LOAM_FAILS((*database)->prepare("  "), Errc::Invalid);
        LOAM_FAILS((*database)->execute("DROP TABLE none"), Errc::Invalid);
        auto statement = (*database)->prepare("SELECT ?1");
        LOAM_OK(statement);
        statement->bind(2, std::int64_t{ 1 });
        LOAM_FAILS(statement->step(), Errc::Invalid);
        LOAM_FAILS(statement->bind(1, std::int64_t{ 1 }).run(), Errc::Invalid);
        LOAM_OK(insert(**database, "a"));
        LOAM_FAILS(insert(**database, "a"), Errc::Invalid);
        LOAM_OK(insert(**database, "b"));
    }

    void foreignKeysAreOn()
    {
        const auto database = Database::openInMemory(options(kTwo));
        LOAM_OK(database);
        LOAM_FAILS((*database)->execute("INSERT INTO child(entry) VALUES(99)"), Errc::Invalid);
    }

    void transactionsAreWholeOrNothing()
    {
        const auto database = Database::openInMemory(options(kOne));
        LOAM_OK(database);
        Database& db = **database;
        LOAM_OK(db.transaction([&db]() -> base::Result<> {
            TRY(insert(db, "a"));
            return insert(db, "b");
        }));
        LOAM_FAILS(db.transaction([&db]() -> base::Result<> {
            TRY(insert(db, "c"));
            return base::fail(Errc::Cancelled, "enough");
        }),
            Errc::Cancelled);
        LOAM_FAILS(db.transaction([&db]() -> base::Result<> {
            TRY(insert(db, "c"));
            return insert(db, "a");
        }),
            Errc::Invalid);
        QCOMPARE(count(db).value_or(-1), std::int64_t{ 2 });
        // Nesting is refused and undoes the outer one too.
        LOAM_FAILS(db.transaction([&db]() -> base::Result<> {
            TRY(insert(db, "d"));
            return db.transaction([]() -> base::Result<> { return {}; });
        }),
            Errc::Invalid);
        LOAM_FAILS(db.transaction([&db] { return db.execute("COMMIT"); }), Errc::Invalid);
        QCOMPARE(count(db).value_or(-1), std::int64_t{ 2 });
        LOAM_OK(insert(db, "e"));
    }

    void statementMayOutliveItsDatabase()
    {
        auto database = Database::open(fresh(), options(kOne));
        LOAM_OK(database);
        auto statement = (*database)->prepare("SELECT 5");
        LOAM_OK(statement);
        database->reset();
        QVERIFY(statement->step().value_or(false));
        QCOMPARE(statement->integer(0), std::int64_t{ 5 });
    }

    void migratesAndKeepsABackup()
    {
        const auto path = fresh();
        {
            const auto database = Database::open(path, options(kOne));
            LOAM_OK(database);
            LOAM_OK(insert(**database, "old"));
            QCOMPARE((*database)->version().value_or(-1), std::int64_t{ 1 });
        }
        QVERIFY(!std::filesystem::exists(path.string() + ".v1.bak"));
        {
            const auto database = Database::open(path, options(kTwo));
            LOAM_OK(database);
            QCOMPARE((*database)->version().value_or(-1), std::int64_t{ 2 });
            auto read = (*database)->prepare("SELECT name, amount FROM entry");
            LOAM_OK(read);
            QVERIFY(read->step().value_or(false));
            QCOMPARE(read->text(0), std::string{ "old" });
            QCOMPARE(read->integer(1), std::int64_t{ 7 });
        }
        const auto backup = Database::open(path.string() + ".v1.bak", options(kOne));
        LOAM_OK(backup);
        QCOMPARE(count(**backup).value_or(-1), std::int64_t{ 1 });
    }

    void failedMigrationChangesNothing()
    {
        const auto path = fresh();
        const std::array broken{ kFirst,
            Migration{ 2,
                "CREATE TABLE extra(id INTEGER); INSERT INTO extra VALUES(1); INSERT INTO none "
                "VALUES(1);" } };
        {
            const auto database = Database::open(path, options(kOne));
            LOAM_OK(database);
            LOAM_OK(insert(**database, "kept"));
        }
        const auto failed = Database::open(path, options(broken));
        LOAM_FAILS(failed, Errc::Invalid);
        QVERIFY2(says(failed.error(), "schema 2"), failed.error().message.c_str());
        const auto database = Database::open(path, options(kOne));
        LOAM_OK(database);
        QCOMPARE((*database)->version().value_or(-1), std::int64_t{ 1 });
        QCOMPARE(count(**database).value_or(-1), std::int64_t{ 1 });
        LOAM_FAILS((*database)->prepare("SELECT * FROM extra"), Errc::Invalid);
    }

    void migrationMayRebuildATableOthersReferTo()
    {
        const auto path = fresh();
        {
            const auto database = Database::open(path, options(kTwo));
            LOAM_OK(database);
            LOAM_OK(insert(**database, "a"));
            LOAM_OK((*database)->execute("INSERT INTO child(entry) VALUES(1)"));
        }
        const std::array rebuild{ kFirst, kSecond,
            Migration{ 3,
                "CREATE TABLE fresh(id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"
                "INSERT INTO fresh SELECT id, name FROM entry; DROP TABLE entry; ALTER TABLE fresh "
                "RENAME TO entry;" } };
        {
            const auto database = Database::open(path, options(rebuild));
            LOAM_OK(database);
            QCOMPARE(count(**database).value_or(-1), std::int64_t{ 1 });
            LOAM_FAILS((*database)->execute("INSERT INTO child(entry) VALUES(99)"), Errc::Invalid);
        }
        const std::array losing{ kFirst, kSecond, rebuild[2],
            Migration{ 4, "DELETE FROM entry;" } };
        LOAM_FAILS(Database::open(path, options(losing)), Errc::Corrupt);
        LOAM_OK(Database::open(path, options(rebuild)));
    }

    void newerFilesAreRefusedUntouched()
    {
        const auto path = fresh();
        LOAM_OK(Database::open(path, options(kTwo)));
        const auto older = Database::open(path, options(kOne));
        LOAM_FAILS(older, Errc::Invalid);
        QVERIFY2(says(older.error(), "newer version"), older.error().message.c_str());
        LOAM_OK(Database::open(path, options(kTwo)));
    }

    void filesOfOthersAreLeftAlone()
    {
        const auto path = fresh();
        LOAM_OK(Database::open(path, { 12345, kOne, Durability::Normal }));
        const auto foreign = Database::open(path, options(kOne));
        LOAM_FAILS(foreign, Errc::Invalid);
        QVERIFY2(says(foreign.error(), "another application"), foreign.error().message.c_str());
    }

    void filesArePrivate()
    {
        const auto path = fresh();
        const auto database = Database::open(path, options(kOne));
        LOAM_OK(database);
        for (const std::string& name : { path.string(), path.string() + "-wal" }) {
            struct stat info
            {
            };
            QCOMPARE(::stat(name.c_str(), &info), 0);
            QCOMPARE(info.st_mode & 0777U, 0600U);
        }
    }

    void oneProcessAtATime()
    {
        const auto path = fresh();
        auto database = Database::open(path, options(kOne));
        LOAM_OK(database);
        const auto second = Database::open(path, options(kOne));
        LOAM_FAILS(second, Errc::Unavailable);
        QVERIFY2(says(second.error(), "another process"), second.error().message.c_str());
        QCOMPARE(inChild([&path] {
            const auto other = Database::open(path, options(kOne));
            return !other && other.error().code == Errc::Unavailable ? 0 : 1;
        }),
            0);
        database->reset();
        LOAM_OK(Database::open(path, options(kOne)));
    }

    void crashKeepsWhatWasCommitted()
    {
        const auto path = fresh();
        for (int round = 1; round <= 5; ++round) {
            QCOMPARE(inChild([&path, round] {
                const auto database = Database::open(path, options(kOne));
                if (!database || !insert(**database, "committed " + std::to_string(round))) {
                    return 1;
                }
                const auto body = [&database, round]() -> base::Result<> {
                    for (int i = 0; i < 2000; ++i) {
                        const std::string name
                            = "lost " + std::to_string(round) + ' ' + std::to_string(i);
                        TRY(insert(**database, name, base::Bytes(500)));
                    }
                    ::raise(SIGKILL);
                    return {};
                };
                return (*database)->transaction(body) ? 2 : 3;
            }),
                -SIGKILL);
            const auto database = Database::open(path, options(kOne));
            LOAM_OK(database);
            QCOMPARE(count(**database).value_or(-1), std::int64_t{ round });
        }
    }

    void corruptionIsFoundAtOpen_data()
    {
        QTest::addColumn<int>("offset");
        QTest::newRow("header") << 0;
        QTest::newRow("first page") << 108;
        QTest::newRow("inner page") << 5 * 4096;
    }
    void corruptionIsFoundAtOpen()
    {
        QFETCH(int, offset);
        const auto path = fresh();
        {
            const auto database = Database::open(path, options(kOne));
            LOAM_OK(database);
            LOAM_OK(insertMany(**database, 0, 100, 1000));
        }
        {
            std::fstream file{ path, std::ios::in | std::ios::out | std::ios::binary };
            file.seekp(offset);
            const std::string garbage(600, '\x5a');
            file.write(garbage.data(), static_cast<std::streamsize>(garbage.size()));
        }
        const auto damaged = Database::open(path, options(kOne));
        LOAM_FAILS(damaged, Errc::Corrupt);
        QVERIFY2(says(damaged.error(), "restore a backup"), damaged.error().message.c_str());
    }

    void textFileIsNoDatabase()
    {
        const auto path = fresh();
        std::ofstream{ path } << std::string(5000, 'x');
        LOAM_FAILS(Database::open(path, options(kOne)), Errc::Corrupt);
    }

    void missingFolderIsAnError()
    {
        const auto failed = Database::open(fresh() / "none" / "a.db", options(kOne));
        LOAM_FAILS(failed, Errc::Io);
    }

    void fullDatabaseSaysSo()
    {
        const auto database = Database::open(fresh(), options(kOne));
        LOAM_OK(database);
        Database& db = **database;
        LOAM_OK(insert(db, "before"));
        LOAM_OK(db.execute("PRAGMA max_page_count=20"));
        const auto full = db.transaction([&db]() -> base::Result<> {
            for (int i = 0; i < 1000; ++i) {
                TRY(insert(db, std::to_string(i), base::Bytes(4000)));
            }
            return {};
        });
        LOAM_FAILS(full, Errc::Io);
        QVERIFY2(says(full.error(), "disk is full"), full.error().message.c_str());
        QCOMPARE(count(db).value_or(-1), std::int64_t{ 1 });
        LOAM_OK(db.execute("PRAGMA max_page_count=100000"));
        LOAM_OK(insert(db, "after"));
    }

    /// A limit on file sizes makes the kernel refuse to write, as it does on a full disk.
    void refusedWritesLoseNothing()
    {
        const auto path = fresh();
        QCOMPARE(inChild([&path] {
            ::signal(SIGXFSZ, SIG_IGN);
            const auto database = Database::open(path, options(kOne));
            if (!database || !insert(**database, "before")) {
                return 1;
            }
            const rlimit limit{ 200000, 200000 };
            ::setrlimit(RLIMIT_FSIZE, &limit);
            const auto full = (*database)->transaction([&database]() -> base::Result<> {
                for (int i = 0; i < 5000; ++i) {
                    TRY(insert(**database, std::to_string(i), base::Bytes(4000)));
                }
                return {};
            });
            return !full && full.error().code == Errc::Io && count(**database).value_or(0) == 1 ? 0
                                                                                                : 2;
        }),
            0);
        const auto database = Database::open(path, options(kOne));
        LOAM_OK(database);
        QCOMPARE(count(**database).value_or(-1), std::int64_t{ 1 });
    }

    void backupIsWhole()
    {
        const auto path = fresh();
        const auto copy = fresh();
        const auto database = Database::open(path, options(kOne));
        LOAM_OK(database);
        LOAM_OK(insertMany(**database, 0, 301, 10));
        LOAM_OK((*database)->backupTo(copy));
        LOAM_OK(insertMany(**database, 301, 500, 10));
        const auto backup = Database::open(copy, options(kOne));
        LOAM_OK(backup);
        QCOMPARE(count(**backup).value_or(-1), std::int64_t{ 301 });
        LOAM_FAILS((*database)->backupTo(m_folder.path().toStdString() + "/none/a.db"), Errc::Io);
        QVERIFY(!std::filesystem::exists(copy.string() + ".part"));
    }

    void settingsAreInForce()
    {
        const auto path = fresh();
        const auto database = Database::open(path, options(kOne));
        LOAM_OK(database);
        const auto ask = [&database](std::string_view sql) {
            auto statement = (*database)->prepare(sql);
            return statement && statement->step().value_or(false) ? statement->text(0)
                                                                  : std::string{};
        };
        QCOMPARE(ask("PRAGMA journal_mode"), std::string{ "wal" });
        QCOMPARE(ask("PRAGMA synchronous"), std::string{ "2" });
        QCOMPARE(ask("PRAGMA foreign_keys"), std::string{ "1" });
        QCOMPARE(ask("PRAGMA locking_mode"), std::string{ "exclusive" });
        QCOMPARE(ask("PRAGMA application_id"), std::to_string(kApplication));
    }
};

QTEST_GUILESS_MAIN(TestStore)
#include "tst_store.moc"
