// SPDX-License-Identifier: GPL-3.0-or-later
#include "meter_vm.h"

#include "format.h"

namespace loam::desktop {

MeterVm::MeterVm(NodeApi& node, QObject* parent)
    : QObject{ parent }
    , m_node{ node }
{
    connect(&m_node, &NodeApi::connectedChanged, this, [this](bool connected) {
        if (connected) {
            load();
        }
    });
    connect(&m_node, &NodeApi::notified, this, [this](const QString& topic) {
        if (topic == QLatin1String("meter.changed")) {
            load();
        }
    });
    m_node.subscribe({ QStringLiteral("meter") });
    if (m_node.isConnected()) {
        load();
    }
}

void MeterVm::load()
{
    m_node.call(QStringLiteral("meter.last"), {}, this, [this](const NodeReply& reply) {
        if (reply.isOk()) {
            m_report = reply.result;
            Q_EMIT changed();
        }
    });
}

void MeterVm::measure(const QString& adapter)
{
    if (m_isBusy) {
        return;
    }
    m_isBusy = true;
    m_error.clear();
    Q_EMIT changed();
    const QJsonObject params
        = adapter.isEmpty() ? QJsonObject{} : QJsonObject{ { QStringLiteral("adapter"), adapter } };
    m_node.call(QStringLiteral("meter.measure"), params, this, [this](const NodeReply& reply) {
        m_isBusy = false;
        m_error = reply.error;
        Q_EMIT changed();
        load();
    });
}

QString MeterVm::lightWord() const
{
    if (light() == QLatin1String("green")) {
        return tr("Shows next to nothing");
    }
    if (light() == QLatin1String("amber")) {
        return tr("Shows traces");
    }
    return light().isEmpty() ? QString{} : tr("Shows your text");
}

QString MeterVm::sentence() const
{
    if (!isKnown()) {
        return tr("Not measured yet. Loam tries the known attacks on the model here, on this "
                  "computer, and shows what they find.");
    }
    if (light() == QLatin1String("green")) {
        return tr("The known attacks hardly do better than guessing whether a passage of yours was "
                  "trained on.");
    }
    if (light() == QLatin1String("amber")) {
        return tr("The known attacks sometimes tell a passage that was trained on from one that "
                  "was not.");
    }
    return tr("Whoever has this model can tell which passages are yours, and may draw them out of "
              "it. Do not hand it on.");
}

QString MeterVm::basis() const
{
    if (!isKnown()) {
        return {};
    }
    const QString count = Format::count(number("members", 0));
    const QString others = Format::count(number("others", 0));
    return m_report.value(QStringLiteral("compared")).toString() == QLatin1String("probe")
        ? tr("%1 passages of yours against %2 of the run's public test text").arg(count, others)
        : tr("%1 passages of yours against %2 that were left out of training").arg(count, others);
}

} // namespace loam::desktop
