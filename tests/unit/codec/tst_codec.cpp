// SPDX-License-Identifier: GPL-3.0-or-later
#include "codec/envelope.h"
#include "unit/support.h"

#include <limits>

using namespace loam;
using namespace loam::codec;
using base::Errc;

class TestCodec : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// The integers of RFC 8949 appendix A that are in the subset.
    void publishedIntegers_data()
    {
        QTest::addColumn<qlonglong>("value");
        QTest::addColumn<QString>("encoded");
        QTest::newRow("0") << 0LL << "00";
        QTest::newRow("1") << 1LL << "01";
        QTest::newRow("10") << 10LL << "0a";
        QTest::newRow("23") << 23LL << "17";
        QTest::newRow("24") << 24LL << "1818";
        QTest::newRow("25") << 25LL << "1819";
        QTest::newRow("100") << 100LL << "1864";
        QTest::newRow("1000") << 1000LL << "1903e8";
        QTest::newRow("1000000") << 1000000LL << "1a000f4240";
        QTest::newRow("1000000000000") << 1000000000000LL << "1b000000e8d4a51000";
        QTest::newRow("-1") << -1LL << "20";
        QTest::newRow("-10") << -10LL << "29";
        QTest::newRow("-100") << -100LL << "3863";
        QTest::newRow("-1000") << -1000LL << "3903e7";
        QTest::newRow("255") << 255LL << "18ff";
        QTest::newRow("256") << 256LL << "190100";
        QTest::newRow("65535") << 65535LL << "19ffff";
        QTest::newRow("65536") << 65536LL << "1a00010000";
        QTest::newRow("2^32 - 1") << 4294967295LL << "1affffffff";
        QTest::newRow("2^32") << 4294967296LL << "1b0000000100000000";
        QTest::newRow("least") << std::numeric_limits<qlonglong>::min() << "3b7fffffffffffffff";
        QTest::newRow("largest") << std::numeric_limits<qlonglong>::max() << "1b7fffffffffffffff";
    }
    void publishedIntegers()
    {
        QFETCH(qlonglong, value);
        QFETCH(QString, encoded);
        Writer writer;
        QCOMPARE(test::text(writer.signedInt(value).view()), encoded);
        Reader reader{ writer.view() };
        const auto back = reader.signedInt();
        LOAM_OK(back);
        QCOMPARE(qlonglong{ *back }, value);
        LOAM_OK(reader.finish());
    }

    void publishedItems()
    {
        QCOMPARE(test::text(Writer{}.unsignedInt(UINT64_MAX).take()),
            QStringLiteral("1bffffffffffffffff"));
        QCOMPARE(test::text(Writer{}.boolean(false).take()), QStringLiteral("f4"));
        QCOMPARE(test::text(Writer{}.boolean(true).take()), QStringLiteral("f5"));
        QCOMPARE(
            test::text(Writer{}.bytes(test::hex("01020304")).take()), QStringLiteral("4401020304"));
        QCOMPARE(test::text(Writer{}.bytes({}).take()), QStringLiteral("40"));
        QCOMPARE(test::text(Writer{}.text("").take()), QStringLiteral("60"));
        QCOMPARE(test::text(Writer{}.text("IETF").take()), QStringLiteral("6449455446"));
        QCOMPARE(
            test::text(Writer{}.text("\xf0\x90\x85\x91").take()), QStringLiteral("64f0908591"));
        QCOMPARE(test::text(Writer{}.array(0).take()), QStringLiteral("80"));
        Writer nested;
        nested.array(3)
            .unsignedInt(1)
            .array(2)
            .unsignedInt(2)
            .unsignedInt(3)
            .array(2)
            .unsignedInt(4)
            .unsignedInt(5);
        QCOMPARE(test::text(nested.view()), QStringLiteral("8301820203820405"));
        Writer map;
        map.map(2).key(1).unsignedInt(2).key(3).unsignedInt(4);
        QCOMPARE(test::text(map.view()), QStringLiteral("a201020304"));
    }

    void readsWhatWasWritten()
    {
        Writer writer;
        writer.map(3);
        writer.key(1).text("abc");
        writer.key(2).array(2).boolean(true).signedInt(-5);
        writer.key(300).bytes(base::Bytes(300, std::byte{ 7 }));
        Reader reader{ writer.view() };
        LOAM_OK(reader.map(3));
        LOAM_OK(reader.key(1));
        QCOMPARE(std::string{ reader.text().value() }, std::string{ "abc" });
        LOAM_OK(reader.key(2));
        LOAM_OK(reader.array(2));
        QCOMPARE(reader.boolean().value(), true);
        QCOMPARE(reader.signedInt().value(), std::int64_t{ -5 });
        LOAM_FAILS(reader.finish(), Errc::Invalid);
        LOAM_OK(reader.key(300));
        QCOMPARE(reader.bytes().value().size(), std::size_t{ 300 });
        LOAM_OK(reader.finish());
        QCOMPARE(reader.offset(), writer.view().size());
    }

    void refusesOutsideTheSubset_data()
    {
        QTest::addColumn<QString>("encoded");
        QTest::addColumn<QString>("part");
        QTest::newRow("empty") << ""
                               << "too early";
        QTest::newRow("0 in two bytes") << "1800"
                                        << "shortest";
        QTest::newRow("23 in two bytes") << "1817"
                                         << "shortest";
        QTest::newRow("255 in three bytes") << "1900ff"
                                            << "shortest";
        QTest::newRow("65535 in five bytes") << "1a0000ffff"
                                             << "shortest";
        QTest::newRow("2^32-1 in nine bytes") << "1b00000000ffffffff"
                                              << "shortest";
        QTest::newRow("long length") << "580100"
                                     << "shortest";
        QTest::newRow("cut number") << "19ff"
                                    << "too early";
        QTest::newRow("reserved 28") << "1c"
                                     << "indefinite";
        QTest::newRow("indefinite array") << "9fff"
                                          << "indefinite";
        QTest::newRow("indefinite text") << "7f6161ff"
                                         << "indefinite";
        QTest::newRow("break") << "ff"
                               << "not allowed";
        QTest::newRow("tag") << "c100"
                             << "tags";
        QTest::newRow("null") << "f6"
                              << "not allowed";
        QTest::newRow("undefined") << "f7"
                                   << "not allowed";
        QTest::newRow("simple") << "f820"
                                << "not allowed";
        QTest::newRow("half float") << "f93c00"
                                    << "not allowed";
        QTest::newRow("double") << "fb3ff0000000000000"
                                << "not allowed";
        QTest::newRow("cut bytes") << "4401"
                                   << "too early";
        QTest::newRow("huge bytes") << "5bffffffffffffffff"
                                    << "longer than allowed";
        QTest::newRow("bad UTF-8") << "61ff"
                                   << "UTF-8";
        QTest::newRow("cut UTF-8") << "61c3"
                                   << "UTF-8";
        QTest::newRow("cut array") << "8201"
                                   << "too early";
        QTest::newRow("huge array") << "9bffffffffffffffff"
                                    << "more items";
        QTest::newRow("huge map") << "bbffffffffffffffff"
                                  << "more items";
        QTest::newRow("keys equal") << "a201000100"
                                    << "ascending";
        QTest::newRow("keys descending") << "a202000100"
                                         << "ascending";
        QTest::newRow("text as key") << "a1616100"
                                     << "unsigned";
        QTest::newRow("key without value") << "a101"
                                           << "too early";
        QTest::newRow("too deep") << QStringLiteral("81").repeated(16) + QStringLiteral("00")
                                  << "deeply";
    }
    void refusesOutsideTheSubset()
    {
        QFETCH(QString, encoded);
        QFETCH(QString, part);
        const base::Bytes bytes = test::hex(encoded.toStdString());
        Reader reader{ bytes };
        const auto item = reader.raw();
        LOAM_FAILS(item, Errc::Invalid);
        QVERIFY2(item.error().message.find(part.toStdString()) != std::string::npos,
            item.error().message.c_str());
        QVERIFY(item.error().message.find(" at byte ") != std::string::npos);
    }

    void depthIsLimitedExactly()
    {
        const base::Bytes deepest = test::hex("81818181818181818181818181818100");
        Reader reader{ deepest };
        LOAM_OK(reader.raw());
        LOAM_OK(reader.finish());
    }

    void limitsHold()
    {
        const Limits limits{ 4, 3, 2 };
        const auto raw = [&limits](std::string_view encoded) {
            const base::Bytes bytes = test::hex(encoded);
            return Reader{ bytes, limits }.raw().has_value();
        };
        QVERIFY(raw("4401020304"));
        QVERIFY(!raw("450102030405"));
        QVERIFY(raw("6461626364"));
        QVERIFY(!raw("656162636465"));
        QVERIFY(raw("83010203"));
        QVERIFY(!raw("8401020304"));
        QVERIFY(raw("8101"));
        QVERIFY(!raw("818101"));
    }

    /// A count that the input cannot hold is refused before anybody allocates for it.
    void countsAreBoundedByTheInput()
    {
        const base::Bytes array = test::hex("99ffff00");
        LOAM_FAILS(Reader{ array }.array(), Errc::Invalid);
        const base::Bytes map = test::hex("a20100");
        LOAM_FAILS(Reader{ map }.map(), Errc::Invalid);
    }

    void wrongKindsLeaveTheReaderWhereItWas()
    {
        const base::Bytes bytes = test::hex("4101");
        Reader reader{ bytes };
        LOAM_FAILS(reader.unsignedInt(), Errc::Invalid);
        LOAM_FAILS(reader.signedInt(), Errc::Invalid);
        LOAM_FAILS(reader.boolean(), Errc::Invalid);
        LOAM_FAILS(reader.text(), Errc::Invalid);
        LOAM_FAILS(reader.array(), Errc::Invalid);
        LOAM_FAILS(reader.map(), Errc::Invalid);
        LOAM_FAILS(reader.key(0), Errc::Invalid);
        QCOMPARE(reader.offset(), std::size_t{ 0 });
        QCOMPARE(reader.bytes().value().size(), std::size_t{ 1 });
    }

    void expectationsAreChecked()
    {
        const base::Bytes bytes = test::hex("820102");
        LOAM_FAILS(Reader{ bytes }.array(3), Errc::Invalid);
        const base::Bytes map = test::hex("a10102");
        LOAM_FAILS(Reader{ map }.map(2), Errc::Invalid);
        Reader reader{ map };
        LOAM_OK(reader.map(1));
        LOAM_FAILS(reader.key(2), Errc::Invalid);
        const base::Bytes large = test::hex("1bffffffffffffffff");
        LOAM_FAILS(Reader{ large }.signedInt(), Errc::Invalid);
        const base::Bytes least = test::hex("3bffffffffffffffff");
        LOAM_FAILS(Reader{ least }.signedInt(), Errc::Invalid);
        const base::Bytes shortKey = test::hex("4101");
        LOAM_FAILS(Reader{ shortKey }.fixed<base::PublicKey>(), Errc::Invalid);
    }

    void envelopesRoundTrip()
    {
        Envelope envelope;
        envelope.type = "transfer";
        envelope.payload = test::hex("a10102");
        envelope.signer = test::fixed<base::PublicKey>(std::string(64, 'a'));
        envelope.signature = test::fixed<base::Signature>(std::string(128, 'b'));
        const base::Bytes encoded = envelope.encode();
        const auto back = Envelope::decode(encoded);
        LOAM_OK(back);
        QCOMPARE(back->type, envelope.type);
        QVERIFY(back->payload == envelope.payload && back->signer == envelope.signer);
        QVERIFY(back->signature == envelope.signature);
        QVERIFY(back->encode() == encoded);
        for (std::size_t size = 0; size < encoded.size(); ++size) {
            LOAM_FAILS(Envelope::decode(base::ByteView{ encoded }.first(size)), Errc::Invalid);
        }
        base::Bytes longer = encoded;
        longer.push_back(std::byte{ 0 });
        LOAM_FAILS(Envelope::decode(longer), Errc::Invalid);
    }

    void envelopesRefuseMisleadingTypes()
    {
        Envelope envelope;
        LOAM_FAILS(Envelope::decode(envelope.encode()), Errc::Invalid);
        envelope.type = std::string{ "a/v1\0b", 6 };
        LOAM_FAILS(Envelope::decode(envelope.encode()), Errc::Invalid);
        envelope.type = std::string(65, 'a');
        LOAM_FAILS(Envelope::decode(envelope.encode()), Errc::Invalid);
        envelope.type = std::string(64, 'a');
        LOAM_OK(Envelope::decode(envelope.encode()));
    }

    void signingInputSeparatesTypesAndNetworks()
    {
        const auto network = test::fixed<base::NetworkId>(std::string(64, '1'));
        const base::Bytes input = signingInput("vote", network, test::hex("8101"));
        QCOMPARE(test::text(input),
            QStringLiteral("6c6f616d2f766f74652f763100") + QString(64, QLatin1Char('1'))
                + QStringLiteral("8101"));
        Envelope envelope;
        envelope.type = "vote";
        envelope.payload = test::hex("8101");
        QVERIFY(envelope.signedBytes(network) == input);
        QVERIFY(signingInput("vote", {}, test::hex("8101")) != input);
        QVERIFY(signingInput("veto", network, test::hex("8101")) != input);
    }
};

QTEST_GUILESS_MAIN(TestCodec)
#include "tst_codec.moc"
