// SPDX-License-Identifier: GPL-3.0-or-later
#include "qr_code.h"

#include <QPainter>
#include <qrencode.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace loam::desktop {
namespace {

    /// ISO/IEC 18004: four modules of light all around.
    constexpr int kQuietZone = 4;

} // namespace

QrCode::QrCode(QQuickItem* parent)
    : QQuickPaintedItem{ parent }
{
    setAntialiasing(false);
}

void QrCode::setText(const QString& text)
{
    if (m_text == text) {
        return;
    }
    m_text = text;
    m_side = 0;
    m_modules.clear();
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(text.isEmpty()
            ? nullptr
            : QRcode_encodeString8bit(text.toUtf8().constData(), 0, QR_ECLEVEL_L),
        &QRcode_free);
    if (code) {
        m_side = code->width;
        m_modules.reserve(m_side * m_side);
        for (int i = 0; i < m_side * m_side; ++i) {
            m_modules.append((code->data[i] & 1U) != 0);
        }
    }
    Q_EMIT textChanged();
    update();
}

void QrCode::paint(QPainter* painter)
{
    if (m_side == 0) {
        return;
    }
    const int modules = m_side + 2 * kQuietZone;
    const double side = std::min(width(), height());
    const double ratio = painter->deviceTransform().m11();
    // Whole device pixels per module, else the camera sees seams.
    const double step = std::max(1.0, std::floor(side * ratio / modules)) / ratio;
    const double left = (width() - step * modules) / 2;
    const double top = (height() - step * modules) / 2;
    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->fillRect(QRectF(left, top, step * modules, step * modules), Qt::white);
    for (int row = 0; row < m_side; ++row) {
        for (int column = 0; column < m_side; ++column) {
            if (isDark(row, column)) {
                painter->fillRect(QRectF(left + (column + kQuietZone) * step,
                                      top + (row + kQuietZone) * step, step, step),
                    Qt::black);
            }
        }
    }
}

} // namespace loam::desktop
