// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointF>
#include <QQmlEngine>
#include <QVector>

namespace loam::desktop {

/// The points of one curve, ordered by x. Keeps at most `kCapacity` points: the older half is
/// thinned to every second point, so that a long history costs no more than a short one.
class Series : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("series belong to view models")
    Q_PROPERTY(int count READ count NOTIFY changed FINAL)
    Q_PROPERTY(double last READ last NOTIFY changed FINAL)
    /// Last value minus the first, 0 below two points.
    Q_PROPERTY(double trend READ trend NOTIFY changed FINAL)

public:
    static constexpr int kCapacity = 8192;

    using QObject::QObject;

    const QVector<QPointF>& points() const { return m_points; }
    int count() const { return static_cast<int>(m_points.size()); }
    double last() const;
    double trend() const;

    void assign(QVector<QPointF> points);
    /// A point left of the last one is ignored; one at the same x replaces it.
    void append(QPointF point);
    void clear();

Q_SIGNALS:
    void changed();

private:
    QVector<QPointF> m_points;
};

/// For each of `columns` equal strips of [left, right] keeps first, lowest, highest and last point,
/// in order: what a line of one pixel can show. The nearest points outside are kept too.
QVector<QPointF> decimate(const QVector<QPointF>& points, double left, double right, int columns);

/// Round tick values that cover [low, high]: multiples of 1, 2 or 5 times a power of ten.
QVector<double> ticks(double low, double high, int atMost);

} // namespace loam::desktop
