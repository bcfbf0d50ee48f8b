// SPDX-License-Identifier: GPL-3.0-or-later
#include "line_plot.h"

#include "format.h"

#include <QDateTime>
#include <QFontMetricsF>
#include <QLocale>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace loam::desktop {
namespace {

    constexpr double kGap = 8;
    constexpr double kDot = 2.5;
    constexpr int kYTicks = 5;
    constexpr double kXTickSpacing = 96;
    constexpr double kPadding = 6;

    QString tickText(double value, double step)
    {
        const int decimals
            = step >= 1 ? 0 : std::min(6, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
        return QLocale().toString(value, 'f', decimals);
    }

    /// Steps of a clock: seconds to days.
    QVector<double> timeTicks(double left, double right, int atMost)
    {
        double step = 86400;
        for (const double candidate : { 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0,
                 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 21600.0, 43200.0, 86400.0 }) {
            if ((right - left) / candidate <= atMost) {
                step = candidate;
                break;
            }
        }
        const auto zone = static_cast<double>(
            QDateTime::fromSecsSinceEpoch(static_cast<qint64>(left)).offsetFromUtc());
        QVector<double> values;
        double value = std::ceil((left + zone) / step) * step - zone;
        for (; value <= right && values.size() <= atMost; value += step) {
            values.append(value);
        }
        return values;
    }

} // namespace

LinePlot::LinePlot(QQuickItem* parent)
    : QQuickPaintedItem{ parent }
{
    setAcceptHoverEvents(true);
}

void LinePlot::setSeries(Series* series)
{
    if (m_series == series) {
        return;
    }
    if (m_series) {
        disconnect(m_series, nullptr, this, nullptr);
    }
    m_series = series;
    if (m_series) {
        connect(m_series, &Series::changed, this, [this] {
            if (m_crosshair >= m_series->count()) {
                setCrosshair(-1);
            }
            update();
        });
    }
    Q_EMIT changed();
    update();
}

void LinePlot::setAxes(bool axes)
{
    setAcceptHoverEvents(axes);
    set(m_axes, axes);
}

LinePlot::Frame LinePlot::frame() const
{
    Frame frame;
    const QVector<QPointF>& points = m_series->points();
    frame.left = points.front().x();
    frame.right = std::max(points.back().x(), m_xEnd);
    if (frame.right - frame.left < 1e-9) {
        frame.left -= m_timeAxis ? 30 : 0.5;
        frame.right += m_timeAxis ? 30 : 0.5;
    }
    const auto [low, high] = std::minmax_element(points.begin(), points.end(),
        [](const QPointF& a, const QPointF& b) { return a.y() < b.y(); });
    frame.low = m_fromZero ? std::min(0.0, low->y()) : low->y();
    frame.high = high->y();
    const double span = frame.high - frame.low;
    const double margin = span > 0 ? span * 0.08 : std::max(0.5, std::fabs(frame.high) * 0.1);
    frame.high += margin;
    frame.low -= m_fromZero && frame.low >= 0 ? 0 : margin;
    const QVector<double> round = ticks(frame.low, frame.high, kYTicks);
    if (m_axes && round.size() > 1) {
        // The axis begins and ends on a labelled line.
        const double between = round[1] - round[0];
        frame.low = std::floor(frame.low / between + 1e-9) * between;
        frame.high = std::ceil(frame.high / between - 1e-9) * between;
    }
    if (!m_axes) {
        frame.area = QRectF(1, 2, width() - 2, height() - 4);
        return frame;
    }
    const QFontMetricsF metrics(m_font);
    double labelWidth = 0;
    const QVector<double> values = ticks(frame.low, frame.high, kYTicks + 2);
    const double step = values.size() > 1 ? values[1] - values[0] : 1;
    for (const double value : values) {
        labelWidth = std::max(labelWidth, metrics.horizontalAdvance(tickText(value, step)));
    }
    const double top = metrics.height() + kGap;
    frame.area = QRectF(labelWidth + kGap, top, width() - labelWidth - kGap - 2 * kDot,
        height() - top - metrics.height() - kGap);
    return frame;
}

QPointF LinePlot::toItem(const Frame& frame, QPointF point) const
{
    return { frame.area.left()
            + (point.x() - frame.left) / (frame.right - frame.left) * frame.area.width(),
        frame.area.bottom()
            - (point.y() - frame.low) / (frame.high - frame.low) * frame.area.height() };
}

QString LinePlot::xText(double x, double span) const
{
    if (!m_timeAxis) {
        return QLocale().toString(x, 'f', std::fabs(x - std::round(x)) < 1e-9 ? 0 : 1);
    }
    const QDateTime moment = QDateTime::fromSecsSinceEpoch(static_cast<qint64>(x));
    return moment.toString(span < 600 ? QStringLiteral("HH:mm:ss") : QStringLiteral("HH:mm"));
}

void LinePlot::paint(QPainter* painter)
{
    if (!m_series || m_series->count() == 0 || width() < 8 || height() < 8) {
        return;
    }
    const Frame current = frame();
    if (current.area.width() < 4 || current.area.height() < 4) {
        return;
    }
    painter->setFont(m_font);
    if (m_axes) {
        paintAxes(*painter, current);
    }
    paintLine(*painter, current);
    if (m_axes && m_crosshair >= 0) {
        paintCrosshair(*painter, current);
    }
}

void LinePlot::paintAxes(QPainter& painter, const Frame& frame) const
{
    const QFontMetricsF metrics(m_font);
    painter.setRenderHint(QPainter::Antialiasing, false);
    const QVector<double> values = ticks(frame.low, frame.high, kYTicks + 2);
    const double step = values.size() > 1 ? values[1] - values[0] : 1;
    for (const double value : values) {
        const double y = std::round(toItem(frame, { frame.left, value }).y());
        painter.setPen(QPen(m_gridColor, 1));
        painter.drawLine(QPointF(frame.area.left(), y), QPointF(frame.area.right(), y));
        painter.setPen(m_textColor);
        painter.drawText(
            QRectF(0, y - metrics.height() / 2, frame.area.left() - kGap, metrics.height()),
            Qt::AlignRight | Qt::AlignVCenter, tickText(value, step));
    }
    painter.setPen(m_textColor);
    painter.drawText(
        QRectF(0, 0, width(), metrics.height()), Qt::AlignLeft | Qt::AlignVCenter, m_unit);
    const double labelTop = frame.area.bottom() + kGap / 2;
    const double right = frame.area.right();
    const int room = std::max(1, static_cast<int>(frame.area.width() / kXTickSpacing));
    const double span = frame.right - frame.left;
    QVector<double> marks = m_timeAxis ? timeTicks(frame.left, frame.right, room)
                                       : ticks(frame.left, frame.right, std::max(room, 5));
    if (!m_timeAxis) {
        // Rounds are whole.
        marks.removeIf([](double x) { return std::fabs(x - std::round(x)) > 1e-9; });
    }
    for (qsizetype i = 0; i < marks.size(); ++i) {
        const double x = toItem(frame, { marks[i], frame.low }).x();
        QString text = xText(marks[i], span);
        if (i + 1 == marks.size() && !m_xLabel.isEmpty()) {
            text.prepend(m_xLabel + QChar(0x00a0));
        }
        const double half = metrics.horizontalAdvance(text) / 2;
        const double start = std::clamp(x - half, frame.area.left(), right - 2 * half);
        painter.drawText(QPointF(start, labelTop + metrics.ascent()), text);
    }
}

void LinePlot::paintLine(QPainter& painter, const Frame& frame) const
{
    const double ratio = painter.deviceTransform().m11();
    const QVector<QPointF> points = decimate(
        m_series->points(), frame.left, frame.right, static_cast<int>(frame.area.width() * ratio));
    QVector<QPointF> line;
    line.reserve(points.size());
    for (const QPointF& point : points) {
        line.append(toItem(frame, point));
    }
    painter.save();
    painter.setClipRect(frame.area.adjusted(-kDot, -kDot, kDot, kDot));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_color, 1));
    if (ratio > 1.01) {
        // A joined line wider than a device pixel costs a hundred times more than its segments.
        for (qsizetype i = 1; i < line.size(); ++i) {
            painter.drawLine(line[i - 1], line[i]);
        }
    } else {
        painter.drawPolyline(line.constData(), static_cast<int>(line.size()));
    }
    if (m_dots || line.size() == 1) {
        painter.setBrush(m_color);
        for (const QPointF& point : line) {
            painter.drawEllipse(point, kDot, kDot);
        }
    } else {
        painter.setBrush(m_color);
        painter.drawEllipse(line.back(), kDot - 0.5, kDot - 0.5);
    }
    painter.restore();
}

