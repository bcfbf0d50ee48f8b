// SPDX-License-Identifier: GPL-3.0-or-later
#include "system_look.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QGuiApplication>
#include <QPalette>

#include <algorithm>

namespace loam::desktop {
namespace {

    const QString kService = QStringLiteral("org.freedesktop.portal.Desktop");
    const QString kPath = QStringLiteral("/org/freedesktop/portal/desktop");
    const QString kInterface = QStringLiteral("org.freedesktop.portal.Settings");
    const QString kAppearance = QStringLiteral("org.freedesktop.appearance");
    const QString kGnome = QStringLiteral("org.gnome.desktop.interface");

    /// Older portals wrap the value twice.
    QVariant unwrapped(QVariant value)
    {
        while (value.canConvert<QDBusVariant>()) {
            value = value.value<QDBusVariant>().variant();
        }
        return value;
    }

} // namespace

SystemLook::SystemLook(QObject* parent)
    : QObject{ parent }
    , m_isDark{ QGuiApplication::palette().color(QPalette::Window).lightness() < 128 }
{
}

void SystemLook::readPortal()
{
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) {
        return;
    }
    bus.connect(kService, kPath, kInterface, QStringLiteral("SettingChanged"), this,
        SLOT(takeSetting(QString, QString, QDBusVariant)));
    read(kAppearance, QStringLiteral("color-scheme"));
    read(kGnome, QStringLiteral("enable-animations"));
    read(kGnome, QStringLiteral("text-scaling-factor"));
}

void SystemLook::read(const QString& group, const QString& key)
{
    QDBusMessage question
        = QDBusMessage::createMethodCall(kService, kPath, kInterface, QStringLiteral("Read"));
    question << group << key;
    auto* watcher = new QDBusPendingCallWatcher(
        QDBusConnection::sessionBus().asyncCall(question, 3000), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher, group, key] {
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        if (!reply.isError()) {
            takeSetting(group, key, reply.value());
        }
        watcher->deleteLater();
    });
}

void SystemLook::takeSetting(const QString& group, const QString& key, const QDBusVariant& value)
{
    const QVariant plain = unwrapped(QVariant::fromValue(value));
    if (group == kAppearance && key == QLatin1String("color-scheme") && plain.toUInt() != 0) {
        m_isDark = plain.toUInt() == 1;
    } else if (group == kGnome && key == QLatin1String("enable-animations")) {
        m_wantsLessMotion = !plain.toBool();
    } else if (group == kGnome && key == QLatin1String("text-scaling-factor")) {
        m_textScale = std::clamp(plain.toDouble(), 1.0, 1.5);
    } else {
        return;
    }
    Q_EMIT changed();
}

} // namespace loam::desktop
