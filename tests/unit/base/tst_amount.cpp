// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/amount.h"
#include "unit/support.h"

#include <limits>

using namespace loam::base;

namespace {
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
} // namespace

class TestAmount : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void parsesAndPrints_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("micro");
        QTest::addColumn<QString>("printed");
        QTest::newRow("zero") << "0" << qint64{ 0 } << "0";
        QTest::newRow("whole") << "12" << qint64{ 12000000 } << "12";
        QTest::newRow("half") << "12.5" << qint64{ 12500000 } << "12.5";
        QTest::newRow("trailing zeros") << "12.500000" << qint64{ 12500000 } << "12.5";
        QTest::newRow("smallest") << "-0.000001" << qint64{ -1 } << "-0.000001";
        QTest::newRow("leading zeros") << "007.01" << qint64{ 7010000 } << "7.01";
        QTest::newRow("negative zero") << "-0" << qint64{ 0 } << "0";
        QTest::newRow("largest") << "9223372036854.775807" << qint64{ kMax }
                                 << "9223372036854.775807";
        QTest::newRow("least") << "-9223372036854.775808" << qint64{ kMin }
                               << "-9223372036854.775808";
    }
    void parsesAndPrints()
    {
        QFETCH(QString, text);
        QFETCH(qint64, micro);
        QFETCH(QString, printed);
        const Result<Amount> amount = Amount::parse(text.toStdString());
        LOAM_OK(amount);
        QCOMPARE(amount->micro(), std::int64_t{ micro });
        QCOMPARE(QString::fromStdString(amount->toString()), printed);
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("text");
        for (const char* text : { "", "-", ".", "1.", ".5", "+1", "1e3", " 1", "1 ", "--1", "1.-5",
                 "0x10", "1,5", "1.2.3", "1.0000001", "9223372036854.775808",
                 "-9223372036854.775809", "99999999999999999999" }) {
            QTest::newRow(text) << QString::fromLatin1(text);
        }
    }
    void refuses()
    {
        QFETCH(QString, text);
        LOAM_FAILS(Amount::parse(text.toStdString()), Errc::Invalid);
    }

    void addsAndSubtractsWithinRange()
    {
        const Amount one = Amount::fromMicro(1);
        QCOMPARE(Amount::fromMicro(2).add(Amount::fromMicro(-5))->micro(), std::int64_t{ -3 });
        QCOMPARE(Amount::fromMicro(2).sub(Amount::fromMicro(5))->micro(), std::int64_t{ -3 });
        QVERIFY(!Amount::fromMicro(kMax).add(one));
        QVERIFY(!Amount::fromMicro(kMin).sub(one));
        QVERIFY(!Amount::fromMicro(0).sub(Amount::fromMicro(kMin)));
        QCOMPARE(Amount::fromMicro(kMax).sub(Amount::fromMicro(kMax))->micro(), std::int64_t{ 0 });
    }

    void scalesDownwards()
    {
        const Amount amount = Amount::fromMicro(100);
        QCOMPARE(amount.scale(1, 3)->micro(), std::int64_t{ 33 });
        QCOMPARE(amount.scale(0, 3)->micro(), std::int64_t{ 0 });
        QCOMPARE(Amount::fromMicro(kMax).scale(kMax, kMax)->micro(), kMax);
        QVERIFY(!Amount::fromMicro(kMax).scale(2, 1));
        QVERIFY(!amount.scale(1, 0));
        QVERIFY(!amount.scale(-1, 3));
        QVERIFY(!amount.scale(1, -3));
        QVERIFY(!Amount::fromMicro(-1).scale(1, 3));
    }

    void orders()
    {
        QVERIFY(Amount::fromMicro(-1) < Amount{});
        QVERIFY(Amount::fromMicro(kMax) > Amount::fromMicro(kMax - 1));
    }
};

QTEST_GUILESS_MAIN(TestAmount)
#include "tst_amount.moc"
