// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/worker_process.h"

#include <QJsonObject>
#include <QObject>

#include <functional>
#include <string>
#include <vector>

namespace loam::node {

/// One private round's work in the worker. The texts go there over its pipe and never touch a disk;
/// what comes back is the clipped vector with its noise in it. Between two steps the owner's
/// consent is asked again, and cancel() ends the process in the middle of one. Lives on the
/// event-loop thread.
class PrivateTraining final : public QObject
{
    Q_OBJECT
public:
    struct Trained
    {
        std::vector<std::uint32_t> vector;
        QJsonObject facts; ///< tokens, losses, norm
    };
    struct Config
    {
        WorkerProcess& worker;
        QJsonObject job; ///< "private_train" but for its texts
        std::vector<std::string> texts; ///< UTF-8
        /// Whether the next step may be made.
        std::function<base::Result<>()> mayGoOn;
        std::function<void(const QJsonObject&)> progress;
        /// Called once, later; Cancelled or what mayGoOn() said when the work was stopped.
        std::function<void(base::Result<Trained>)> done;
    };

    explicit PrivateTraining(Config config);
    /// Cancels without a word.
    ~PrivateTraining() override;

    void start();
    /// Kills the worker if it works on this, so that the step under way comes to nothing.
    void cancel(const base::Error& why);

private:
    void finished(base::Result<QJsonObject> result);
    void removeVector() const;

    Config m_config;
    bool m_isOver{ false };
};

} // namespace loam::node
