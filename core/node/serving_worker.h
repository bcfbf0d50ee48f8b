// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "node/supervised_process.h"

#include <QJsonObject>

#include <cstdint>
#include <functional>
#include <map>

namespace loam::node {

/// One loam-worker that holds a model on one device and answers several requests at once
/// (docs/protocol-serving.md). When it dies, every request under way fails with Unavailable and
/// the model is gone; the process is started again by the next request, later after each crash in
/// a row, until it stays down. Lives on the event-loop thread.
class ServingWorker final : public QObject
{
    Q_OBJECT
public:
    using Event = std::function<void(const QJsonObject&)>;
    using Done = std::function<void(base::Result<QJsonObject>)>;

    explicit ServingWorker(QString program, QObject* parent = nullptr);
    ~ServingWorker() override;

    /// Sends a job now; Unavailable at once while the process may not run. `event` is called for
    /// each piece of progress, `done` exactly once, later, on this thread.
    base::Result<std::int64_t> request(QJsonObject job, Event event, Done done);
    /// Asks the worker to end an answer early; its `done` still comes.
    void cancelAnswer(std::int64_t id);
    /// Ends the process and with it the model, which frees all its memory; requests under way fail
    /// with Cancelled.
    void stop();
    void setSilenceLimit(std::chrono::milliseconds limit) { m_process.setSilenceLimit(limit); }
    /// Takes a worker that stays down into use again.
    void forgive() { m_process.forgive(); }

    bool isRunning() const { return m_process.isRunning(); }
    bool isBusy() const { return !m_requests.empty(); }
    bool isDown() const { return m_process.isDown(); }
    bool isWaiting() const { return m_process.isWaiting(); }

Q_SIGNALS:
    /// The process has gone and the model with it.
    void ended();
    /// The delay after a crash is over.
    void ready();
    void gaveUp(const QString& reason);

private:
    struct Request
    {
        Event event;
        Done done;
        bool isLoad{ false };
    };

    void handleLine(const QJsonObject& line);
    void failAll(const base::Error& error);

    SupervisedProcess m_process;
    std::map<std::int64_t, Request> m_requests;
    std::int64_t m_nextId{ 1 };
};

} // namespace loam::node
