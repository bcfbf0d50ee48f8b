// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"

#include <QByteArray>
#include <QJsonObject>
#include <QObject>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTimer>

#include <chrono>
#include <memory>

namespace loam::node {

/// The code whose base::errcName is `name`; Unavailable for a foreign name.
base::Errc errcFromWorker(const QString& name);

/// A loam-worker that speaks JSON lines, kept alive: a death or ten silent seconds while it is
/// needed count as a crash, after which it is started again with growing delays; after three
/// crashes in a row it stays down until forgive() is called. What the lines mean is the owner's
/// business. Lives on the event-loop thread.
class SupervisedProcess final : public QObject
{
    Q_OBJECT
public:
    explicit SupervisedProcess(QString program, QObject* parent = nullptr);
    ~SupervisedProcess() override;

    /// Take effect at the next start.
    void setArguments(QStringList arguments) { m_arguments = std::move(arguments); }
    /// Starts the process unless it runs; false while it is down or waits after a crash.
    bool start();
    /// Dropped when no process runs.
    void send(const QJsonObject& line);
    /// Whether something is expected of the process: only then is silence or death a crash.
    void setNeeded(bool needed);
    /// How long a needed process may say nothing; ten seconds at first.
    void setSilenceLimit(std::chrono::milliseconds limit) { m_silence.setInterval(limit); }
    /// From now on any end that is not clean is a crash, expected of the process or not.
    void countExits() { m_countsExits = true; }
    /// Silence is no crash until setNeeded() is called again; death still is.
    void rest() { m_silence.stop(); }
    /// The process did what was asked: earlier crashes are forgotten.
    void noteSuccess() { m_crashes = 0; }
    /// Ends the process at once, without a signal.
    void end();
    /// Lets a process that stays down be started again.
    void forgive() { m_crashes = 0; }

    bool isRunning() const { return m_process != nullptr; }
    bool isDown() const { return m_crashes >= kMaxCrashes; }
    bool isWaiting() const { return m_backOff.isActive(); }

Q_SIGNALS:
    void lineReceived(const QJsonObject& line);
    /// The process has gone without being told to.
    void ended(const QString& reason);
    /// The delay after a crash is over.
    void ready();
    /// It died too often and stays down.
    void gaveUp(const QString& reason);

private:
    static constexpr int kMaxCrashes = 3;

    void heard();
    void readLines();
    void takeEnd(const QString& reason);

    QString m_program;
    QStringList m_arguments;
    std::unique_ptr<QProcess> m_process;
    QByteArray m_buffer;
    QTimer m_silence;
    QTimer m_backOff;
    int m_crashes{ 0 };
    bool m_isNeeded{ false };
    bool m_countsExits{ false };
};

} // namespace loam::node