void LinePlot::paintCrosshair(QPainter& painter, const Frame& frame) const
{
    const QPointF point = toItem(frame, m_series->points().at(m_crosshair));
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(m_textColor, 1));
    const double x = std::round(point.x());
    painter.drawLine(QPointF(x, frame.area.top()), QPointF(x, frame.area.bottom()));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(m_surfaceColor);
    painter.setPen(QPen(m_color, 1));
    painter.drawEllipse(point, kDot + 1, kDot + 1);

    const QFontMetricsF metrics(m_font);
    const QString text = crosshairText();
    const double boxWidth = metrics.horizontalAdvance(text) + 2 * kPadding;
    const double boxLeft
        = x + kGap + boxWidth > frame.area.right() ? x - kGap - boxWidth : x + kGap;
    const QRectF box(
        std::max(0.0, boxLeft), frame.area.top(), boxWidth, metrics.height() + kPadding);
    painter.setPen(QPen(m_gridColor, 1));
    painter.setBrush(m_surfaceColor);
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(m_textColor);
    painter.drawText(box, Qt::AlignCenter, text);
}

QString LinePlot::crosshairText() const
{
    if (!m_series || m_crosshair < 0 || m_crosshair >= m_series->count()) {
        return {};
    }
    const QPointF point = m_series->points().at(m_crosshair);
    const QString x
        = m_timeAxis ? xText(point.x(), 0) : m_xLabel + QLatin1Char(' ') + xText(point.x(), 0);
    return Format::figure(point.y()) + QChar(0x00a0) + m_unit + QStringLiteral("  \u00b7  ") + x;
}

