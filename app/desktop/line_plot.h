// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "series.h"

#include <QColor>
#include <QFont>
#include <QPointer>
#include <QQuickPaintedItem>

namespace loam::desktop {

/// One curve with axes, or bare as a sparkline. The line is one device pixel wide and decimated to
/// the columns it can use, so that a frame costs the same for ten points and for ten thousand.
class LinePlot : public QQuickPaintedItem
{
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(loam::desktop::Series* series READ series WRITE setSeries NOTIFY changed FINAL)
    /// False draws the line alone.
    Q_PROPERTY(bool axes MEMBER m_axes WRITE setAxes NOTIFY changed FINAL)
    /// x is Unix seconds and labelled as time of day; otherwise a plain number.
    Q_PROPERTY(bool timeAxis MEMBER m_timeAxis WRITE setTimeAxis NOTIFY changed FINAL)
    /// Marks every point with a dot.
    Q_PROPERTY(bool dots MEMBER m_dots WRITE setDots NOTIFY changed FINAL)
    /// The y axis starts at zero.
    Q_PROPERTY(bool fromZero MEMBER m_fromZero WRITE setFromZero NOTIFY changed FINAL)
    /// Right end of the x axis at least here (rounds still to come); 0: where the points end.
    Q_PROPERTY(double xEnd MEMBER m_xEnd WRITE setXEnd NOTIFY changed FINAL)
    Q_PROPERTY(QString unit MEMBER m_unit WRITE setUnit NOTIFY changed FINAL)
    Q_PROPERTY(QString xLabel MEMBER m_xLabel WRITE setXLabel NOTIFY changed FINAL)
    Q_PROPERTY(QColor color MEMBER m_color WRITE setColor NOTIFY changed FINAL)
    Q_PROPERTY(QColor gridColor MEMBER m_gridColor WRITE setGridColor NOTIFY changed FINAL)
    Q_PROPERTY(QColor textColor MEMBER m_textColor WRITE setTextColor NOTIFY changed FINAL)
    Q_PROPERTY(QColor surfaceColor MEMBER m_surfaceColor WRITE setSurfaceColor NOTIFY changed FINAL)
    Q_PROPERTY(QFont font MEMBER m_font WRITE setFont NOTIFY changed FINAL)
    /// The point under the crosshair in words, empty without one.
    Q_PROPERTY(QString crosshairText READ crosshairText NOTIFY crosshairChanged FINAL)

public:
    explicit LinePlot(QQuickItem* parent = nullptr);

    Series* series() const { return m_series; }
    void setSeries(Series* series);
    void setAxes(bool axes);
    void setTimeAxis(bool timeAxis) { set(m_timeAxis, timeAxis); }
    void setDots(bool dots) { set(m_dots, dots); }
    void setFromZero(bool fromZero) { set(m_fromZero, fromZero); }
    void setXEnd(double xEnd) { set(m_xEnd, xEnd); }
    void setUnit(const QString& unit) { set(m_unit, unit); }
    void setXLabel(const QString& label) { set(m_xLabel, label); }
    void setColor(const QColor& color) { set(m_color, color); }
    void setGridColor(const QColor& color) { set(m_gridColor, color); }
    void setTextColor(const QColor& color) { set(m_textColor, color); }
    void setSurfaceColor(const QColor& color) { set(m_surfaceColor, color); }
    void setFont(const QFont& font) { set(m_font, font); }
    QString crosshairText() const;

    /// Moves the crosshair by whole points, for the keyboard.
    Q_INVOKABLE void stepCrosshair(int points);
    Q_INVOKABLE void hideCrosshair();

    void paint(QPainter* painter) override;

Q_SIGNALS:
    void changed();
    void crosshairChanged();

protected:
    void hoverMoveEvent(QHoverEvent* event) override;
    void hoverLeaveEvent(QHoverEvent* event) override;

private:
    struct Frame
    {
        QRectF area;
        double left{ 0 };
        double right{ 1 };
        double low{ 0 };
        double high{ 1 };
    };

    template <class T> void set(T& member, const T& value)
    {
        if (!(member == value)) {
            member = value;
            Q_EMIT changed();
            update();
        }
    }
    Frame frame() const;
    QPointF toItem(const Frame& frame, QPointF point) const;
    QString xText(double x, double span) const;
    void paintAxes(QPainter& painter, const Frame& frame) const;
    void paintLine(QPainter& painter, const Frame& frame) const;
    void paintCrosshair(QPainter& painter, const Frame& frame) const;
    void setCrosshair(int index);

    QPointer<Series> m_series;
    bool m_axes{ true };
    bool m_timeAxis{ true };
    bool m_dots{ false };
    bool m_fromZero{ false };
    double m_xEnd{ 0 };
    QString m_unit;
    QString m_xLabel;
    QColor m_color{ Qt::black };
    QColor m_gridColor{ Qt::lightGray };
    QColor m_textColor{ Qt::darkGray };
    QColor m_surfaceColor{ Qt::white };
    QFont m_font;
    int m_crosshair{ -1 };
};

} // namespace loam::desktop
