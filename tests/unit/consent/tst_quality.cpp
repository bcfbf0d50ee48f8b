// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/min_hash.h"
#include "consent/quality.h"
#include "unit/support.h"

#include <random>

using namespace loam;
using namespace loam::consent;

class TestQuality final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void languages_data();
    void languages();
    void verdicts();
    void boilerplate();
    void sketchEstimatesJaccard();
    void sketchRoundTrips();
};

void TestQuality::languages_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("en") << QStringLiteral(
        "It was the best of times and the worst of times for us.");
    QTest::newRow("de") << QStringLiteral(
        "Der Hund ist nicht mit dem Ball auf die Wiese gelaufen.");
    QTest::newRow("fr") << QStringLiteral("Le chat est dans la maison avec une souris et il dort.");
    QTest::newRow("es") << QStringLiteral("El perro y los gatos viven en una casa con su familia.");
    QTest::newRow("ru") << QStringLiteral("Это простой текст на русском языке.");
    QTest::newRow("el") << QStringLiteral("Αυτό είναι ένα απλό κείμενο.");
    QTest::newRow("ja") << QStringLiteral("これは日本語のかんたんな文章です。");
    QTest::newRow("zh") << QStringLiteral("这是一个简单的中文句子，用来测试语言。");
    QTest::newRow("") << QStringLiteral("qwe rty uio pas dfg hjk lzx cvb");
}

void TestQuality::languages()
{
    QFETCH(QString, text);
    QCOMPARE(QString::fromStdString(guessLanguage(text.toStdString())),
        QString::fromLatin1(QTest::currentDataTag()));
}

void TestQuality::verdicts()
{
    QVERIFY(judge("short", DocumentKind::PlainText).verdict == Verdict::TooShort);
    QVERIFY(
        judge("17 23 99 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19", DocumentKind::PlainText)
            .verdict
        == Verdict::Gibberish);
    QVERIFY(judge("xkcd qwrtz plmnk bvcxs dfghj zxcvb mnbvc qwrtp lkjhg fdsqw rtzps",
                DocumentKind::PlainText)
                .verdict
        == Verdict::Gibberish);
    const Quality good = judge("The garden was quiet, and nobody had thought of closing the gate.",
        DocumentKind::PlainText);
    QVERIFY(good.verdict == Verdict::Good);
    QCOMPARE(QString::fromStdString(good.language), QStringLiteral("en"));
    QVERIFY(judge("int f(int a) { return (a << 3) ^ 0x55; } // {}[]();", DocumentKind::Code).verdict
        == Verdict::Good);
    std::string same;
    for (int i = 0; i < 500; ++i) {
        same += "word again and again ";
    }
    QVERIFY(judge(same, DocumentKind::PlainText).verdict == Verdict::Gibberish);
}

void TestQuality::boilerplate()
{
    const std::vector<std::string_view> lines{ "A line of its own, said once.",
        "Menu Home Products", "Menu Home Products", "Menu Home Products", "",
        "Sent from my phone, excuse brevity", "Another one." };
    const std::vector<bool> expected{ false, true, true, true, false, true, false };
    QVERIFY(boilerplateLines(lines, DocumentKind::PlainText) == expected);
    QVERIFY(boilerplateLines(lines, DocumentKind::Code) == std::vector<bool>(lines.size()));
}

void TestQuality::sketchEstimatesJaccard()
{
    std::mt19937 random{ 7 };
    std::vector<std::string> words;
    for (int i = 0; i < 2000; ++i) {
        words.push_back("w" + std::to_string(random() % 100000));
    }
    const auto text = [&words](std::size_t from, std::size_t to) {
        std::string out;
        for (std::size_t i = from; i < to; ++i) {
            out += words[i] + ' ';
        }
        return out;
    };
    const auto a = MinHash::of(text(0, 1000));
    const auto near = MinHash::of(text(50, 1000)); // J = 950/1000
    const auto half = MinHash::of(text(333, 1333)); // J = 667/1333 = 0.5
    const auto other = MinHash::of(text(1000, 2000));
    QVERIFY(a && near && half && other);
    QVERIFY(a->similarity(*near) >= MinHash::kNearDuplicate);
    QVERIFY(std::abs(a->similarity(*half) - 0.5) < 0.25);
    QVERIFY(a->similarity(*other) < 0.1);
    QVERIFY(!MinHash::of("too few words"));
}

void TestQuality::sketchRoundTrips()
{
    std::string text;
    for (int i = 0; i < 50; ++i) {
        text += std::to_string(i * 7) + " ";
    }
    const auto sketch = MinHash::of(text);
    QVERIFY(sketch.has_value());
    const auto decoded = MinHash::decode(sketch->encode());
    LOAM_OK(decoded);
    QVERIFY(decoded->values == sketch->values);
    LOAM_FAILS(MinHash::decode(base::Bytes(7)), base::Errc::Corrupt);
}

QTEST_GUILESS_MAIN(TestQuality)
#include "tst_quality.moc"