void LinePlot::setCrosshair(int index)
{
    if (m_crosshair != index) {
        m_crosshair = index;
        Q_EMIT crosshairChanged();
        update();
    }
}

void LinePlot::stepCrosshair(int points)
{
    if (!m_series || m_series->count() == 0) {
        return;
    }
    const int from = m_crosshair < 0 ? m_series->count() - 1 : m_crosshair + points;
    setCrosshair(std::clamp(from, 0, m_series->count() - 1));
}

void LinePlot::hideCrosshair()
{
    setCrosshair(-1);
}

void LinePlot::hoverMoveEvent(QHoverEvent* event)
{
    if (!m_series || m_series->count() == 0) {
        return;
    }
    const Frame current = frame();
    const double share
        = (event->position().x() - current.area.left()) / std::max(1.0, current.area.width());
    const double x = current.left + share * (current.right - current.left);
    const QVector<QPointF>& points = m_series->points();
    const auto after = std::lower_bound(points.begin(), points.end(), x,
        [](const QPointF& point, double value) { return point.x() < value; });
    auto nearest = after == points.end() ? points.end() - 1 : after;
    if (nearest != points.begin()
        && std::fabs((nearest - 1)->x() - x) < std::fabs(nearest->x() - x)) {
        --nearest;
    }
    setCrosshair(static_cast<int>(nearest - points.begin()));
}

void LinePlot::hoverLeaveEvent(QHoverEvent* event)
{
    QQuickPaintedItem::hoverLeaveEvent(event);
    setCrosshair(-1);
}

} // namespace loam::desktop
