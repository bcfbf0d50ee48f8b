// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <unistd.h>

namespace {

void answer(const QJsonObject& object)
{
    const QByteArray line = QJsonDocument{ object }.toJson(QJsonDocument::Compact) + '\n';
    std::fwrite(line.constData(), 1, static_cast<std::size_t>(line.size()), stdout);
    std::fflush(stdout);
}

} // namespace

int main()
{
    std::string line;
    QString texts;
    while (std::getline(std::cin, line)) {
        const QJsonObject job = QJsonDocument::fromJson(QByteArray::fromStdString(line)).object();
        const QString name = job.value(QLatin1String{ "job" }).toString();
        QJsonObject reply{ { QStringLiteral("id"), job.value(QLatin1String{ "id" }) } };
        if (name == QLatin1String{ "crash" }) {
            std::abort();
        }
        if (name == QLatin1String{ "refuse" }) {
            reply[QLatin1String{ "ok" }] = false;
            reply[QLatin1String{ "code" }] = QStringLiteral("corrupt");
            reply[QLatin1String{ "message" }] = QStringLiteral("the file is torn");
            answer(reply);
        } else if (name == QLatin1String{ "report" }) {
            QJsonObject progress = reply;
            progress[QLatin1String{ "progress" }] = QJsonObject{ { QStringLiteral("step"), 1 } };
            answer(progress);
            reply[QLatin1String{ "ok" }] = true;
            reply[QLatin1String{ "pid" }] = static_cast<qint64>(::getpid());
            answer(reply);
        } else if (name == QLatin1String{ "private_text" }) {
            texts += job.value(QLatin1String{ "text" }).toString();
            reply[QLatin1String{ "ok" }] = true;
            answer(reply);
        } else if (name == QLatin1String{ "private_train" }) {
            const QString output = job.value(QLatin1String{ "output" }).toString();
            QFile vector{ output };
            if (vector.open(QIODevice::WriteOnly)) {
                vector.write(QByteArray::fromHex("0100000002000000"));
                vector.close();
            }
            const int steps = job.value(QLatin1String{ "steps" }).toInt();
            for (int step = 1; step <= steps; ++step) {
                QJsonObject progress = reply;
                progress[QLatin1String{ "progress" }]
                    = QJsonObject{ { QStringLiteral("step"), step } };
                answer(progress);
                ::usleep(2000);
            }
            reply[QLatin1String{ "ok" }] = true;
            reply[QLatin1String{ "characters" }] = texts.size();
            answer(reply);
        }
    }
    return 0;
}
