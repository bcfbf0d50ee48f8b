// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "base/scope_guard.h"
#include "unit/support.h"

#include <QDir>
#include <QTemporaryDir>

#include <csignal>
#include <limits>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace loam;
using namespace loam::base;

class TestFile : public QObject
{
    Q_OBJECT

    static std::filesystem::path in(const QTemporaryDir& folder, const char* name)
    {
        return folder.filePath(QString::fromLatin1(name)).toStdString();
    }
    static unsigned rights(const std::filesystem::path& path)
    {
        struct stat info
        {
        };
        return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0U;
    }

private Q_SLOTS:
    void writesAndReadsBack()
    {
        const QTemporaryDir folder;
        const auto path = in(folder, "a");
        LOAM_OK(writeFileAtomically(path, asBytes("first")));
        LOAM_OK(writeFileAtomically(path, asBytes("second")));
        const Result<Bytes> bytes = readFile(path, 100);
        LOAM_OK(bytes);
        QCOMPARE(std::string{ asText(*bytes) }, std::string{ "second" });
        QCOMPARE(QDir{ folder.path() }.entryList(QDir::Files).size(), 1);
    }

    void rightsFollowTheAccess()
    {
        const QTemporaryDir folder;
        LOAM_OK(writeFileAtomically(in(folder, "public"), {}));
        LOAM_OK(writeFileAtomically(in(folder, "secret"), {}, FileAccess::OwnerOnly));
        QCOMPARE(rights(in(folder, "public")), 0644U);
        QCOMPARE(rights(in(folder, "secret")), 0600U);
    }

    void limitIsExact_data()
    {
        QTest::addColumn<qulonglong>("size");
        QTest::addColumn<qulonglong>("limit");
        QTest::addColumn<bool>("fits");
        QTest::newRow("empty") << 0ULL << 0ULL << true;
        QTest::newRow("one over nothing") << 1ULL << 0ULL << false;
        QTest::newRow("equal") << 10ULL << 10ULL << true;
        QTest::newRow("one over") << 11ULL << 10ULL << false;
        QTest::newRow("several pieces") << 700000ULL << 700000ULL << true;
        QTest::newRow("several pieces, one over") << 700001ULL << 700000ULL << false;
        QTest::newRow("no limit") << 300000ULL << std::numeric_limits<qulonglong>::max() << true;
    }
    void limitIsExact()
    {
        QFETCH(qulonglong, size);
        QFETCH(qulonglong, limit);
        QFETCH(bool, fits);
        const QTemporaryDir folder;
        const Bytes contents(size, std::byte{ 7 });
        LOAM_OK(writeFileAtomically(in(folder, "a"), contents));
        const Result<Bytes> bytes = readFile(in(folder, "a"), limit);
        QCOMPARE(bytes.has_value(), fits);
        if (!fits) {
            LOAM_FAILS(bytes, Errc::Invalid);
            return;
        }
        QVERIFY(*bytes == contents);
    }

    void missingFilesAreNotFound()
    {
        const QTemporaryDir folder;
        LOAM_FAILS(readFile(in(folder, "none"), 10), Errc::NotFound);
        LOAM_FAILS(writeFileAtomically(in(folder, "none/a"), {}), Errc::NotFound);
        LOAM_FAILS(readFile(folder.path().toStdString(), 10), Errc::Io);
    }

    void makesFolders()
    {
        const QTemporaryDir folder;
        LOAM_OK(makeFolder(in(folder, "a/b/c")));
        LOAM_OK(makeFolder(in(folder, "a/b/c")));
        QVERIFY(std::filesystem::is_directory(in(folder, "a/b/c")));
        LOAM_OK(writeFileAtomically(in(folder, "file"), {}));
        LOAM_FAILS(makeFolder(in(folder, "file/b")), Errc::Io);
    }

    /// A writer killed at any moment leaves one of the two whole contents.
    void survivesKill()
    {
        const QTemporaryDir folder;
        const auto path = in(folder, "a");
        const Bytes old(200000, std::byte{ 1 });
        const Bytes fresh(150000, std::byte{ 2 });
        LOAM_OK(writeFileAtomically(path, old));
        for (int round = 0; round < 12; ++round) {
            const pid_t child = ::fork();
            if (child == 0) {
                for (;;) {
                    if (!writeFileAtomically(path, fresh) || !writeFileAtomically(path, old)) {
                        ::_exit(1);
                    }
                }
            }
            QVERIFY(child > 0);
            const auto ended
                = std::chrono::steady_clock::now() + std::chrono::milliseconds{ 5 + 3 * round };
            while (std::chrono::steady_clock::now() < ended) {
                const Result<Bytes> seen = readFile(path, 1 << 20);
                LOAM_OK(seen);
                QVERIFY(*seen == old || *seen == fresh);
            }
            ::kill(child, SIGKILL);
            int status = 0;
            ::waitpid(child, &status, 0);
            QVERIFY(WIFSIGNALED(status));
            const Result<Bytes> left = readFile(path, 1 << 20);
            LOAM_OK(left);
            QVERIFY(*left == old || *left == fresh);
        }
    }

    /// What cannot be written is reported, and nothing is left behind.
    void fullDiskKeepsTheOldContents()
    {
        const QTemporaryDir folder;
        const auto path = in(folder, "a");
        LOAM_OK(writeFileAtomically(path, asBytes("old")));
        // A limit on file sizes makes write() fail in the middle as a full disk does.
        const pid_t child = ::fork();
        if (child == 0) {
            ::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{ 4096, 4096 };
            ::setrlimit(RLIMIT_FSIZE, &limit);
            const Result<> result = writeFileAtomically(path, Bytes(100000));
            ::_exit(!result && result.error().code == Errc::Io ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), 0);
        QCOMPARE(std::string{ asText(*readFile(path, 100)) }, std::string{ "old" });
        QCOMPARE(QDir{ folder.path() }.entryList(QDir::Files).size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestFile)
#include "tst_file.moc"
