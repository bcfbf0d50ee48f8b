// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/hash.h"
#include "crypto/random.h"
#include "unit/support.h"

#include <QTemporaryDir>

#include <algorithm>
#include <atomic>
#include <bit>
#include <thread>

using namespace loam;
using namespace loam::crypto;
using base::Errc;

class TestHash : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// FIPS 180-4 examples.
    void sha256OfKnownTexts_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("digest");
        QTest::newRow("empty")
            << ""
            << "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        QTest::newRow("abc") << "abc"
                             << "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        QTest::newRow("448 bits")
            << "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
            << "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
        QTest::newRow("million") << QString(1000000,
            QLatin1Char('a')) << "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    }
    void sha256OfKnownTexts()
    {
        QFETCH(QString, text);
        QFETCH(QString, digest);
        const std::string bytes = text.toStdString();
        QCOMPARE(test::text(sha256(base::asBytes(bytes)).view()), digest);
        Sha256 pieces;
        for (std::size_t at = 0; at < bytes.size(); at += 1009) {
            pieces.update(base::asBytes(std::string_view{ bytes }.substr(at, 1009)));
        }
        QCOMPARE(test::text(pieces.finish().view()), digest);
    }

    void hasherStartsAnew()
    {
        Sha256 hasher;
        hasher.update(base::asBytes("abc"));
        QVERIFY(hasher.finish() == sha256(base::asBytes("abc")));
        QVERIFY(hasher.finish() == sha256({}));
        Sha256 moved = std::move(hasher.update(base::asBytes("ab")));
        QVERIFY(moved.update(base::asBytes("c")).finish() == sha256(base::asBytes("abc")));
    }

    void hmacSha512_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("code");
        const auto rows = test::vectors("hmac-sha512.txt");
        QCOMPARE(rows.size(), std::size_t{ 6 });
        for (const auto& row : rows) {
            QTest::newRow(row[2].substr(0, 8).c_str())
                << QString::fromStdString(row[0]) << QString::fromStdString(row[1])
                << QString::fromStdString(row[2]);
        }
    }
    void hmacSha512()
    {
        QFETCH(QString, key);
        QFETCH(QString, message);
        QFETCH(QString, code);
        QCOMPARE(test::text(crypto::hmacSha512(
                     test::hex(key.toStdString()), test::hex(message.toStdString()))),
            code);
    }

    void filesAreHashedInPieces()
    {
        const QTemporaryDir folder;
        base::Bytes contents(600 * 1024 + 17);
        randomBytes(contents);
        const QString path = folder.filePath(QStringLiteral("a"));
        QFile file{ path };
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(file.write(reinterpret_cast<const char*>(contents.data()),
                    static_cast<qint64>(contents.size()))
            > 0);
        file.close();
        const auto digest = sha256File(path.toStdString());
        LOAM_OK(digest);
        QVERIFY(*digest == sha256(contents));
        LOAM_FAILS(
            sha256File(folder.filePath(QStringLiteral("none")).toStdString()), Errc::NotFound);
        LOAM_FAILS(sha256File(folder.path().toStdString()), Errc::Io);
    }

    void threadsDoNotDisturbEachOther()
    {
        const base::Hash256 expected = sha256(base::asBytes("abc"));
        std::vector<std::thread> threads;
        std::atomic<int> wrong{ 0 };
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&expected, &wrong] {
                for (int k = 0; k < 2000; ++k) {
                    wrong += sha256(base::asBytes("abc")) == expected ? 0 : 1;
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        QCOMPARE(wrong.load(), 0);
    }

    void randomIsNeitherEmptyNorRepeated()
    {
        base::Bytes first(1000);
        base::Bytes second(1000);
        randomBytes(first);
        randomBytes(second);
        QVERIFY(first != second);
        randomBytes({});
        std::size_t ones = 0;
        for (const std::byte b : first) {
            ones += static_cast<std::size_t>(std::popcount(std::to_integer<unsigned>(b)));
        }
        // 8,000 fair bits: eleven standard deviations around the half.
        QVERIFY(ones > 3500 && ones < 4500);
    }

    void comparesInConstantTime()
    {
        QVERIFY(equalConstantTime(base::asBytes("abc"), base::asBytes("abc")));
        QVERIFY(!equalConstantTime(base::asBytes("abc"), base::asBytes("abd")));
        QVERIFY(!equalConstantTime(base::asBytes("abc"), base::asBytes("ab")));
        QVERIFY(equalConstantTime({}, {}));
    }

    void secretsLeaveNothingBehind()
    {
        SymmetricKey key = randomKey();
        const SymmetricKey copy = key.clone();
        const SymmetricKey moved = std::move(key);
        QVERIFY(std::ranges::equal(copy.view(), moved.view()));
        // A moved-from secret is zero by contract.
        QVERIFY(std::ranges::equal(key.view(), SymmetricKey{}.view()));
        SymmetricKey target = randomKey();
        SymmetricKey source = copy.clone();
        target = std::move(source);
        QVERIFY(std::ranges::equal(target.view(), copy.view()));
        QVERIFY(std::ranges::equal(source.view(), SymmetricKey{}.view()));
        static_assert(!std::is_copy_constructible_v<
                          SymmetricKey> && !std::is_copy_assignable_v<SymmetricKey>);
    }
};

QTEST_GUILESS_MAIN(TestHash)
#include "tst_hash.moc"
