// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/kdf.h"
#include "unit/support.h"

using namespace loam;
using namespace loam::crypto;
using base::Errc;

class TestKdf : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hkdfOfRfc5869()
    {
        const auto rows = test::vectors("hkdf-sha256.txt");
        QCOMPARE(rows.size(), std::size_t{ 3 });
        for (const auto& row : rows) {
            const base::Bytes secret = test::hex(row[0]);
            const base::Bytes salt = test::hex(row[1]);
            const base::Bytes info = test::hex(row[2]);
            const base::Bytes expected = test::hex(row[3]);
            QCOMPARE(test::text(hkdf(secret, salt, info, expected.size())), test::text(expected));
            QCOMPARE(test::text(hkdfKey(secret, salt, info).view()),
                test::text(base::ByteView{ expected }.first(32)));
        }
    }

    void hkdfReachesItsLimit()
    {
        const base::Bytes longest = hkdf(base::asBytes("secret"), {}, {}, 255 * 32);
        QCOMPARE(longest.size(), std::size_t{ 8160 });
        QVERIFY(hkdf(base::asBytes("secret"), {}, {}, 0).empty());
        QCOMPARE(test::text(hkdf(base::asBytes("secret"), {}, {}, 33)),
            test::text(base::ByteView{ longest }.first(33)));
        QVERIFY(hkdf({}, {}, {}, 32) != hkdf({}, {}, base::asBytes("x"), 32));
    }

    void scryptOfRfc7914()
    {
        const auto rows = test::vectors("scrypt.txt");
        QCOMPARE(rows.size(), std::size_t{ 3 });
        for (const auto& row : rows) {
            const ScryptCost cost{ std::stoull(row[2]), std::stoull(row[3]), std::stoull(row[4]) };
            const auto key = scrypt(test::hex(row[0]), test::hex(row[1]), cost);
            LOAM_OK(key);
            // The RFC derives 64 bytes; the first 32 of them do not depend on the length.
            QCOMPARE(test::text(key->view()), QString::fromStdString(row[5].substr(0, 64)));
        }
    }

    void scryptRefusesCostsOutOfBounds_data()
    {
        QTest::addColumn<qulonglong>("n");
        QTest::addColumn<qulonglong>("r");
        QTest::addColumn<qulonglong>("p");
        QTest::newRow("no power of two") << 1000ULL << 8ULL << 1ULL;
        QTest::newRow("n zero") << 0ULL << 8ULL << 1ULL;
        QTest::newRow("n one") << 1ULL << 8ULL << 1ULL;
        QTest::newRow("r zero") << 16ULL << 0ULL << 1ULL;
        QTest::newRow("p zero") << 16ULL << 1ULL << 0ULL;
        QTest::newRow("over 1 GiB") << (1ULL << 21) << 8ULL << 1ULL;
        QTest::newRow("overflow of r") << 16ULL << ~0ULL << 1ULL;
        QTest::newRow("overflow of p") << 16ULL << 1ULL << ~0ULL;
        QTest::newRow("overflow of n") << (1ULL << 63) << 8ULL << 8ULL;
        QTest::newRow("endless work") << (1ULL << 20) << 1ULL << (1ULL << 20);
    }
    void scryptRefusesCostsOutOfBounds()
    {
        QFETCH(qulonglong, n);
        QFETCH(qulonglong, r);
        QFETCH(qulonglong, p);
        LOAM_FAILS(
            scrypt(base::asBytes("p"), base::asBytes("s"), ScryptCost{ n, r, p }), Errc::Invalid);
    }

    /// A vector of the BIP-39 kind with another iteration count, made with Python's hashlib.
    void pbkdf2()
    {
        QCOMPARE(test::text(pbkdf2Sha512(base::asBytes("password"), base::asBytes("salt"), 1)),
            QStringLiteral("867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
                           "c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce"));
    }
};

QTEST_GUILESS_MAIN(TestKdf)
#include "tst_kdf.moc"
