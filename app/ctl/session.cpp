// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/session.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>
#include <QTimer>

#include <csignal>
#include <iostream>
#include <optional>

namespace loam::ctl {

using base::Errc;
using base::fail;
using base::Result;
using std::chrono::milliseconds;

namespace {

    constexpr milliseconds kStartTimeout{ 30'000 };
    constexpr milliseconds kStartPoll{ 50 };

    /// Runs the event loop for a moment.
    void pause(milliseconds time)
    {
        QEventLoop loop;
        QTimer::singleShot(time, &loop, &QEventLoop::quit);
        loop.exec();
    }

} // namespace

QString nodeProgram()
{
    const QString name = QStringLiteral("loamd");
    const QString beside = QCoreApplication::applicationDirPath() + QLatin1Char('/') + name;
    return QFileInfo{ beside }.isExecutable() ? beside : QStandardPaths::findExecutable(name);
}

Result<> Session::open(const QString& home, bool startsNode)
{
    const Result<> connected = connect(home);
    if (connected || connected.error().code != Errc::Unavailable || !startsNode) {
        return connected;
    }
    return start(home);
}

Result<> Session::connect(const QString& home)
{
    // The connection is made or refused at once; the reason comes by the event loop.
    QString reason;
    const auto link = QObject::connect(&m_client, &rpc::Client::disconnected, &m_client,
        [&reason](const QString& text) { reason = text; });
    m_client.connectTo(home, rpc::Reconnect::Never);
    // A node that has just accepted may still turn us away; its list of methods proves it lives.
    const Result<QJsonObject> answer = call(QStringLiteral("rpc.methods"), {});
    QObject::disconnect(link);
    if (!answer) {
        return tl::unexpected{ answer.error() };
    }
    return {};
}

Result<> Session::start(const QString& home)
{
    const QString program = nodeProgram();
    if (program.isEmpty()) {
        return fail(Errc::NotFound,
            "Loam's node is not running, and there is no loamd beside loamctl or in PATH");
    }
    QProcess process;
    process.setProgram(program);
    process.setArguments({ QStringLiteral("--home"), home });
    // It must hold none of our streams: a pipe on our output would never end.
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardOutputFile(QProcess::nullDevice());
    process.setStandardErrorFile(QProcess::nullDevice());
    qint64 pid = 0;
    if (!process.startDetached(&pid)) {
        return fail(Errc::Io, "cannot start " + program.toStdString());
    }
    std::cerr << "loamctl: starting Loam's node in the background (home " << home.toStdString()
              << ")\n";
    const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
    while (std::chrono::steady_clock::now() < deadline) {
        pause(kStartPoll);
        const Result<> connected = connect(home);
        if (connected || connected.error().code != Errc::Unavailable) {
            return connected;
        }
        if (::kill(static_cast<pid_t>(pid), 0) != 0) {
            return fail(Errc::Unavailable,
                "Loam's node ended at once; `" + program.toStdString() + " --home "
                    + home.toStdString() + "` tells why");
        }
    }
    return fail(Errc::Timeout, "Loam's node did not open its door within 30 s");
}

Result<QJsonObject> Session::call(
    const QString& method, const QJsonObject& params, milliseconds timeout)
{
    QEventLoop loop;
    std::optional<Result<QJsonObject>> outcome;
    m_client.call(
        method, params, &loop,
        [&loop, &outcome](Result<QJsonObject> answer) {
            outcome = std::move(answer);
            loop.quit();
        },
        timeout);
    loop.exec();
    if (!outcome) {
        return fail(Errc::Cancelled, "cancelled");
    }
    return std::move(*outcome);
}

void Session::onReport(
    std::function<void(const QString& method, const QJsonObject& params)> receiver)
{
    QObject::connect(&m_client, &rpc::Client::notification, &m_client, std::move(receiver));
}

Result<> Session::waitForEnd(milliseconds timeout)
{
    if (!m_client.isConnected()) {
        return {};
    }
    QEventLoop loop;
    QObject::connect(&m_client, &rpc::Client::disconnected, &loop, &QEventLoop::quit);
    QTimer::singleShot(timeout, &loop, &QEventLoop::quit);
    loop.exec();
    if (m_client.isConnected()) {
        return fail(Errc::Timeout, "Loam's node has not stopped yet");
    }
    return {};
}

} // namespace loam::ctl
