// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bytes.h"
#include "base/utf8.h"
#include "unit/support.h"

#include <unordered_set>

using namespace loam;
using namespace loam::base;

class TestBytes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// RFC 4648 section 10.
    void encodesBase64_data()
    {
        QTest::addColumn<QString>("plain");
        QTest::addColumn<QString>("encoded");
        QTest::newRow("0") << ""
                           << "";
        QTest::newRow("1") << "f"
                           << "Zg==";
        QTest::newRow("2") << "fo"
                           << "Zm8=";
        QTest::newRow("3") << "foo"
                           << "Zm9v";
        QTest::newRow("4") << "foob"
                           << "Zm9vYg==";
        QTest::newRow("5") << "fooba"
                           << "Zm9vYmE=";
        QTest::newRow("6") << "foobar"
                           << "Zm9vYmFy";
        QTest::newRow("last digits") << QString::fromLatin1("\x3f\x3e\x3f\x3e") << "Pz4/Pg==";
    }
    void encodesBase64()
    {
        QFETCH(QString, plain);
        QFETCH(QString, encoded);
        const std::string bytes = plain.toLatin1().toStdString();
        QCOMPARE(QString::fromStdString(toBase64(asBytes(bytes))), encoded);
        const Result<Bytes> back = fromBase64(encoded.toStdString());
        LOAM_OK(back);
        QCOMPARE(std::string{ asText(*back) }, bytes);
    }

    void refusesBase64_data()
    {
        QTest::addColumn<QString>("text");
        for (const char* text : { "Z", "Zg", "Zg=", "Zg===", "=", "====", "=g==", "Z===", "Zh==",
                 "Zm9=", "Zm 9", "Zm9v\n", "Zm-_", "Zg==Zg==", "Zg=g", "Zm9v====" }) {
            QTest::newRow(text) << QString::fromLatin1(text);
        }
    }
    void refusesBase64()
    {
        QFETCH(QString, text);
        LOAM_FAILS(fromBase64(text.toStdString()), Errc::Invalid);
    }

    void encodesHex()
    {
        QCOMPARE(QString::fromStdString(toHex(test::hex("00fFaB10"))), QStringLiteral("00ffab10"));
        QCOMPARE(QString::fromStdString(toHex({})), QString{});
        LOAM_FAILS(fromHex("0"), Errc::Invalid);
        LOAM_FAILS(fromHex("0g"), Errc::Invalid);
        LOAM_FAILS(fromHex(" 0"), Errc::Invalid);
        QCOMPARE(QString::fromStdString(fromHex("00x0").error().message),
            QStringLiteral("character 2 is not hexadecimal"));
    }

    void fixedBytesKnowTheirSize()
    {
        const Result<Hash256> good = fixedFromHex<Hash256>(std::string(64, 'a'));
        LOAM_OK(good);
        LOAM_FAILS(fixedFromHex<Hash256>(std::string(62, 'a')), Errc::Invalid);
        LOAM_FAILS(fixedFromHex<Hash256>("zz"), Errc::Invalid);
        LOAM_FAILS(Signature::from(good->view()), Errc::Invalid);
        QVERIFY(Hash256{} < *good);
        const std::unordered_set<Hash256> set{ *good, Hash256{}, *good };
        QCOMPARE(set.size(), std::size_t{ 2 });
    }

    void judgesUtf8_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("valid");
        QTest::newRow("ascii") << QByteArray{ "plain" } << true;
        QTest::newRow("zero byte") << QByteArray{ "a\0b", 3 } << true;
        QTest::newRow("two") << QByteArray{ "\xc2\x80\xdf\xbf" } << true;
        QTest::newRow("three") << QByteArray{ "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf" }
                               << true;
        QTest::newRow("four") << QByteArray{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" } << true;
        QTest::newRow("overlong 2") << QByteArray{ "\xc0\x80" } << false;
        QTest::newRow("overlong 2, last") << QByteArray{ "\xc1\xbf" } << false;
        QTest::newRow("overlong 3") << QByteArray{ "\xe0\x9f\xbf" } << false;
        QTest::newRow("overlong 4") << QByteArray{ "\xf0\x8f\xbf\xbf" } << false;
        QTest::newRow("surrogate") << QByteArray{ "\xed\xa0\x80" } << false;
        QTest::newRow("too large") << QByteArray{ "\xf4\x90\x80\x80" } << false;
        QTest::newRow("first byte") << QByteArray{ "\xf5\x80\x80\x80" } << false;
        QTest::newRow("lone continuation") << QByteArray{ "\x80" } << false;
        QTest::newRow("cut 2") << QByteArray{ "a\xc2" } << false;
        QTest::newRow("cut 3") << QByteArray{ "\xe1\x80" } << false;
        QTest::newRow("cut 4") << QByteArray{ "\xf1\x80\x80" } << false;
        QTest::newRow("bad second") << QByteArray{ "\xc2\x41" } << false;
        QTest::newRow("bad last") << QByteArray{ "\xf1\x80\x80\xc0" } << false;
    }
    void judgesUtf8()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, valid);
        QCOMPARE(isUtf8(text.toStdString()), valid);
    }
};

QTEST_GUILESS_MAIN(TestBytes)
#include "tst_bytes.moc"
