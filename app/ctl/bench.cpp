// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/bench.h"

#include "base/result.h"
#include "ctl/commands.h"
#include "ctl/table.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QStandardPaths>

#include <iostream>

namespace loam::ctl {

using namespace Qt::Literals::StringLiterals;
using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr int kStartTimeoutMs = 30'000;
    /// The worker says something every second while it works.
    constexpr int kSilenceMs = 60'000;

    QString workerProgram()
    {
        const QString name = u"loam-worker"_s;
        const QString beside = QCoreApplication::applicationDirPath() + u'/' + name;
        return QFileInfo{ beside }.isExecutable() ? beside : QStandardPaths::findExecutable(name);
    }

    /// Waits for the answer among heartbeats.
    Result<QJsonObject> answerOf(QProcess& worker)
    {
        for (;;) {
            while (worker.canReadLine()) {
                const QJsonObject line = QJsonDocument::fromJson(worker.readLine()).object();
                if (!line.contains(u"ok"_s)) {
                    continue;
                }
                if (!line[u"ok"_s].toBool()) {
                    return fail(Errc::Unavailable, line[u"message"_s].toString().toStdString());
                }
                return line;
            }
            if (!worker.waitForReadyRead(kSilenceMs)) {
                return fail(Errc::Unavailable, "loam-worker ended or fell silent");
            }
        }
    }

    Result<QJsonObject> measure(const Command& command)
    {
        const QString program = workerProgram();
        if (program.isEmpty()) {
            return fail(Errc::NotFound,
                "there is no loam-worker beside loamctl or in PATH; it is installed with Loam");
        }
        QJsonObject request = command.params;
        request[u"id"_s] = 1;
        request[u"job"_s] = u"bench"_s;
        request[u"what"_s] = command.verb->verb;
        QProcess worker;
        worker.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        worker.start(program, { u"--urgent"_s });
        if (!worker.waitForStarted(kStartTimeoutMs)) {
            return fail(Errc::Io, "cannot start " + program.toStdString());
        }
        worker.write(QJsonDocument{ request }.toJson(QJsonDocument::Compact) + '\n');
        Result<QJsonObject> answer = answerOf(worker);
        // The end of its input ends the worker.
        worker.closeWriteChannel();
        worker.waitForFinished(kStartTimeoutMs);
        return answer;
    }

} // namespace

int runBench(const Command& command)
{
    const Result<QJsonObject> answer = measure(command);
    if (!answer) {
        std::cerr << "loamctl: " << answer.error().message << '\n';
        return kFailed;
    }
    QJsonArray rows = (*answer)[command.verb->listField].toArray();
    if (!command.isJson) {
        std::cout << tableText(rows, command.verb->columns).toStdString()
                  << QStringLiteral("%1, one core at most %2 GF/s, load %3\n")
                         .arg(printable((*answer)[u"core"_s].toString()))
                         .arg((*answer)[u"peak_gflops"_s].toDouble(), 0, 'f', 1)
                         .arg((*answer)[u"load"_s].toDouble(), 0, 'f', 2)
                         .toStdString();
        return kDone;
    }
    for (auto&& row : rows) {
        QJsonObject object = row.toObject();
        for (const auto& field : { u"core"_s, u"peak_gflops"_s, u"load"_s }) {
            object[field] = (*answer)[field];
        }
        row = object;
    }
    std::cout << QJsonDocument{ rows }.toJson(QJsonDocument::Compact).toStdString() << '\n';
    return kDone;
}

} // namespace loam::ctl
