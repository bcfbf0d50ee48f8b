// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "node/supervised_process.h"

#include <QJsonObject>

#include <deque>
#include <functional>
#include <memory>

namespace loam::node {

/// One loam-worker process under supervision. Jobs run one at a time in the order given; a crash
/// or ten silent seconds fail the running job with Unavailable and the process is started again
/// with growing delays. After three crashes in a row it stays down until restart() is called.
/// Lives on the event-loop thread.
class WorkerProcess final : public QObject
{
    Q_OBJECT
public:
    using Progress = std::function<void(const QJsonObject&)>;
    using Done = std::function<void(base::Result<QJsonObject>)>;

    /// How far the process steps back behind the machine's other work.
    enum class Urgency {
        WhenIdle, ///< runs on what nobody else wants
        Awaited, ///< other nodes, or the owner, wait for the result
    };

    /// `program` is the path of loam-worker.
    WorkerProcess(QString program, Urgency urgency, QObject* parent = nullptr);
    ~WorkerProcess() override;

    /// Queues a job; `done` is called exactly once, later, on this thread.
    void submit(QJsonObject job, Progress progress, Done done);
    /// Fails every queued and running job with Cancelled and ends the process.
    void cancelAll();
    /// One more line for the job that runs; nothing without one.
    void tell(const QJsonObject& line);
    /// The same for the jobs whose request the predicate picks; the others go on, if need be in a
    /// new process. Their `done` is called before this returns.
    void cancelIf(const std::function<bool(const QJsonObject& request)>& picks);
    /// The running job stands still within a tenth of a second; one on a graphics card then gives
    /// its memory there back until it goes on.
    void pause();
    void resume();
    bool isPaused() const { return m_paused; }
    bool isBusy() const { return m_running != nullptr; }
    bool isDown() const { return m_process.isDown(); }
    void restart();
    /// Takes effect when the process is started next.
    void setUrgency(Urgency urgency) { m_urgency = urgency; }

Q_SIGNALS:
    /// The process died too often and stays down.
    void gaveUp(const QString& reason);

private:
    struct Job
    {
        QJsonObject request;
        Progress progress;
        Done done;
    };

    void startNext();
    void handleLine(const QJsonObject& line);
    void processEnded(const QString& reason);
    void finishRunning(base::Result<QJsonObject> result);

    SupervisedProcess m_process;
    Urgency m_urgency;
    std::deque<std::unique_ptr<Job>> m_queue;
    std::unique_ptr<Job> m_running;
    int m_nextId{ 1 };
    bool m_paused{ false };
};

} // namespace loam::node
