// SPDX-License-Identifier: GPL-3.0-or-later
#include "work_vm.h"

#include "format.h"

#include <QJsonArray>
#include <QThread>

#include <algorithm>

namespace loam::desktop {

WorkVm::WorkVm(NodeApi& node, QObject* parent)
    : CommandVm{ node, parent }
    , m_devices{ QStringLiteral("uuid"),
        { { "device", QStringLiteral("uuid") }, { "name", QStringLiteral("name") } } }
{
    connect(&node, &NodeApi::connectedChanged, this, [this](bool connected) {
        if (connected) {
            refresh();
        }
    });
    // A choice that the node refused falls back to what holds.
    connect(this, &CommandVm::stateChanged, this, &WorkVm::changed);
    if (node.isConnected()) {
        refresh();
    }
}

QStringList WorkVm::threadChoices() const
{
    QStringList out{ tr("Half of the cores") };
    for (int threads = 1; threads <= std::max(1, QThread::idealThreadCount()); ++threads) {
        out.append(Format::count(threads));
    }
    return out;
}

void WorkVm::refresh()
{
    node().call(QStringLiteral("model.devices"), {}, this, [this](const NodeReply& reply) {
        QJsonArray all{ QJsonObject{ { QStringLiteral("uuid"), QStringLiteral("auto") },
            { QStringLiteral("name"), tr("By itself") } } };
        for (const QJsonValue& device : reply.result.value(QStringLiteral("devices")).toArray()) {
            all.append(device);
        }
        m_devices.setRecords(all);
        Q_EMIT changed();
    });
    node().call(QStringLiteral("contribute.settings"), {}, this, [this](const NodeReply& reply) {
        if (reply.isOk()) {
            m_settings = reply.result;
            Q_EMIT changed();
        }
    });
}

void WorkVm::change(const char* name, const QJsonValue& value)
{
    const QString key = QLatin1String(name);
    if (!isKnown() || m_settings.value(key) == value) {
        return;
    }
    command(QStringLiteral("contribute.settings"), { { key, value } },
        [this](const QJsonObject& settings) {
            m_settings = settings;
            Q_EMIT changed();
        });
}

} // namespace loam::desktop
