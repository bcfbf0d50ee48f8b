// SPDX-License-Identifier: GPL-3.0-or-later
#include "lucide_icon.h"

#include "logging.h"

#include <QCache>
#include <QFile>
#include <QPainter>
#include <QSvgRenderer>

#include <algorithm>
#include <cmath>

namespace loam::desktop {
namespace {

    constexpr int kCachedPictures = 400;
    /// Painted items are drawn on the GUI thread (software) or its render thread: one cache each.
    thread_local QCache<QString, QImage> pictures{ kCachedPictures };

} // namespace

LucideIcon::LucideIcon(QQuickItem* parent)
    : QQuickPaintedItem{ parent }
{
    setImplicitSize(20, 20);
}

void LucideIcon::setName(const QString& name)
{
    if (m_name != name) {
        m_name = name;
        Q_EMIT nameChanged();
        update();
    }
}

void LucideIcon::setColor(const QColor& color)
{
    if (m_color != color) {
        m_color = color;
        Q_EMIT colorChanged();
        update();
    }
}

QImage LucideIcon::render(const QString& name, const QColor& color, int pixels)
{
    const QString key
        = name + QLatin1Char('/') + color.name(QColor::HexArgb) + QString::number(pixels);
    if (const QImage* known = pictures.object(key)) {
        return *known;
    }
    QFile file(QStringLiteral(":/loam/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly)) {
        qCWarning(lcDesktop) << "no icon named" << name;
        return {};
    }
    QByteArray svg = file.readAll();
    svg.replace("currentColor", color.name().toUtf8());
    svg.replace("stroke-width=\"2\"", "stroke-width=\"1.75\"");
    QSvgRenderer renderer(svg);
    QImage picture(pixels, pixels, QImage::Format_ARGB32_Premultiplied);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setOpacity(color.alphaF());
    renderer.render(&painter);
    painter.end();
    pictures.insert(key, new QImage(picture));
    return picture;
}

void LucideIcon::paint(QPainter* painter)
{
    if (m_name.isEmpty() || width() < 1 || height() < 1) {
        return;
    }
    const double side = std::min(width(), height());
    const double ratio = painter->deviceTransform().m11();
    const QImage picture = render(m_name, m_color, static_cast<int>(std::lround(side * ratio)));
    painter->setRenderHint(QPainter::SmoothPixmapTransform);
    painter->drawImage(QRectF((width() - side) / 2, (height() - side) / 2, side, side), picture);
}

} // namespace loam::desktop
