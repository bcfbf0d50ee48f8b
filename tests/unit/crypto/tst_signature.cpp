// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/ed25519.h"
#include "crypto/random.h"
#include "crypto/x25519.h"
#include "unit/support.h"

#include <algorithm>

using namespace loam;
using namespace loam::crypto;
using base::Errc;

namespace {

template <class Secret> Secret secret(std::string_view text)
{
    Secret out;
    std::ranges::copy(test::hex(text), out.mutableView().begin());
    return out;
}

} // namespace

class TestSignature : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ed25519OfRfc8032()
    {
        const auto rows = test::vectors("ed25519.txt");
        QCOMPARE(rows.size(), std::size_t{ 4 });
        for (const auto& row : rows) {
            const KeyPair pair{ secret<Seed>(row[0]) };
            const base::Bytes message = test::hex(row[2]);
            QCOMPARE(test::text(pair.publicKey().view()), QString::fromStdString(row[1]));
            QCOMPARE(test::text(pair.sign(message).view()), QString::fromStdString(row[3]));
            QVERIFY(verify(pair.publicKey(), message, test::fixed<base::Signature>(row[3])));
        }
    }

    void everyBitCounts()
    {
        const KeyPair pair = KeyPair::generate();
        const base::Bytes message = base::toBytes(base::asBytes("message"));
        const base::Signature signature = pair.sign(message);
        QVERIFY(verify(pair.publicKey(), message, signature));
        for (std::size_t bit = 0; bit < base::Signature::kSize * 8; ++bit) {
            base::Signature changed = signature;
            changed.data[bit / 8] ^= std::byte{ 1 } << (bit % 8);
            QVERIFY(!verify(pair.publicKey(), message, changed));
        }
        for (std::size_t bit = 0; bit < base::PublicKey::kSize * 8; ++bit) {
            base::PublicKey changed = pair.publicKey();
            changed.data[bit / 8] ^= std::byte{ 1 } << (bit % 8);
            QVERIFY(!verify(changed, message, signature));
        }
        QVERIFY(!verify(pair.publicKey(), base::ByteView{ message }.first(6), signature));
        QVERIFY(!verify(KeyPair::generate().publicKey(), message, signature));
    }

    /// RFC 8032 5.1.7: S must be below the group order, or signatures could be altered.
    void refusesMalleableSignatures()
    {
        const KeyPair pair = KeyPair::generate();
        base::Signature signature = pair.sign({});
        const base::Bytes order
            = test::hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        unsigned carry = 0;
        for (std::size_t i = 0; i < order.size(); ++i) {
            const unsigned sum = std::to_integer<unsigned>(signature.data[32 + i])
                + std::to_integer<unsigned>(order[i]) + carry;
            signature.data[32 + i] = static_cast<std::byte>(sum & 255U);
            carry = sum >> 8;
        }
        QCOMPARE(carry, 0U);
        QVERIFY(!verify(pair.publicKey(), {}, signature));
    }

    void keysMove()
    {
        KeyPair first = KeyPair::generate();
        const base::PublicKey key = first.publicKey();
        KeyPair second = std::move(first);
        QVERIFY(verify(key, base::asBytes("m"), second.sign(base::asBytes("m"))));
        KeyPair third = KeyPair::generate();
        third = std::move(second);
        QVERIFY(verify(key, base::asBytes("m"), third.sign(base::asBytes("m"))));
        const KeyPair again{ third.seed().clone() };
        QVERIFY(again.publicKey() == key);
    }

    void x25519OfRfc7748()
    {
        const auto rows = test::vectors("x25519.txt");
        QCOMPARE(rows.size(), std::size_t{ 3 });
        for (const auto& row : rows) {
            const AgreementKey mine = AgreementKey::fromPrivate(secret<SymmetricKey>(row[0]));
            const auto shared = mine.agree(test::fixed<X25519Public>(row[1]));
            LOAM_OK(shared);
            QCOMPARE(test::text(shared->view()), QString::fromStdString(row[2]));
        }
    }

    /// RFC 7748 6.1, from Bob's side.
    void x25519OfTwoPeople()
    {
        const AgreementKey bob = AgreementKey::fromPrivate(secret<SymmetricKey>(
            "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
        QCOMPARE(test::text(bob.publicKey().view()),
            QStringLiteral("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
        const auto shared = bob.agree(test::fixed<X25519Public>(
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
        LOAM_OK(shared);
        QCOMPARE(test::text(shared->view()),
            QStringLiteral("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
    }

    void bothSidesAgree()
    {
        const AgreementKey one = AgreementKey::generate();
        const AgreementKey two = AgreementKey::generate();
        const auto first = one.agree(two.publicKey());
        const auto second = two.agree(one.publicKey());
        LOAM_OK(first);
        LOAM_OK(second);
        QVERIFY(std::ranges::equal(first->view(), second->view()));
        const auto other = AgreementKey::generate().agree(two.publicKey());
        LOAM_OK(other);
        QVERIFY(!std::ranges::equal(first->view(), other->view()));
    }

    void refusesLowOrderPoints_data()
    {
        QTest::addColumn<QString>("point");
        QTest::newRow("zero") << "0000000000000000000000000000000000000000000000000000000000000000";
        QTest::newRow("one") << "0100000000000000000000000000000000000000000000000000000000000000";
        QTest::newRow("order 8")
            << "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
        QTest::newRow("order 8, other")
            << "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157";
        QTest::newRow("p - 1")
            << "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
        QTest::newRow("p") << "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f";
    }
    void refusesLowOrderPoints()
    {
        QFETCH(QString, point);
        LOAM_FAILS(AgreementKey::generate().agree(test::fixed<X25519Public>(point.toStdString())),
            Errc::Invalid);
    }
};

QTEST_GUILESS_MAIN(TestSignature)
#include "tst_signature.moc"
