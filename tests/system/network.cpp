// SPDX-License-Identifier: GPL-3.0-or-later
#include "network.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QRandomGenerator>
#include <QtTest>

namespace loam::test {

QJsonObject Finished::json() const
{
    return QJsonDocument::fromJson(out).object();
}

QString program(const char* name)
{
    return QStringLiteral(LOAM_BIN "/") + QLatin1String{ name };
}

Finished ctl(const QStringList& arguments, int timeoutMillis)
{
    QProcess process;
    process.start(program("loamctl"), arguments);
    Finished finished;
    if (process.waitForFinished(timeoutMillis)) {
        finished.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    } else {
        process.kill();
        process.waitForFinished();
    }
    finished.out = process.readAllStandardOutput();
    finished.err = process.readAllStandardError();
    return finished;
}

void writeText(const QString& path, unsigned seed, qsizetype bytes)
{
    static const QStringList kSubjects{ QStringLiteral("the gardener"), QStringLiteral("a river"),
        QStringLiteral("my neighbour"), QStringLiteral("the old clock"), QStringLiteral("a fox") };
    static const QStringList kVerbs{ QStringLiteral("watches"), QStringLiteral("carries"),
        QStringLiteral("remembers"), QStringLiteral("follows"), QStringLiteral("paints") };
    static const QStringList kObjects{ QStringLiteral("the evening"),
        QStringLiteral("seven stones"), QStringLiteral("a narrow road"),
        QStringLiteral("the harbour lights"), QStringLiteral("letters from the sea") };
    QRandomGenerator random{ seed };
    QByteArray text;
    while (text.size() < bytes) {
        const auto pick = [&random](const QStringList& words) {
            return words.at(static_cast<qsizetype>(random.bounded(static_cast<int>(words.size()))));
        };
        text += (pick(kSubjects) + u' ' + pick(kVerbs) + u' ' + pick(kObjects)
            + QStringLiteral(" in year %1.\n").arg(random.bounded(2000)))
                    .toUtf8();
    }
    QDir{}.mkpath(QFileInfo{ path }.path());
    QFile file{ path };
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
}

NodeProcess::NodeProcess(const QString& root, int index)
    : m_home{ root + QStringLiteral("/node%1").arg(index) }
{
    QDir{}.mkpath(m_home);
    QFile settings{ m_home + QStringLiteral("/settings.json") };
    if (settings.open(QIODevice::WriteOnly)) {
        settings.write(QStringLiteral(
            R"({"network":{"listen_interface":"127.44.7.%1","profile":"loopback"},"contribution":{"threads":1}})")
                           .arg(index + 1)
                           .toUtf8());
    }
}

NodeProcess::~NodeProcess()
{
    if (m_process) {
        m_process->terminate();
        if (!m_process->waitForFinished(10'000)) {
            m_process->kill();
            m_process->waitForFinished();
        }
    }
}

void NodeProcess::start()
{
    m_process = std::make_unique<QProcess>();
    m_process->setStandardErrorFile(QProcess::nullDevice());
    m_process->start(program("loamd"),
        { QStringLiteral("--home"), m_home, QStringLiteral("--die-with-parent") });
    QVERIFY(m_process->waitForStarted());
    // Not by loamctl, which would start a second node while the first is on its way.
    const auto answers = [this] {
        QLocalSocket socket;
        socket.connectToServer(m_home + QStringLiteral("/rpc.sock"));
        return socket.waitForConnected(1000);
    };
    QTRY_VERIFY_WITH_TIMEOUT(answers(), 20'000);
}

void NodeProcess::kill9()
{
    m_process->kill();
    m_process->waitForFinished();
    m_process.reset();
}

QJsonObject NodeProcess::call(const QStringList& arguments, int timeoutMillis) const
{
    const Finished finished
        = ctl(QStringList{ QStringLiteral("--home"), m_home, QStringLiteral("--json") } + arguments,
            timeoutMillis);
    if (finished.code != 0) {
        qWarning("%s: %s", qPrintable(arguments.join(u' ')), finished.err.constData());
        return {};
    }
    return finished.json();
}

} // namespace loam::test
