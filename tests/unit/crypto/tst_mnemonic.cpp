// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/mnemonic.h"
#include "unit/support.h"

#include <algorithm>

using namespace loam;
using namespace loam::crypto;
using base::Errc;

namespace {

constexpr const char* kZeroWords
    = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
      "abandon "
      "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art";

}

class TestMnemonic : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void officialVectors()
    {
        const auto rows = test::vectors("bip39.txt");
        QCOMPARE(rows.size(), std::size_t{ 24 });
        std::size_t withTwentyFourWords = 0;
        for (const auto& row : rows) {
            const base::Bytes entropy = test::hex(row[0]);
            const auto words = mnemonicFromEntropy(entropy);
            LOAM_OK(words);
            QCOMPARE(QString::fromStdString(*words), QString::fromStdString(row[1]));
            const auto back = entropyFromMnemonic(row[1]);
            LOAM_OK(back);
            QCOMPARE(test::text(*back), test::text(entropy));
            QCOMPARE(
                test::text(seedFromMnemonic(row[1], "TREZOR")), QString::fromStdString(row[2]));
            withTwentyFourWords += entropy.size() == 32 ? 1U : 0U;
        }
        QCOMPARE(withTwentyFourWords, std::size_t{ 8 });
    }

    void caseAndSpacesDoNotMatter()
    {
        const QString loose = QStringLiteral("\n  ")
            + QString::fromLatin1(kZeroWords)
                  .toUpper()
                  .replace(QLatin1Char(' '), QStringLiteral(" \t\r\n "))
            + QStringLiteral("  ");
        const auto entropy = entropyFromMnemonic(loose.toStdString());
        LOAM_OK(entropy);
        QVERIFY(*entropy == base::Bytes(32));
        QCOMPARE(test::text(seedFromMnemonic(loose.toStdString(), "")),
            test::text(seedFromMnemonic(kZeroWords, "")));
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QString>("part");
        const QString good = QString::fromLatin1(kZeroWords);
        QTest::newRow("nothing") << ""
                                 << "not 0";
        QTest::newRow("spaces") << "   "
                                << "not 0";
        QTest::newRow("one word") << "abandon"
                                  << "not 1";
        QTest::newRow("too many") << good + u" art art art"_qs << "not 27";
        QTest::newRow("one missing") << good.section(QLatin1Char(' '), 1) << "not 23";
        QTest::newRow("wrong word")
            << QString{ good }.replace(8, 7, u"abandom"_qs) << "word 2 (\"abandom\")";
        QTest::newRow("foreign word")
            << QString{ good }.replace(0, 7, QString::fromUtf8("\xc3\xa4pfel")) << "word 1 is not";
        QTest::newRow("endless word")
            << QString{ good }.replace(0, 7, QString(5000, QLatin1Char('a'))) << "word 1 is not";
        QTest::newRow("checksum") << QString{ good }.replace(u"art"_qs, u"about"_qs) << "checksum";
        QTest::newRow("order") << QString{ good }.replace(u"abandon art"_qs, u"art abandon"_qs)
                               << "checksum";
    }
    void refuses()
    {
        QFETCH(QString, words);
        QFETCH(QString, part);
        const auto entropy = entropyFromMnemonic(words.toStdString());
        LOAM_FAILS(entropy, Errc::Invalid);
        QVERIFY2(entropy.error().message.find(part.toStdString()) != std::string::npos,
            entropy.error().message.c_str());
        QVERIFY(entropy.error().message.size() < 120);
        LOAM_FAILS(identityFromMnemonic(words.toStdString()), Errc::Invalid);
    }

    void refusesOddEntropy()
    {
        for (const std::size_t size : { 0U, 4U, 12U, 15U, 17U, 30U, 33U, 36U, 64U }) {
            LOAM_FAILS(mnemonicFromEntropy(base::Bytes(size)), Errc::Invalid);
        }
    }

    void slip10Vectors()
    {
        const auto rows = test::vectors("slip10.txt");
        QCOMPARE(rows.size(), std::size_t{ 12 });
        for (const auto& row : rows) {
            auto seed = deriveSlip10(test::hex(row[0]), row[1]);
            LOAM_OK(seed);
            QCOMPARE(test::text(seed->view()), QString::fromStdString(row[2]));
            QCOMPARE(test::text(KeyPair{ std::move(*seed) }.publicKey().view()),
                QString::fromStdString(row[3]));
        }
    }

    void refusesPaths_data()
    {
        QTest::addColumn<QString>("path");
        for (const char* path :
            { "", "44'", "M", "m/", "m/44", "m/44'/", "m/44'/6243", "m44'", "m//44'", "m/-1'",
                "m/ 1'", "m/2147483648'", "m/99999999999'", "m/1''", "m/'", "m/1'x" }) {
            QTest::newRow(path) << QString::fromLatin1(path);
        }
    }
    void refusesPaths()
    {
        QFETCH(QString, path);
        LOAM_FAILS(deriveSlip10(base::Bytes(64), path.toStdString()), Errc::Invalid);
    }

    void refusesSeedsOfWrongSize()
    {
        LOAM_FAILS(deriveSlip10(base::Bytes(15), "m"), Errc::Invalid);
        LOAM_FAILS(deriveSlip10(base::Bytes(65), "m"), Errc::Invalid);
    }

    void identityIsItsDerivation()
    {
        const auto identity = identityFromMnemonic(kZeroWords);
        LOAM_OK(identity);
        const auto seed = deriveSlip10(seedFromMnemonic(kZeroWords, ""), "m/44'/6243'/0'");
        LOAM_OK(seed);
        QVERIFY(std::ranges::equal(identity->seed().view(), seed->view()));
    }

    /// Twelve good words make a wallet elsewhere, but not an identity here.
    void identityNeedsTwentyFourWords()
    {
        const auto twelve = identityFromMnemonic("abandon abandon abandon abandon abandon abandon "
                                                 "abandon abandon abandon abandon abandon about");
        LOAM_FAILS(twelve, Errc::Invalid);
        QVERIFY(twelve.error().message.find("24") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestMnemonic)
#include "tst_mnemonic.moc"
