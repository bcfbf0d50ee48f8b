// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/log.h"

#include "base/file.h"

#include <QDateTime>
#include <QFile>
#include <QMutex>

#include <cstdio>
#include <deque>

namespace loam::node {

Q_LOGGING_CATEGORY(lcNode, "loam.node", QtInfoMsg)
Q_LOGGING_CATEGORY(lcSwarm, "loam.swarm", QtInfoMsg)
Q_LOGGING_CATEGORY(lcConsensus, "loam.consensus", QtInfoMsg)
Q_LOGGING_CATEGORY(lcTraining, "loam.training", QtInfoMsg)
Q_LOGGING_CATEGORY(lcWorker, "loam.worker", QtInfoMsg)

namespace {

    constexpr qint64 kRotateAt = 5 * 1024 * 1024;
    constexpr std::size_t kRingLines = 500;

    /// Where log lines go. Qt's message handler is a plain function, so this one object is global.
    struct Sink
    {
        QMutex mutex;
        QFile file;
        std::deque<QString> ring;

        void write(const QString& line)
        {
            const QMutexLocker lock{ &mutex };
            ring.push_back(line);
            if (ring.size() > kRingLines) {
                ring.pop_front();
            }
            const QByteArray bytes = line.toUtf8() + '\n';
            std::fwrite(bytes.constData(), 1, static_cast<std::size_t>(bytes.size()), stderr);
            if (!file.isOpen()) {
                return;
            }
            if (file.size() > kRotateAt) {
                const QString name = file.fileName();
                file.close();
                QFile::remove(name + QStringLiteral(".1"));
                QFile::rename(name, name + QStringLiteral(".1"));
                file.open(QIODevice::WriteOnly | QIODevice::Append);
            }
            file.write(bytes);
            file.flush();
        }
    };

    Sink& sink()
    {
        static Sink instance;
        return instance;
    }

    char levelLetter(QtMsgType type)
    {
        switch (type) {
        case QtDebugMsg:
            return 'D';
        case QtInfoMsg:
            return 'I';
        case QtWarningMsg:
            return 'W';
        case QtCriticalMsg:
            return 'C';
        case QtFatalMsg:
            return 'F';
        }
        return '?';
    }

    void handleMessage(QtMsgType type, const QMessageLogContext& context, const QString& text)
    {
        sink().write(QStringLiteral("%1 %2 %3: %4")
                         .arg(QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs))
                         .arg(QLatin1Char{ levelLetter(type) })
                         .arg(QLatin1String{ context.category }, text));
    }

} // namespace

base::Result<> startLogging(const std::filesystem::path& folder)
{
    TRY(base::makeFolder(folder));
    Sink& target = sink();
    target.file.setFileName(QString::fromStdString((folder / "loamd.log").string()));
    if (!target.file.open(QIODevice::WriteOnly | QIODevice::Append)) {
        return base::fail(base::Errc::Io,
            "cannot write " + target.file.fileName().toStdString() + ": "
                + target.file.errorString().toStdString());
    }
    qInstallMessageHandler(handleMessage);
    return {};
}

QStringList recentLog()
{
    Sink& source = sink();
    const QMutexLocker lock{ &source.mutex };
    QStringList lines;
    for (const QString& line : source.ring) {
        lines.append(line);
    }
    return lines;
}

} // namespace loam::node
