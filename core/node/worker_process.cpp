// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/worker_process.h"

#include "node/log.h"

#include <QJsonDocument>

#include <algorithm>
#include <chrono>

namespace loam::node {

using base::Errc;
using namespace std::chrono_literals;

namespace {

    constexpr auto kSilenceLimit = 10s;
    constexpr qsizetype kMaxLine = 4 * 1024 * 1024;

    Errc errcFromName(const QString& name)
    {
        for (const Errc code : { Errc::Invalid, Errc::NotFound, Errc::Io, Errc::Corrupt,
                 Errc::Denied, Errc::Unavailable, Errc::Cancelled, Errc::Timeout }) {
            if (name.toStdString() == base::errcName(code)) {
                return code;
            }
        }
        return Errc::Unavailable;
    }

} // namespace

WorkerProcess::WorkerProcess(QString program, Urgency urgency, QObject* parent)
    : QObject{ parent }
    , m_program{ std::move(program) }
    , m_urgency{ urgency }
{
    m_silence.setSingleShot(true);
    m_silence.setInterval(kSilenceLimit);
    connect(&m_silence, &QTimer::timeout, this, [this] {
        qCWarning(lcWorker) << "worker was silent for too long; ending it";
        if (m_process) {
            m_process->kill();
        }
    });
    m_backOff.setSingleShot(true);
    connect(&m_backOff, &QTimer::timeout, this, &WorkerProcess::startNext);
}

WorkerProcess::~WorkerProcess()
{
    if (m_process) {
        m_process->disconnect(this);
        m_process->closeWriteChannel();
        if (!m_process->waitForFinished(500)) {
            m_process->kill();
            m_process->waitForFinished(2000);
        }
    }
}

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
    m_silence.stop();
    if (m_process) {
        m_process->disconnect(this);
        m_process->kill();
        m_process->waitForFinished(2000);
        m_process.reset();
    }
    for (const auto& job : jobs) {
        job->done(base::fail(Errc::Cancelled, "the job was cancelled"));
    }
}

void WorkerProcess::pause()
{
    if (m_paused) {
        return;
    }
    m_paused = true;
    m_silence.stop();
    sendLine({ { QStringLiteral("job"), QStringLiteral("pause") } });
}

void WorkerProcess::resume()
{
    if (!m_paused) {
        return;
    }
    m_paused = false;
    sendLine({ { QStringLiteral("job"), QStringLiteral("resume") } });
    if (m_running) {
        m_silence.start();
    }
    startNext();
}

void WorkerProcess::restart()
{
    m_crashes = 0;
    startNext();
}

void WorkerProcess::startNext()
{
    if (m_running || m_queue.empty() || m_paused || isDown() || m_backOff.isActive()) {
        return;
    }
    if (!m_process) {
        startProcess();
    }
    m_running = std::move(m_queue.front());
    m_queue.pop_front();
    sendLine(m_running->request);
    m_silence.start();
}

void WorkerProcess::startProcess()
{
    m_buffer.clear();
    m_process = std::make_unique<QProcess>();
    m_process->setProcessChannelMode(QProcess::SeparateChannels);
    connect(m_process.get(), &QProcess::readyReadStandardOutput, this, &WorkerProcess::readLines);
    connect(m_process.get(), &QProcess::readyReadStandardError, this, [this] {
        const QByteArray text = m_process->readAllStandardError().trimmed();
        qCInfo(lcWorker).noquote() << QString::fromUtf8(text.left(2000));
    });
    connect(m_process.get(), &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) {
            processEnded(
                QStringLiteral("cannot start %1: %2").arg(m_program, m_process->errorString()));
        }
    });
    connect(
        m_process.get(), &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
            processEnded(status == QProcess::CrashExit
                    ? QStringLiteral("loam-worker was killed or crashed")
                    : QStringLiteral("loam-worker ended with code %1").arg(code));
        });
    m_process->start(m_program,
        m_urgency == Urgency::Awaited ? QStringList{ QStringLiteral("--urgent") } : QStringList{});
}

void WorkerProcess::readLines()
{
    m_buffer += m_process->readAllStandardOutput();
    qsizetype end = 0;
    while ((end = m_buffer.indexOf('\n')) >= 0) {
        const QByteArray line = m_buffer.left(end);
        m_buffer.remove(0, end + 1);
        handleLine(line);
    }
    if (m_buffer.size() > kMaxLine) {
        qCWarning(lcWorker) << "worker wrote an endless line; ending it";
        m_process->kill();
    }
}

void WorkerProcess::handleLine(const QByteArray& line)
{
    const QJsonObject object = QJsonDocument::fromJson(line).object();
    if (!m_running) {
        return;
    }
    if (!m_paused) {
        m_silence.start();
    }
    if (object.value(QLatin1String{ "id" }) != m_running->request.value(QLatin1String{ "id" })) {
        return;
    }
    const QJsonValue progress = object.value(QLatin1String{ "progress" });
    if (progress.isObject()) {
        if (m_running->progress) {
            m_running->progress(progress.toObject());
        }
        return;
    }
    const QJsonValue ok = object.value(QLatin1String{ "ok" });
    if (!ok.isBool()) {
        return;
    }
    m_crashes = 0;
    if (ok.toBool()) {
        finishRunning(object);
        return;
    }
    finishRunning(base::fail(errcFromName(object.value(QLatin1String{ "code" }).toString()),
        object.value(QLatin1String{ "message" }).toString().toStdString()));
}

void WorkerProcess::processEnded(const QString& reason)
{
    m_silence.stop();
    // Deferred: this runs inside a signal of the very object.
    m_process.release()->deleteLater();
    if (!m_running) {
        return;
    }
    ++m_crashes;
    qCWarning(lcWorker).noquote() << reason << "(" << m_crashes << "in a row )";
    if (isDown()) {
        Q_EMIT gaveUp(reason);
    } else {
        m_backOff.start(500ms * (1 << std::min(m_crashes, 6)));
    }
    finishRunning(base::fail(Errc::Unavailable, reason.toStdString()));
}

void WorkerProcess::sendLine(const QJsonObject& object)
{
    if (m_process) {
        m_process->write(QJsonDocument{ object }.toJson(QJsonDocument::Compact) + '\n');
    }
}

void WorkerProcess::finishRunning(base::Result<QJsonObject> result)
{
    m_silence.stop();
    const std::unique_ptr<Job> job = std::move(m_running);
    job->done(std::move(result));
    startNext();
}

} // namespace loam::node
