// SPDX-License-Identifier: GPL-3.0-or-later
#include "series.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace loam::desktop {

double Series::last() const
{
    return m_points.isEmpty() ? std::nan("") : m_points.back().y();
}

double Series::trend() const
{
    return m_points.size() < 2 ? 0.0 : m_points.back().y() - m_points.front().y();
}

void Series::assign(QVector<QPointF> points)
{
    points.removeIf(
        [](const QPointF& p) { return !std::isfinite(p.x()) || !std::isfinite(p.y()); });
    std::stable_sort(points.begin(), points.end(),
        [](const QPointF& a, const QPointF& b) { return a.x() < b.x(); });
    m_points = std::move(points);
    Q_EMIT changed();
}

void Series::append(QPointF point)
{
    if (!std::isfinite(point.x()) || !std::isfinite(point.y())) {
        return;
    }
    if (!m_points.isEmpty() && point.x() < m_points.back().x()) {
        return;
    }
    if (!m_points.isEmpty() && point.x() <= m_points.back().x()) {
        m_points.back() = point;
    } else {
        m_points.append(point);
    }
    if (m_points.size() > kCapacity) {
        QVector<QPointF> thinned;
        thinned.reserve(kCapacity);
        const qsizetype half = m_points.size() / 2;
        for (qsizetype i = 0; i < m_points.size(); ++i) {
            if (i >= half || i % 2 == 0) {
                thinned.append(m_points[i]);
            }
        }
        m_points = std::move(thinned);
    }
    Q_EMIT changed();
}

void Series::clear()
{
    if (m_points.isEmpty()) {
        return;
    }
    m_points.clear();
    Q_EMIT changed();
}

QVector<QPointF> decimate(const QVector<QPointF>& points, double left, double right, int columns)
{
    if (points.isEmpty() || columns < 1 || !(right > left)) {
        return points;
    }
    const auto byX = [](const QPointF& p, double x) { return p.x() < x; };
    auto first = std::lower_bound(points.begin(), points.end(), left, byX);
    auto end = std::lower_bound(points.begin(), points.end(), right, byX);
    if (first != points.begin()) {
        --first;
    }
    if (end != points.end()) {
        ++end;
    }
    if (end - first <= static_cast<qsizetype>(columns) * 4) {
        return { first, end };
    }
    QVector<QPointF> kept;
    kept.reserve(static_cast<qsizetype>(columns) * 4 + 2);
    const double width = (right - left) / columns;
    for (auto it = first; it != end;) {
        const double strip = std::floor((it->x() - left) / width);
        auto stop = it;
        auto low = it;
        auto high = it;
        for (; stop != end && std::floor((stop->x() - left) / width) <= strip; ++stop) {
            low = stop->y() < low->y() ? stop : low;
            high = stop->y() > high->y() ? stop : high;
        }
        std::array<decltype(it), 4> picked{ it, std::min(low, high), std::max(low, high),
            stop - 1 };
        for (std::size_t i = 0; i < picked.size(); ++i) {
            if (i == 0 || picked.at(i) != picked.at(i - 1)) {
                kept.append(*picked.at(i));
            }
        }
        it = stop;
    }
    return kept;
}

QVector<double> ticks(double low, double high, int atMost)
{
    if (!(high > low) || atMost < 1 || !std::isfinite(high - low)) {
        return {};
    }
    const double raw = (high - low) / atMost;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    double step = 10.0 * power;
    for (const double factor : { 1.0, 2.0, 5.0 }) {
        if (factor * power >= raw) {
            step = factor * power;
            break;
        }
    }
    QVector<double> values;
    const double start = std::ceil(low / step - 1e-9);
    for (int i = 0; i <= atMost; ++i) {
        const double value = (start + i) * step;
        if (value > high + step * 1e-9) {
            break;
        }
        values.append(value);
    }
    return values;
}

} // namespace loam::desktop
