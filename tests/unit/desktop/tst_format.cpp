// SPDX-License-Identifier: GPL-3.0-or-later
#include "format.h"

#include <QTest>

#include <cmath>

using loam::desktop::Format;

class TestFormat : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { qputenv("TZ", "UTC"); }
    void cleanup() { QLocale::setDefault(QLocale(QStringLiteral("en"))); }

    void compact()
    {
        QCOMPARE(Format::compact(7.24e9), QStringLiteral("7.2 B"));
        QCOMPARE(Format::compact(7.06e10), QStringLiteral("71 B"));
        QCOMPARE(Format::compact(1.35e8), QStringLiteral("135 M"));
        QCOMPARE(Format::compact(9.96e6), QStringLiteral("10 M"));
        QCOMPARE(Format::compact(842), QStringLiteral("842"));
        QVERIFY(!Format::compact(std::nan("")).isEmpty());
        QLocale::setDefault(QLocale(QStringLiteral("de")));
        QCOMPARE(Format::compact(1.5e9), QStringLiteral("1,5 B"));
    }

    void amount_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<QString>("in");
        QTest::addColumn<QString>("out");
        const auto row = [](const char* name, const char* language, const char* in, QString out) {
            QTest::newRow(name) << QString::fromLatin1(language) << QString::fromLatin1(in) << out;
        };
        row("zero", "en", "0", QStringLiteral("0"));
        row("grouped", "en", "1234567.5", QStringLiteral("1,234,567.5"));
        row("german", "de", "1234567.5", QStringLiteral("1.234.567,5"));
        row("loss", "en", "-25", QStringLiteral("\u221225"));
        row("smallest", "en", "0.000001", QStringLiteral("0.000001"));
        // 2^53 + 1: a double would print another number.
        row("exact", "en", "9007199254740993.000001",
            QStringLiteral("9,007,199,254,740,993.000001"));
        row("no amount", "en", "n/a", QStringLiteral("n/a"));
    }
    void amount()
    {
        QFETCH(QString, language);
        QFETCH(QString, in);
        QFETCH(QString, out);
        QLocale::setDefault(QLocale(language));
        QCOMPARE(Format::amount(in), out);
    }

    void input_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("amount");
        const auto row
            = [](const char* name, const char* language, const char* typed, const char* amount) {
                  QTest::newRow(name) << QString::fromLatin1(language) << QString::fromLatin1(typed)
                                      << QString::fromLatin1(amount);
              };
        row("plain", "en", "12.5", "12.5");
        row("spaces", "en", "  7 ", "7");
        row("grouped", "en", "1,234.5", "1234.5");
        row("german", "de", "1234,5", "1234.5");
        row("german grouped", "de", "1.234,5", "1234.5");
        row("german with a point", "de", "12.5", "12.5");
        row("ambiguous in german", "de", "1.234", "");
        row("ambiguous in english", "en", "1,234", "");
        row("negative", "en", "-1", "");
        row("too fine", "en", "0.0000001", "");
        row("words", "en", "ten", "");
        row("empty", "en", "", "");
        row("exponent", "en", "1e5", "");
    }
    void input()
    {
        QFETCH(QString, language);
        QFETCH(QString, typed);
        QFETCH(QString, amount);
        QLocale::setDefault(QLocale(language));
        QCOMPARE(Format::amountFromInput(typed), amount);
    }

    void figures()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en")));
        QCOMPARE(Format::figure(1.87349), QStringLiteral("1.873"));
        QCOMPARE(Format::figure(5240.4), QStringLiteral("5,240"));
        QCOMPARE(Format::figure(std::nan("")), QStringLiteral("\u2013"));
        QCOMPARE(Format::percent(0.26), QStringLiteral("26\u00a0%"));
        QCOMPARE(Format::duration(200), QStringLiteral("3 min 20 s"));
        QCOMPARE(Format::duration(90000), QStringLiteral("1 d 1 h"));
        QCOMPARE(Format::milliseconds(-1), QStringLiteral("\u2013"));
        QVERIFY(Format::isNegative(QStringLiteral("-0.1")));
        QVERIFY(!Format::isNegative(QStringLiteral("-0.000")));
    }

    void times()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en")));
        const double now = 1773480413;
        QCOMPARE(Format::relativeTime(now - 5, now), QStringLiteral("just now"));
        QCOMPARE(Format::relativeTime(now - 320, now), QStringLiteral("5 min ago"));
        QCOMPARE(Format::relativeTime(now - 7300, now), QStringLiteral("2 h ago"));
        QCOMPARE(Format::relativeTime(0, now), QStringLiteral("\u2013"));
        QCOMPARE(Format::exactTime(now).right(8), QStringLiteral("09:26:53"));
    }

    void idsKeepBothEnds()
    {
        QCOMPARE(Format::shortId(QStringLiteral("loam1qabcdefghijklmnopqrstuvwxyz"), 4),
            QStringLiteral("loam1qabc\u2026wxyz"));
        QCOMPARE(Format::shortId(QStringLiteral("node-1"), 4), QStringLiteral("node-1"));
    }

    void statesAndReasons()
    {
        const double now = 1773480413;
        QCOMPARE(Format::stateWord(QStringLiteral("waiting")), QStringLiteral("Waiting"));
        QCOMPARE(
            Format::kindWord(QStringLiteral("some_new_kind")), QStringLiteral("Some new kind"));
        QVERIFY(Format::reasonLine(QString(), 0, now).isEmpty());
        const QString line = Format::reasonLine(
            QStringLiteral("On battery; resumes on mains power"), now + 600, now);
        QVERIFY2(line.startsWith(QStringLiteral("On battery"))
                && line.contains(QStringLiteral("Resumes at")),
            qPrintable(line));
        QCOMPARE(
            Format::reasonLine(QStringLiteral("On battery; resumes on mains power"), now - 1, now),
            QStringLiteral("On battery"));
    }
};

QTEST_GUILESS_MAIN(TestFormat)
#include "tst_format.moc"
