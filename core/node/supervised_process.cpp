// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/supervised_process.h"

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

} // namespace

Errc errcFromWorker(const QString& name)
{
    for (const Errc code : { Errc::Invalid, Errc::NotFound, Errc::Io, Errc::Corrupt, Errc::Denied,
             Errc::Unavailable, Errc::Cancelled, Errc::Timeout }) {
        if (name.toStdString() == base::errcName(code)) {
            return code;
        }
    }
    return Errc::Unavailable;
}

SupervisedProcess::SupervisedProcess(QString program, QObject* parent)
    : QObject{ parent }
    , m_program{ std::move(program) }
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
    connect(&m_backOff, &QTimer::timeout, this, &SupervisedProcess::ready);
}

SupervisedProcess::~SupervisedProcess()
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

bool SupervisedProcess::start()
{
    if (m_process) {
        return true;
    }
    if (isDown() || m_backOff.isActive()) {
        return false;
    }
    m_buffer.clear();
    m_process = std::make_unique<QProcess>();
    m_process->setProcessChannelMode(QProcess::SeparateChannels);
    connect(
        m_process.get(), &QProcess::readyReadStandardOutput, this, &SupervisedProcess::readLines);
    connect(m_process.get(), &QProcess::readyReadStandardError, this, [this] {
        const QByteArray text = m_process->readAllStandardError().trimmed();
        qCInfo(lcWorker).noquote() << QString::fromUtf8(text.left(2000));
    });
    connect(m_process.get(), &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) {
            takeEnd(QStringLiteral("cannot start %1: %2").arg(m_program, m_process->errorString()));
        }
    });
    connect(
        m_process.get(), &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
            // One that gave its device up has said why to those who waited.
            m_isNeeded
                = m_isNeeded || (m_countsExits && (status == QProcess::CrashExit || code != 0));
            takeEnd(status == QProcess::CrashExit
                    ? QStringLiteral("loam-worker was killed or crashed")
                    : QStringLiteral("loam-worker ended with code %1").arg(code));
        });
    m_process->start(m_program, m_arguments);
    return true;
}

void SupervisedProcess::send(const QJsonObject& line)
{
    if (m_process) {
        m_process->write(QJsonDocument{ line }.toJson(QJsonDocument::Compact) + '\n');
    }
}

void SupervisedProcess::setNeeded(bool needed)
{
    m_isNeeded = needed;
    if (needed) {
        m_silence.start();
    } else {
        m_silence.stop();
    }
}

void SupervisedProcess::heard()
{
    if (m_silence.isActive()) {
        m_silence.start();
    }
}

void SupervisedProcess::end()
{
    m_silence.stop();
    if (m_process) {
        m_process->disconnect(this);
        m_process->kill();
        m_process->waitForFinished(2000);
        // Deferred: a receiver of one of its lines may be who ends it.
        m_process.release()->deleteLater();
    }
}

void SupervisedProcess::readLines()
{
    m_buffer += m_process->readAllStandardOutput();
    qsizetype end = 0;
    while ((end = m_buffer.indexOf('\n')) >= 0) {
        const QByteArray line = m_buffer.left(end);
        m_buffer.remove(0, end + 1);
        heard();
        Q_EMIT lineReceived(QJsonDocument::fromJson(line).object());
        if (!m_process) {
            return; // a receiver ended it
        }
    }
    if (m_buffer.size() > kMaxLine) {
        qCWarning(lcWorker) << "worker wrote an endless line; ending it";
        m_process->kill();
    }
}

void SupervisedProcess::takeEnd(const QString& reason)
{
    m_silence.stop();
    // Deferred: this runs inside a signal of the very object.
    m_process.release()->deleteLater();
    if (m_isNeeded) {
        ++m_crashes;
        qCWarning(lcWorker).noquote() << reason << "(" << m_crashes << "in a row )";
        if (isDown()) {
            Q_EMIT gaveUp(reason);
        } else {
            m_backOff.start(500ms * (1 << std::min(m_crashes, 6)));
        }
    }
    Q_EMIT ended(reason);
}

} // namespace loam::node
