// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/wire.h"

#include <QJsonDocument>
#include <QTest>

using namespace loam;

class TestWire : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void homeFolderPrefersTheOption();
    void splitsLines_data();
    void splitsLines();
    void refusesALongLine_data();
    void refusesALongLine();
    void acceptsTheLongestLine();
    void decodes_data();
    void decodes();
    void errorCarriesItsCode();
    void errcNamesRoundTrip();
};

void TestWire::homeFolderPrefersTheOption()
{
    qputenv("LOAM_HOME", "/tmp/from-environment/../home");
    QCOMPARE(rpc::homeFolder(QStringLiteral("/a/b/")), QStringLiteral("/a/b"));
    QCOMPARE(rpc::homeFolder(), QStringLiteral("/tmp/home"));
    qunsetenv("LOAM_HOME");
    qputenv("XDG_DATA_HOME", "/tmp/data");
    QCOMPARE(rpc::homeFolder(), QStringLiteral("/tmp/data/loam"));
    qunsetenv("XDG_DATA_HOME");
    QVERIFY(rpc::homeFolder(QStringLiteral("relative")).endsWith(QStringLiteral("/relative")));
    QVERIFY(rpc::homeFolder(QStringLiteral("relative")).startsWith(QLatin1Char('/')));
}

void TestWire::splitsLines_data()
{
    QTest::addColumn<QList<QByteArray>>("chunks");
    QTest::addColumn<QList<QByteArray>>("lines");
    QTest::newRow("one") << QList<QByteArray>{ "a\n" } << QList<QByteArray>{ "a" };
    QTest::newRow("none yet") << QList<QByteArray>{ "a" } << QList<QByteArray>{};
    QTest::newRow("in pieces") << QList<QByteArray>{ "a", "b", "c\nd", "\n" }
                               << QList<QByteArray>{ "abc", "d" };
    QTest::newRow("several at once")
        << QList<QByteArray>{ "a\nb\n\nc\n" } << QList<QByteArray>{ "a", "b", "", "c" };
    QTest::newRow("carriage return")
        << QList<QByteArray>{ "a\r\n\r\n" } << QList<QByteArray>{ "a", "" };
}

void TestWire::splitsLines()
{
    QFETCH(const QList<QByteArray>, chunks);
    QFETCH(const QList<QByteArray>, lines);
    rpc::LineSplitter splitter;
    QList<QByteArray> seen;
    for (const QByteArray& chunk : chunks) {
        QVERIFY(splitter.feed(chunk));
        while (const std::optional<QByteArray> line = splitter.next()) {
            seen.append(*line);
        }
    }
    QCOMPARE(seen, lines);
    // All at once must cut alike.
    rpc::LineSplitter whole;
    QVERIFY(whole.feed(chunks.join()));
    seen.clear();
    while (const std::optional<QByteArray> line = whole.next()) {
        seen.append(*line);
    }
    QCOMPARE(seen, lines);
}

void TestWire::refusesALongLine_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("after");
    QTest::newRow("open") << QByteArray{} << QByteArray{};
    QTest::newRow("closed") << QByteArray{} << QByteArray{ "\n" };
    QTest::newRow("after a short one") << QByteArray{ "{}\n" } << QByteArray{};
}

void TestWire::refusesALongLine()
{
    QFETCH(const QByteArray, before);
    QFETCH(const QByteArray, after);
    rpc::LineSplitter splitter;
    const auto fed = splitter.feed(before + QByteArray(rpc::kMaxLineBytes + 1, 'x') + after);
    QVERIFY(!fed);
    QCOMPARE(fed.error().code, base::Errc::Invalid);
}

void TestWire::acceptsTheLongestLine()
{
    rpc::LineSplitter splitter;
    const QByteArray line(rpc::kMaxLineBytes, 'x');
    QVERIFY(splitter.feed(line.left(1000)));
    QVERIFY(!splitter.next());
    QVERIFY(splitter.feed(line.mid(1000)));
    QVERIFY(!splitter.next());
    QVERIFY(splitter.feed("\n{}\n"));
    QCOMPARE(splitter.next(), std::optional{ line });
    QCOMPARE(splitter.next(), std::optional<QByteArray>{ "{}" });
    QVERIFY(!splitter.next());
}

void TestWire::decodes_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<int>("errc"); // -1: fine
    QTest::newRow("object") << QByteArray{ R"({"a":1})" } << -1;
    QTest::newRow("array") << QByteArray{ R"([{"a":1}])" } << int(base::Errc::Invalid);
    QTest::newRow("cut off") << QByteArray{ R"({"a":)" } << int(base::Errc::Corrupt);
    QTest::newRow("bad UTF-8") << QByteArray{ "{\"a\":\"\xff\xfe\"}" } << int(base::Errc::Corrupt);
    QTest::newRow("trailing") << QByteArray{ "{} {}" } << int(base::Errc::Corrupt);
    QTest::newRow("deep") << QByteArray(100'000, '[') << int(base::Errc::Corrupt);
}

void TestWire::decodes()
{
    QFETCH(const QByteArray, line);
    QFETCH(const int, errc);
    const auto decoded = rpc::decodeLine(line);
    QCOMPARE(decoded ? -1 : int(decoded.error().code), errc);
}

void TestWire::errorCarriesItsCode()
{
    const QByteArray line = rpc::encodeError(
        7, rpc::Code::Failed, QStringLiteral("no such\nrun"), base::Errc::NotFound);
    QCOMPARE(line.count('\n'), 1);
    const QJsonObject object = rpc::decodeLine(line.chopped(1)).value();
    QCOMPARE(object[QStringLiteral("id")].toInt(), 7);
    const QJsonObject error = object[QStringLiteral("error")].toObject();
    QCOMPARE(error[QStringLiteral("code")].toInt(), -32000);
    QCOMPARE(error[QStringLiteral("message")].toString(), QStringLiteral("no such\nrun"));
    QCOMPARE(error[QStringLiteral("data")].toObject()[QStringLiteral("errc")].toString(),
        QStringLiteral("not_found"));
}

void TestWire::errcNamesRoundTrip()
{
    for (const base::Errc code : { base::Errc::Invalid, base::Errc::NotFound, base::Errc::Io,
             base::Errc::Corrupt, base::Errc::Denied, base::Errc::Unavailable,
             base::Errc::Cancelled, base::Errc::Timeout }) {
        const std::string name{ base::errcName(code) };
        QCOMPARE(rpc::errcFromName(QString::fromStdString(name)), std::optional{ code });
    }
    QVERIFY(!rpc::errcFromName(u"nonsense"));
}

QTEST_GUILESS_MAIN(TestWire)
#include "tst_wire.moc"
