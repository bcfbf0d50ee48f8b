// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "command_vm.h"
#include "records_model.h"

#include <QStringList>

namespace loam::desktop {

/// When and with what this computer works. A change is sent at once; what the node did not take
/// falls back.
class WorkVm final : public loam::desktop::CommandVm
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of NodeVm")
    Q_PROPERTY(bool known READ isKnown NOTIFY changed FINAL)
    /// "auto", "cpu" or the UUID of a graphics card, and all there are to choose from.
    Q_PROPERTY(QString device READ device NOTIFY changed FINAL)
    Q_PROPERTY(loam::desktop::RecordsModel* devices READ devices CONSTANT FINAL)
    /// Processor threads; 0 is half of the cores.
    Q_PROPERTY(int threads READ threads NOTIFY changed FINAL)
    /// Words for each number of threads that can be chosen, from 0 on.
    Q_PROPERTY(QStringList threadChoices READ threadChoices CONSTANT FINAL)
    Q_PROPERTY(bool onlyWhenIdle READ isOnlyWhenIdle NOTIFY changed FINAL)
    Q_PROPERTY(bool onBattery READ isOnBattery NOTIFY changed FINAL)
    Q_PROPERTY(bool onMeteredNetwork READ isOnMeteredNetwork NOTIFY changed FINAL)

public:
    explicit WorkVm(NodeApi& node, QObject* parent = nullptr);

    bool isKnown() const { return !m_settings.isEmpty(); }
    QString device() const { return m_settings.value(QStringLiteral("device")).toString(); }
    RecordsModel* devices() { return &m_devices; }
    int threads() const { return m_settings.value(QStringLiteral("threads")).toInt(); }
    QStringList threadChoices() const;
    bool isOnlyWhenIdle() const { return flag("only_when_idle"); }
    bool isOnBattery() const { return flag("on_battery"); }
    bool isOnMeteredNetwork() const { return flag("on_metered_network"); }

    Q_INVOKABLE void setDevice(const QString& device) { change("device", device); }
    Q_INVOKABLE void setThreads(int threads) { change("threads", threads); }
    Q_INVOKABLE void setOnlyWhenIdle(bool on) { change("only_when_idle", on); }
    Q_INVOKABLE void setOnBattery(bool on) { change("on_battery", on); }
    Q_INVOKABLE void setOnMeteredNetwork(bool on) { change("on_metered_network", on); }
    /// Reads everything anew; a page calls it when it opens.
    Q_INVOKABLE void refresh();

Q_SIGNALS:
    void changed();

private:
    bool flag(const char* name) const { return m_settings.value(QLatin1String(name)).toBool(); }
    void change(const char* name, const QJsonValue& value);

    RecordsModel m_devices;
    QJsonObject m_settings;
};

} // namespace loam::desktop
