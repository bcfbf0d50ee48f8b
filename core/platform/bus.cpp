// SPDX-License-Identifier: GPL-3.0-or-later
#include "platform/bus.h"

#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QFile>

#include <chrono>

namespace loam::platform {

namespace {

    constexpr int kTimeoutMilliseconds = 1000;

    void send(const QDBusConnection& bus, QDBusMessage message, QObject* context,
        std::function<void(std::optional<QVariant>)> done)
    {
        message.setAutoStartService(false);
        auto* watcher
            = new QDBusPendingCallWatcher{ bus.asyncCall(message, kTimeoutMilliseconds), context };
        QObject::connect(watcher, &QDBusPendingCallWatcher::finished, context,
            [done = std::move(done)](QDBusPendingCallWatcher* call) {
                call->deleteLater();
                const QDBusMessage reply = call->reply();
                if (reply.type() != QDBusMessage::ReplyMessage || reply.arguments().isEmpty()) {
                    done(std::nullopt);
                    return;
                }
                const QVariant value = reply.arguments().constFirst();
                done(value.canConvert<QDBusVariant>() ? value.value<QDBusVariant>().variant()
                                                      : value);
            });
    }

    std::optional<QDBusConnection> connected(const QDBusConnection& bus)
    {
        return bus.isConnected() ? std::optional{ bus } : std::nullopt;
    }

} // namespace

std::optional<QDBusConnection> sessionBus()
{
    // Without an address libdbus would start a bus of its own through X.
    const QString runtimeFolder = qEnvironmentVariable("XDG_RUNTIME_DIR");
    const bool isThere = qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS")
        || (!runtimeFolder.isEmpty() && QFile::exists(runtimeFolder + QStringLiteral("/bus")));
    return isThere ? connected(QDBusConnection::sessionBus()) : std::nullopt;
}

std::optional<QDBusConnection> systemBus()
{
    const bool isThere = qEnvironmentVariableIsSet("DBUS_SYSTEM_BUS_ADDRESS")
        || QFile::exists(QStringLiteral("/run/dbus/system_bus_socket"));
    return isThere ? connected(QDBusConnection::systemBus()) : std::nullopt;
}

void callBus(const QDBusConnection& bus, const BusObject& object, const QString& method,
    QObject* context, std::function<void(std::optional<QVariant>)> done)
{
    send(bus, QDBusMessage::createMethodCall(object.service, object.path, object.interface, method),
        context, std::move(done));
}

void readBusProperty(const QDBusConnection& bus, const BusObject& object, const QString& property,
    QObject* context, std::function<void(std::optional<QVariant>)> done)
{
    QDBusMessage message = QDBusMessage::createMethodCall(object.service, object.path,
        QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"));
    message.setArguments({ object.interface, property });
    send(bus, message, context, std::move(done));
}

} // namespace loam::platform
