// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bech32m.h"
#include "unit/support.h"

using namespace loam;
using namespace loam::base;

class TestBech32m : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// The valid texts of BIP-350 whose data is a whole number of bytes.
    void acceptsPublished_data()
    {
        QTest::addColumn<QString>("prefix");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("payload");
        QTest::newRow("upper") << "a"
                               << "A1LQFN3A"
                               << "";
        QTest::newRow("lower") << "a"
                               << "a1lqfn3a"
                               << "";
        QTest::newRow("long prefix")
            << "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber1"
            << "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber1"
               "1sg7hg6"
            << "";
        QTest::newRow("all digits") << "abcdef"
                                    << "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx"
                                    << "ffbbcdeb38bdab49ca307b9ac5a928398a418820";
        QTest::newRow("split") << "split"
                               << "split1checkupstagehandshakeupstreamerranterredcaperredlc445v"
                               << "c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d";
        QTest::newRow("mark") << "?"
                              << "?1v759aa"
                              << "";
    }
    void acceptsPublished()
    {
        QFETCH(QString, prefix);
        QFETCH(QString, text);
        QFETCH(QString, payload);
        const Result<Bytes> bytes = fromBech32m(prefix.toStdString(), text.toStdString());
        LOAM_OK(bytes);
        QCOMPARE(test::text(*bytes), payload);
        QCOMPARE(QString::fromStdString(toBech32m(prefix.toStdString(), *bytes)), text.toLower());
    }

    void refusesPublished_data()
    {
        QTest::addColumn<QString>("prefix");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("no separator") << "qyrz8wqd2c9m" << QByteArray{ "qyrz8wqd2c9m" };
        QTest::newRow("data character b") << "y" << QByteArray{ "y1b0jsk6g" };
        QTest::newRow("data character i") << "lt" << QByteArray{ "lt1igcx5c0" };
        QTest::newRow("short checksum") << "in" << QByteArray{ "in1muywd" };
        QTest::newRow("checksum character i") << "mm" << QByteArray{ "mm1crxm3i" };
        QTest::newRow("checksum character o") << "au" << QByteArray{ "au1s5cgom" };
        QTest::newRow("upper-case checksum") << "m" << QByteArray{ "M1VUXWEZ" };
        QTest::newRow("other prefix") << "loam" << QByteArray{ "a1lqfn3a" };
        QTest::newRow("padding") << "1"
                                 << QByteArray{ "11llllllllllllllllllllllllllllllllllllllllllllllll"
                                                "llllllllllllllllllllllllllllllllllludsr8" };
        QTest::newRow("mixed case") << "a" << QByteArray{ "a1LQFN3A" };
        QTest::newRow("empty") << "a" << QByteArray{};
        QTest::newRow("not ASCII") << "a"
                                   << QByteArray{ "a1lqf\xc3\xa4"
                                                  "3a" };
    }
    void refusesPublished()
    {
        QFETCH(QString, prefix);
        QFETCH(QByteArray, text);
        LOAM_FAILS(fromBech32m(prefix.toStdString(), text.toStdString()), Errc::Invalid);
    }

    /// Bech32 (BIP-173) differs by its constant and must not pass.
    void refusesTheOlderChecksum() { LOAM_FAILS(fromBech32m("a", "a12uel5l"), Errc::Invalid); }

    void addressesRoundTrip()
    {
        const auto key = test::fixed<PublicKey>(
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        const std::string address = toAddress(key);
        QVERIFY(address.starts_with("loam1"));
        const Result<PublicKey> back = fromAddress(address);
        LOAM_OK(back);
        QVERIFY(*back == key);
    }

    void addressErrorsSayWhatIsWrong_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("part");
        const QString good = QString::fromStdString(toAddress({}));
        QTest::newRow("typing error")
            << QString{ good }.replace(10, 1, QStringLiteral("z")) << "typing error";
        QTest::newRow("cut off") << good.left(8) << "too short";
        QTest::newRow("other prefix") << "tb1qqqqqqqqqq"
                                      << "does not begin";
        QTest::newRow("foreign character")
            << QString{ good }.replace(10, 1, QStringLiteral("b")) << "\"b\"";
        QTest::newRow("length") << QString::fromStdString(toBech32m("loam", test::hex("00")))
                                << "wrong length";
    }
    void addressErrorsSayWhatIsWrong()
    {
        QFETCH(QString, text);
        QFETCH(QString, part);
        const Result<PublicKey> key = fromAddress(text.toStdString());
        LOAM_FAILS(key, Errc::Invalid);
        QVERIFY2(key.error().message.find(part.toStdString()) != std::string::npos,
            key.error().message.c_str());
    }
};

QTEST_GUILESS_MAIN(TestBech32m)
#include "tst_bech32m.moc"
