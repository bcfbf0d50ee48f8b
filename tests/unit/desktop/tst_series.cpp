// SPDX-License-Identifier: GPL-3.0-or-later
#include "qr_code.h"
#include "series.h"

#include <QTest>

#include <cmath>

using namespace loam::desktop;

class TestSeries : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void decimationKeepsExtremes()
    {
        QVector<QPointF> points;
        for (int i = 0; i < 100'000; ++i) {
            points.append({ static_cast<double>(i), std::sin(i * 0.01) });
        }
        points[61'803].setY(50);
        points[27'182].setY(-50);
        const QVector<QPointF> kept = decimate(points, 0, 100'000, 300);
        QVERIFY(kept.size() <= 300 * 4 + 2);
        QVERIFY(kept.contains(QPointF(61'803, 50)));
        QVERIFY(kept.contains(QPointF(27'182, -50)));
        QCOMPARE(kept.front(), points.front());
        QCOMPARE(kept.back(), points.back());
        QVERIFY(std::is_sorted(kept.begin(), kept.end(),
            [](const QPointF& a, const QPointF& b) { return a.x() < b.x(); }));
    }

    void fewPointsStayAsTheyAre()
    {
        const QVector<QPointF> points{ { 0, 1 }, { 1, 2 }, { 2, 0 } };
        QCOMPARE(decimate(points, 0, 2, 100), points);
        QVERIFY(decimate({}, 0, 1, 10).isEmpty());
    }

    void seriesIsBoundedAndOrdered()
    {
        Series series;
        for (int i = 0; i < 3 * Series::kCapacity; ++i) {
            series.append({ static_cast<double>(i), static_cast<double>(i) });
        }
        QVERIFY(series.count() <= Series::kCapacity);
        QCOMPARE(series.points().front().x(), 0.0);
        QCOMPARE(series.last(), 3.0 * Series::kCapacity - 1);
        series.append({ 5, 5 });
        QCOMPARE(series.last(), 3.0 * Series::kCapacity - 1);
        series.append({ 1e9, std::nan("") });
        QCOMPARE(series.last(), 3.0 * Series::kCapacity - 1);
    }

    void ticksAreRound()
    {
        QCOMPARE(ticks(0, 10, 5), (QVector<double>{ 0, 2, 4, 6, 8, 10 }));
        const QVector<double> small = ticks(1.87, 1.93, 4);
        QVERIFY(!small.isEmpty() && small.front() >= 1.87 && small.back() <= 1.93);
        QVERIFY(ticks(1, 1, 4).isEmpty());
    }

    void qrCodeHasItsFinders()
    {
        QrCode code;
        QVERIFY(!code.isValid());
        code.setText(QStringLiteral("loam:join?network=1"));
        QVERIFY(code.isValid());
        const int last = code.side() - 1;
        for (int i = 0; i < 7; ++i) {
            QVERIFY(code.isDark(0, i) && code.isDark(0, last - i) && code.isDark(last, i));
        }
        code.setText(QString(5000, QLatin1Char('x')));
        QVERIFY(!code.isValid());
    }
};

QTEST_MAIN(TestSeries)
#include "tst_series.moc"
