// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/worker_process.h"

#include <algorithm>
#include <iterator>

namespace loam::node {

using base::Errc;

WorkerProcess::WorkerProcess(QString program, Urgency urgency, QObject* parent)
    : QObject{ parent }
    , m_process{ std::move(program) }
    , m_urgency{ urgency }
{
    connect(&m_process, &SupervisedProcess::lineReceived, this, &WorkerProcess::handleLine);
    connect(&m_process, &SupervisedProcess::ended, this, &WorkerProcess::processEnded);
    connect(&m_process, &SupervisedProcess::ready, this, &WorkerProcess::startNext);
    connect(&m_process, &SupervisedProcess::gaveUp, this, &WorkerProcess::gaveUp);
}

WorkerProcess::~WorkerProcess() = default;

void WorkerProcess::submit(QJsonObject job, Progress progress, Done done)
{
    job[QLatin1String{ "id" }] = m_nextId++;
    m_queue.push_back(
        std::make_unique<Job>(Job{ std::move(job), std::move(progress), std::move(done) }));
    QMetaObject::invokeMethod(this, &WorkerProcess::startNext, Qt::QueuedConnection);
}

void WorkerProcess::cancelAll()
{
    std::deque<std::unique_ptr<Job>> jobs = std::move(m_queue);
    m_queue.clear();
    if (m_running) {
        jobs.push_front(std::move(m_running));
    }
    m_process.setNeeded(false);
    m_process.end();
    for (const auto& job : jobs) {
        job->done(base::fail(Errc::Cancelled, "the job was cancelled"));
    }
}

void WorkerProcess::tell(const QJsonObject& line)
{
    if (m_running) {
        m_process.send(line);
    }
}

void WorkerProcess::cancelIf(const std::function<bool(const QJsonObject&)>& picks)
{
    std::deque<std::unique_ptr<Job>> cancelled;
    if (m_running && picks(m_running->request)) {
        cancelled.push_back(std::move(m_running));
        m_process.setNeeded(false);
        m_process.end();
    }
    const auto kept = std::stable_partition(m_queue.begin(), m_queue.end(),
        [&picks](const std::unique_ptr<Job>& job) { return !picks(job->request); });
    std::move(kept, m_queue.end(), std::back_inserter(cancelled));
    m_queue.erase(kept, m_queue.end());
    for (const auto& job : cancelled) {
        job->done(base::fail(Errc::Cancelled, "the job was cancelled"));
    }
    QMetaObject::invokeMethod(this, &WorkerProcess::startNext, Qt::QueuedConnection);
}

void WorkerProcess::pause()
{
    if (m_paused) {
        return;
    }
    m_paused = true;
    m_process.rest();
    m_process.send({ { QStringLiteral("job"), QStringLiteral("pause") } });
}

void WorkerProcess::resume()
{
    if (!m_paused) {
        return;
    }
    m_paused = false;
    m_process.send({ { QStringLiteral("job"), QStringLiteral("resume") } });
    m_process.setNeeded(m_running != nullptr);
    startNext();
}

void WorkerProcess::restart()
{
    m_process.forgive();
    startNext();
}

void WorkerProcess::startNext()
{
    if (m_running || m_queue.empty() || m_paused) {
        return;
    }
    m_process.setArguments(
        m_urgency == Urgency::Awaited ? QStringList{ QStringLiteral("--urgent") } : QStringList{});
    if (!m_process.start()) {
        return;
    }
    m_running = std::move(m_queue.front());
    m_queue.pop_front();
    m_process.send(m_running->request);
    m_process.setNeeded(true);
}

void WorkerProcess::handleLine(const QJsonObject& line)
{
    if (!m_running
        || line.value(QLatin1String{ "id" }) != m_running->request.value(QLatin1String{ "id" })) {
        return;
    }
    const QJsonValue progress = line.value(QLatin1String{ "progress" });
    if (progress.isObject()) {
        // A copy: who hears of it may cancel the very job.
        if (const Progress report = m_running->progress) {
            report(progress.toObject());
        }
        return;
    }
    const QJsonValue ok = line.value(QLatin1String{ "ok" });
    if (!ok.isBool()) {
        return;
    }
    m_process.noteSuccess();
    if (ok.toBool()) {
        finishRunning(line);
        return;
    }
    finishRunning(base::fail(errcFromWorker(line.value(QLatin1String{ "code" }).toString()),
        line.value(QLatin1String{ "message" }).toString().toStdString()));
}

void WorkerProcess::processEnded(const QString& reason)
{
    if (m_running) {
        finishRunning(base::fail(Errc::Unavailable, reason.toStdString()));
    }
}

void WorkerProcess::finishRunning(base::Result<QJsonObject> result)
{
    m_process.setNeeded(false);
    const std::unique_ptr<Job> job = std::move(m_running);
    job->done(std::move(result));
    startNext();
}

} // namespace loam::node
