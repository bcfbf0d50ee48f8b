// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/practice_view.h"
#include "ctl/table.h"

#include <QTest>

#include <cstdio>

using namespace loam;
using namespace Qt::Literals::StringLiterals;
using ctl::Format;

class TestTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void formats_data();
    void formats();
    void table();
    void object();
    void liveLinesAreErased();
    void report();
};

void TestTable::formats_data()
{
    QTest::addColumn<QJsonValue>("value");
    QTest::addColumn<int>("format");
    QTest::addColumn<QString>("text");
    const auto row
        = [](const char* name, const QJsonValue& value, Format format, const QString& text) {
              QTest::newRow(name) << value << int(format) << text;
          };
    qputenv("TZ", "UTC");
    row("text", u"abc"_s, Format::Text, u"abc"_s);
    row("escape sequence", u"a\x1b[2Jb\nc"_s, Format::Text, u"a [2Jb c"_s);
    row("right-to-left override", u"a\u202Eb"_s, Format::Text, u"a b"_s);
    row("absent", QJsonValue::Undefined, Format::Text, u"-"_s);
    row("null", QJsonValue::Null, Format::Number, u"-"_s);
    row("yes", true, Format::YesNo, u"yes"_s);
    row("time", 1700000000, Format::Time, u"2023-11-14 22:13:20"_s);
    row("no time", 0, Format::Time, u"-"_s);
    row("time that is none", u"soon"_s, Format::Time, u"-"_s);
    row("bytes", 512, Format::Bytes, u"512 B"_s);
    row("mebibytes", 3.5 * 1024 * 1024, Format::Bytes, u"3.5 MiB"_s);
    row("amount", u"12.482"_s, Format::Loam, u"12.482 LOAM"_s);
    row("no amount", QJsonValue::Undefined, Format::Loam, u"-"_s);
    row("hash", QString(64, u'a'), Format::Hash, QString(16, u'a') + u'…');
    row("segments",
        QJsonArray{ QJsonObject{ { u"text"_s, u"write to "_s }, { u"kind"_s, u""_s } },
            QJsonObject{ { u"text"_s, u"a@b.c\x1b["_s }, { u"kind"_s, u"mail"_s } } },
        Format::Segments, u"write to [mail: a@b.c []"_s);
    row("short hash", u"ab"_s, Format::Hash, u"ab"_s);
    row("whole number", 1234567890123.0, Format::Number, u"1234567890123"_s);
    row("fraction", 2.34567, Format::Number, u"2.3457"_s);
    row("tiny number", 1e-6, Format::Number, u"1e-06"_s);
    row("counted list", QJsonArray{ 1, 2, 3 }, Format::Number, u"3"_s);
    row("list", QJsonArray{ u"a"_s, 2 }, Format::Text, u"a 2"_s);
    row("milliseconds", 0.0421, Format::Duration, u"42 ms"_s);
    row("seconds", 61.5, Format::Duration, u"61.5 s"_s);
    row("object", QJsonObject{ { u"a"_s, 1 } }, Format::Text, u"{\"a\":1}"_s);
}

void TestTable::formats()
{
    QFETCH(const QJsonValue, value);
    QFETCH(const int, format);
    QTEST(ctl::formatted(value, static_cast<Format>(format)), "text");
}

void TestTable::table()
{
    const QList<ctl::Column> columns{ { u"name"_s, u"Name"_s },
        { u"size"_s, u"Size"_s, Format::Bytes }, { u"note"_s, u"Note"_s } };
    const QJsonArray rows{ QJsonObject{ { u"name"_s, u"long name"_s }, { u"size"_s, 5 },
                               { u"note"_s, u"x"_s } },
        QJsonObject{ { u"name"_s, u"b"_s }, { u"size"_s, 2048 } } };
    QCOMPARE(ctl::tableText(rows, columns),
        u"Name          Size  Note\n"
        "long name      5 B  x\n"
        "b          2.0 KiB  -\n"_s);
    QCOMPARE(ctl::tableText({}, columns), u"Nothing to show.\n"_s);
    QCOMPARE(ctl::tableText({ u"one"_s, u"two"_s }, {}), u"one\ntwo\n"_s);
}

void TestTable::object()
{
    const QJsonObject object{ { u"id"_s, u"x"_s }, { u"height"_s, 3 }, { u"extra"_s, true } };
    // In the order asked for, without what is absent or not asked for.
    QCOMPARE(ctl::objectText(object,
                 { { u"height"_s, u"Height"_s, Format::Number }, { u"gone"_s, u"Gone"_s },
                     { u"id"_s, u"Node"_s } }),
        u"Height  3\nNode    x\n"_s);
    QCOMPARE(ctl::objectText(object, {}), u"extra   yes\nheight  3\nid      x\n"_s);
    QCOMPARE(ctl::objectText({}, {}), QString{});
}

void TestTable::liveLinesAreErased()
{
    std::FILE* const stream = std::tmpfile();
    QVERIFY(stream != nullptr);
    const auto written = [stream] {
        const long size = std::ftell(stream);
        std::rewind(stream);
        QByteArray bytes(size, '\0');
        bytes.resize(static_cast<qsizetype>(
            std::fread(bytes.data(), 1, static_cast<std::size_t>(size), stream)));
        return QString::fromUtf8(bytes);
    };
    ctl::PracticeView view{ stream, ctl::PracticeView::Style::Terminal };
    const QJsonObject node{ { u"id"_s, u"loam1a"_s }, { u"step"_s, 15 }, { u"steps"_s, 30 } };
    const QJsonObject progress{ { u"phase"_s, u"training"_s }, { u"round"_s, 1 },
        { u"rounds"_s, 5 }, { u"nodes"_s, QJsonArray{ node, node } } };
    view.showProgress(progress);
    QString text = written();
    QVERIFY(text.contains(u"round 1 of 5, training"_s));
    QVERIFY(text.contains(u"[########........]  15/30"_s));
    QCOMPARE(text.count(u'\n'), 3);
    QVERIFY(!text.contains(u'\x1b'));
    view.showProgress(progress);
    QVERIFY(written().contains(u"\x1b[3A\x1b[J"_s));
    view.finish();
    QVERIFY(written().endsWith(u"\x1b[3A\x1b[J"_s));
    std::fclose(stream);
}

void TestTable::report()
{
    const auto node = [](const QString& root) {
        return QJsonObject{ { u"id"_s, u"loam1a"_s }, { u"audit_root"_s, root },
            { u"params_hash"_s, u"cd"_s }, { u"balance"_s, u"1.5"_s } };
    };
    const QJsonObject round{ { u"round"_s, 1 }, { u"loss_before"_s, 3.0 },
        { u"loss_after"_s, 2.0 } };
    QJsonObject report{ { u"nodes"_s, QJsonArray{ node(u"ab"_s), node(u"ab"_s) } },
        { u"rounds"_s, QJsonArray{ round } }, { u"seconds"_s, 2 } };
    QString text = ctl::practiceReport(report);
    QVERIFY(text.contains(u"same audit log"_s));
    QVERIFY(text.contains(u"3.000 -> 2.000"_s));
    QVERIFY(text.contains(u"1.5 LOAM"_s));
    report[u"nodes"_s] = QJsonArray{ node(u"ab"_s), node(u"xx"_s) };
    QVERIFY(ctl::practiceReport(report).contains(u"audit logs DIFFER"_s));
}

QTEST_GUILESS_MAIN(TestTable)
#include "tst_table.moc"
