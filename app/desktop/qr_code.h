// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QQuickPaintedItem>
#include <QVector>

namespace loam::desktop {

/// A QR code of `text`, always dark on light with its quiet zone: cameras need it so in any theme.
class QrCode : public QQuickPaintedItem
{
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString text READ text WRITE setText NOTIFY textChanged FINAL)
    /// False when the text is empty or too long for a code.
    Q_PROPERTY(bool valid READ isValid NOTIFY textChanged FINAL)

public:
    explicit QrCode(QQuickItem* parent = nullptr);

    QString text() const { return m_text; }
    void setText(const QString& text);
    bool isValid() const { return m_side > 0; }
    /// Modules along one side, without the quiet zone.
    int side() const { return m_side; }
    bool isDark(int row, int column) const { return m_modules.at(row * m_side + column); }

    void paint(QPainter* painter) override;

Q_SIGNALS:
    void textChanged();

private:
    QString m_text;
    int m_side{ 0 };
    QVector<bool> m_modules;
};

} // namespace loam::desktop
