// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "node/answer_service.h"
#include "node/settings.h"

#include <QJsonObject>
#include <QObject>

#include <set>
#include <string>

namespace loam::node {

/// What a training may use of this computer.
struct WorkMeans
{
    std::string device{ "cpu" }; ///< or the UUID of a Vulkan device
    int threads{ 1 };
    std::uint64_t memory{ 0 }; ///< bytes that are free there; 0: unknown

    /// Writes "device", "threads" and "memory" into a job.
    void addTo(QJsonObject& job) const;
};

/// Chooses where this computer trains: where the owner says, or else on a real graphics card, or
/// else on the processor. A card that fails twice in a row is left alone until the node starts
/// again, which gaveUp() tells; one that the owner named is never silently replaced.
class TrainingDevice final : public QObject
{
    Q_OBJECT
public:
    /// Both must outlive the object.
    TrainingDevice(const Settings& settings, const AnswerService& answers)
        : m_settings{ settings }
        , m_answers{ answers }
    {
    }

    WorkMeans means() const;
    /// name, uuid, kind and threads of what means() names, for people.
    QJsonObject shown() const;
    /// What became of a training there; Cancelled, Denied and Invalid say nothing of the device.
    void note(const std::string& device, const base::Result<QJsonObject>& outcome);

Q_SIGNALS:
    void gaveUp(const QString& device, const QString& reason);

private:
    QJsonObject chosen() const;

    const Settings& m_settings;
    const AnswerService& m_answers;
    std::set<std::string> m_failed; ///< given up
    std::string m_suspect; ///< whose last training failed
};

} // namespace loam::node
