// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/training_device.h"

#include "platform/memory.h"

#include <QJsonArray>

namespace loam::node {

using base::Errc;

namespace {

    const QString kUuid = QStringLiteral("uuid");
    const QString kProcessor = QStringLiteral("cpu");

    std::string uuidOf(const QJsonObject& device)
    {
        return device.value(kUuid).toString().toStdString();
    }

} // namespace

void WorkMeans::addTo(QJsonObject& job) const
{
    job[QLatin1String{ "device" }] = QString::fromStdString(device);
    job[QLatin1String{ "threads" }] = threads;
    job[QLatin1String{ "memory" }] = static_cast<qint64>(memory);
}

QJsonObject TrainingDevice::chosen() const
{
    const std::string& wanted = m_settings.contribution.device;
    QJsonObject best;
    for (const QJsonValue& value : m_answers.devices()) {
        const QJsonObject device = value.toObject();
        if (!wanted.empty() && uuidOf(device) == wanted) {
            return device;
        }
        const bool isFit = !m_failed.contains(uuidOf(device));
        if (isFit && (best.isEmpty() || deviceRank(device) < deviceRank(best))) {
            best = device;
        }
    }
    if (wanted.empty()) {
        return best;
    }
    // Not there just now: the training fails and says so.
    return { { kUuid, QString::fromStdString(wanted) },
        { QStringLiteral("name"), QString::fromStdString(wanted) },
        { QStringLiteral("kind"), QStringLiteral("missing") } };
}

WorkMeans TrainingDevice::means() const
{
    const QJsonObject device = chosen();
    WorkMeans out;
    out.device = uuidOf(device);
    out.threads = m_settings.trainingThreads();
    out.memory = device.value(kUuid) == kProcessor
        ? platform::readMemory().available
        : static_cast<std::uint64_t>(
            std::max<qint64>(0, device.value(QLatin1String{ "memory" }).toInteger()));
    return out;
}

QJsonObject TrainingDevice::shown() const
{
    QJsonObject device = chosen();
    device[QLatin1String{ "threads" }] = m_settings.trainingThreads();
    return device;
}

void TrainingDevice::note(const std::string& device, const base::Result<QJsonObject>& outcome)
{
    if (outcome || device == "cpu") {
        m_suspect.clear();
        return;
    }
    const base::Error& error = outcome.error();
    if (error.code == Errc::Cancelled || error.code == Errc::Denied
        || error.code == Errc::Invalid) {
        return;
    }
    if (std::exchange(m_suspect, device) != device) {
        return;
    }
    const QString name = shown().value(QLatin1String{ "name" }).toString();
    if (m_settings.contribution.device.empty()) {
        m_failed.insert(device);
    }
    m_suspect.clear();
    Q_EMIT gaveUp(name, QString::fromStdString(error.message));
}

} // namespace loam::node
