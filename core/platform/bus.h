// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusConnection>
#include <QDBusMessage>
#include <QObject>
#include <QString>
#include <QVariant>

#include <functional>
#include <optional>

namespace loam::platform {

/// The session's bus if there is one; never starts one.
std::optional<QDBusConnection> sessionBus();
/// The system's bus if there is one.
std::optional<QDBusConnection> systemBus();

struct BusObject
{
    QString service;
    QString path;
    QString interface;
};

/// Calls `method` without arguments and hands its first value to `done` on the event loop;
/// nothing when the service is absent, refuses, or takes longer than a second. Never starts the
/// service. `done` does not run after `context` is gone.
void callBus(const QDBusConnection& bus, const BusObject& object, const QString& method,
    QObject* context, std::function<void(std::optional<QVariant>)> done);

/// The same for a property.
void readBusProperty(const QDBusConnection& bus, const BusObject& object, const QString& property,
    QObject* context, std::function<void(std::optional<QVariant>)> done);

} // namespace loam::platform
