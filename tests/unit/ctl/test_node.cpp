// SPDX-License-Identifier: GPL-3.0-or-later
// A node with a real door and nothing behind it: what loamctl needs to be tested as a program.
#include "rpc/home_lock.h"
#include "rpc/server.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonArray>
#include <QSocketNotifier>
#include <QTimer>

#include <iostream>
#include <unistd.h>

using namespace loam;
using namespace Qt::Literals::StringLiterals;

namespace {

void registerPlainMethods(rpc::Server& server)
{
    server.registerMethod(u"node.status"_s, [](const QJsonObject&, const rpc::Reply& reply) {
        reply.result({ { u"id"_s, u"loam1test"_s }, { u"height"_s, 7 }, { u"peers"_s, 3 },
            { u"reason"_s, u"quiet\x1b[31m"_s } });
    });
    server.registerMethod(u"node.stop"_s, [](const QJsonObject&, const rpc::Reply& reply) {
        reply.result({});
        QTimer::singleShot(0, qApp, &QCoreApplication::quit);
    });
    server.registerMethod(
        u"contribute.snooze"_s, [](const QJsonObject& params, const rpc::Reply& reply) {
            reply.result(
                { { u"state"_s, u"paused"_s }, { u"until"_s, params.value(u"minutes"_s) } });
        });
    server.registerMethod(
        u"wallet.unlock"_s, [](const QJsonObject& params, const rpc::Reply& reply) {
            if (params.value(u"passphrase"_s).toString() != u"correct horse"_s) {
                reply.error(base::Errc::Denied, u"the passphrase is wrong"_s);
                return;
            }
            reply.result({ { u"address"_s, u"loam1test"_s } });
        });
    server.registerMethod(u"wallet.export"_s, [](const QJsonObject&, const rpc::Reply& reply) {
        reply.result({ { u"csv"_s, u"time,kind\n"_s } });
    });
    server.registerMethod(
        u"audit.verify"_s, [](const QJsonObject& params, const rpc::Reply& reply) {
            reply.result({ { u"verified"_s, params.value(u"index"_s).toInt(-1) != 13 } });
        });
    server.registerMethod(u"audit.list"_s, [](const QJsonObject& params, const rpc::Reply& reply) {
        constexpr int kTotal = 2345;
        const int offset = params.value(u"offset"_s).toInt();
        const int end = std::min(kTotal, offset + params.value(u"limit"_s).toInt());
        QJsonArray entries;
        for (int i = offset; i < end; ++i) {
            entries.append(QJsonObject{ { u"index"_s, i } });
        }
        reply.result({ { u"total"_s, kTotal }, { u"entries"_s, entries } });
    });
}

/// Plays a practice run of two rounds; more than 60 rounds never end.
void registerPractice(rpc::Server& server)
{
    server.registerMethod(
        u"practice.stop"_s, [](const QJsonObject&, const rpc::Reply& reply) { reply.result({}); });
    server.registerMethod(
        u"practice.start"_s, [&server](const QJsonObject& params, const rpc::Reply& reply) {
            reply.result({});
            const QJsonObject node{ { u"id"_s, u"loam1a"_s }, { u"step"_s, 3 }, { u"steps"_s, 30 },
                { u"loss"_s, 2.5 }, { u"tokens_per_second"_s, 100 },
                { u"state"_s, u"training"_s } };
            server.notify(u"practice.progress"_s,
                { { u"phase"_s, u"training"_s }, { u"round"_s, 1 },
                    { u"rounds"_s, params.value(u"rounds"_s) },
                    { u"nodes"_s, QJsonArray{ node } } },
                rpc::Delivery::Latest);
            if (params.value(u"rounds"_s).toInt() > 60) {
                return;
            }
            const QJsonObject round{ { u"round"_s, 1 }, { u"loss_before"_s, 3.0 },
                { u"loss_after"_s, 2.0 }, { u"accepted"_s, QJsonArray{ u"loam1a"_s } },
                { u"refused"_s,
                    QJsonArray{
                        QJsonObject{ { u"node"_s, u"loam1b"_s }, { u"reason"_s, u"norm"_s } } } },
                { u"bytes_sent"_s, QJsonObject{ { u"loam1a"_s, 2048 } } },
                { u"earned"_s, QJsonObject{ { u"loam1a"_s, u"1.5"_s } } } };
            server.notify(u"practice.round"_s, round, rpc::Delivery::Every);
            const bool ok = params.value(u"byzantine"_s).toInt() == 0;
            const QJsonObject final{ { u"id"_s, u"loam1a"_s }, { u"audit_root"_s, u"ab"_s },
                { u"params_hash"_s, u"cd"_s }, { u"balance"_s, u"1.5"_s } };
            server.notify(u"practice.finished"_s,
                { { u"ok"_s, ok }, { u"seconds"_s, 1.5 }, { u"nodes"_s, QJsonArray{ final } },
                    { u"rounds"_s, QJsonArray{ round } }, { u"bytes_per_parameter_sent"_s, 0.2 } },
                rpc::Delivery::Every);
        });
}

} // namespace

int main(int argc, char* argv[])
{
    QCoreApplication application{ argc, argv };
    const QStringList arguments = QCoreApplication::arguments();
    const QString home = arguments.value(arguments.indexOf(u"--home"_s) + 1);
    auto lock = rpc::HomeLock::take(home);
    if (!lock) {
        std::cerr << lock.error().message << '\n';
        return 1;
    }
    if (QFile::exists(home + u"/refuse"_s)) {
        return 1;
    }
    rpc::Server server;
    registerPlainMethods(server);
    registerPractice(server);
    if (const auto listening = server.listen(*lock); !listening) {
        std::cerr << listening.error().message << '\n';
        return 1;
    }
    QSocketNotifier input{ STDIN_FILENO, QSocketNotifier::Read };
    if (arguments.contains(u"--practice-host"_s)) {
        QObject::connect(&input, &QSocketNotifier::activated, &application, [&application] {
            char byte = 0;
            if (::read(STDIN_FILENO, &byte, 1) <= 0) {
                application.quit();
            }
        });
    } else {
        input.setEnabled(false);
    }
    return QCoreApplication::exec();
}
