// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusVariant>
#include <QObject>

namespace loam::desktop {

/// What the desktop asks of every program's looks: dark or light, less motion, larger text. Read
/// from the settings portal when there is one, else from the palette.
class SystemLook : public QObject
{
    Q_OBJECT

public:
    explicit SystemLook(QObject* parent = nullptr);

    bool isDark() const { return m_isDark; }
    bool wantsLessMotion() const { return m_wantsLessMotion; }
    double textScale() const { return m_textScale; }

    /// Asks the portal, without waiting for it.
    void readPortal();

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void takeSetting(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void read(const QString& group, const QString& key);

    bool m_isDark{ false };
    bool m_wantsLessMotion{ false };
    double m_textScale{ 1.0 };
};

} // namespace loam::desktop
