// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/aead.h"
#include "crypto/random.h"
#include "unit/support.h"

#include <algorithm>

using namespace loam;
using namespace loam::crypto;
using base::Errc;

class TestAead : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void published_data()
    {
        QTest::addColumn<int>("row");
        const auto rows = test::vectors("aead.txt");
        QVERIFY(rows.size() > 100);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            QTest::addRow("%s %zu %s", rows[i][0].c_str(), i, rows[i][1].c_str())
                << static_cast<int>(i);
        }
    }
    void published()
    {
        QFETCH(int, row);
        const std::vector<std::string> fields
            = test::vectors("aead.txt")[static_cast<std::size_t>(row)];
        const Aead cipher = fields[0] == "aes-256-gcm" ? Aead::Aes256Gcm : Aead::ChaCha20Poly1305;
        SymmetricKey key;
        std::ranges::copy(test::hex(fields[2]), key.mutableView().begin());
        Nonce nonce{};
        std::ranges::copy(test::hex(fields[3]), nonce.begin());
        const base::Bytes associated = test::hex(fields[4]);
        const base::Bytes sealed = test::hex(fields[6]);
        const base::Result<base::Bytes> opened = open(cipher, key, nonce, associated, sealed);
        if (fields[1] == "bad") {
            LOAM_FAILS(opened, Errc::Corrupt);
            return;
        }
        LOAM_OK(opened);
        QCOMPARE(test::text(*opened), QString::fromStdString(fields[5]));
        QCOMPARE(test::text(seal(cipher, key, nonce, associated, *opened)), test::text(sealed));
    }

    void everyBitCounts_data()
    {
        QTest::addColumn<int>("cipher");
        QTest::newRow("chacha") << static_cast<int>(Aead::ChaCha20Poly1305);
        QTest::newRow("aes") << static_cast<int>(Aead::Aes256Gcm);
    }
    void everyBitCounts()
    {
        QFETCH(int, cipher);
        const auto algorithm = static_cast<Aead>(cipher);
        const SymmetricKey key = randomKey();
        const Nonce nonce = counterNonce(7);
        const base::ByteView associated = base::asBytes("header");
        const base::Bytes sealed
            = seal(algorithm, key, nonce, associated, base::asBytes("message"));
        LOAM_OK(open(algorithm, key, nonce, associated, sealed));
        for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
            base::Bytes changed = sealed;
            changed[bit / 8] ^= std::byte{ 1 } << (bit % 8);
            LOAM_FAILS(open(algorithm, key, nonce, associated, changed), Errc::Corrupt);
        }
        LOAM_FAILS(open(algorithm, key, counterNonce(8), associated, sealed), Errc::Corrupt);
        LOAM_FAILS(open(algorithm, key, nonce, base::asBytes("headex"), sealed), Errc::Corrupt);
        LOAM_FAILS(open(algorithm, randomKey(), nonce, associated, sealed), Errc::Corrupt);
        for (std::size_t size = 0; size < sealed.size(); ++size) {
            LOAM_FAILS(
                open(algorithm, key, nonce, associated, base::ByteView{ sealed }.first(size)),
                Errc::Corrupt);
        }
    }

    void emptyMessagesAreAuthenticated()
    {
        const SymmetricKey key = randomKey();
        for (const Aead cipher : { Aead::ChaCha20Poly1305, Aead::Aes256Gcm }) {
            const base::Bytes sealed = seal(cipher, key, counterNonce(0), {}, {});
            QCOMPARE(sealed.size(), kTagSize);
            const auto opened = open(cipher, key, counterNonce(0), {}, sealed);
            LOAM_OK(opened);
            QVERIFY(opened->empty());
        }
    }

    void counterNonceIsBigEndian()
    {
        QCOMPARE(test::text(counterNonce(0x0102030405060708U)),
            QStringLiteral("000000000102030405060708"));
    }
};

QTEST_GUILESS_MAIN(TestAead)
#include "tst_aead.moc"
