// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/scope_guard.h"
#include "node/log.h"
#include "node/node.h"
#include "practice_service.h"
#include "rpc/home_lock.h"
#include "rpc/http_endpoint.h"
#include "rpc/methods.h"
#include "rpc/server.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QSocketNotifier>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using namespace loam;

constexpr int kFailed = 1;

int signalPipe[2] = { -1, -1 };

extern "C" void onSignal(int)
{
    // Only this is allowed in a handler; the event loop reads the byte and leaves in order.
    const char byte = 1;
    [[maybe_unused]] const ssize_t written = ::write(signalPipe[1], &byte, 1);
}

void quitOnSignals(QCoreApplication& app)
{
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, signalPipe) != 0) {
        return;
    }
    auto* notifier = new QSocketNotifier{ signalPipe[0], QSocketNotifier::Read, &app };
    QObject::connect(notifier, &QSocketNotifier::activated, &app, [notifier] {
        notifier->setEnabled(false);
        QCoreApplication::quit();
    });
    struct sigaction action = {};
    action.sa_handler = onSignal;
    for (const int number : { SIGINT, SIGTERM, SIGHUP }) {
        ::sigaction(number, &action, nullptr);
    }
    std::signal(SIGPIPE, SIG_IGN);
}

/// Whoever holds the other end of standard input wants this process; when he goes, so do we.
void quitWhenInputCloses(QCoreApplication& app)
{
    auto* notifier = new QSocketNotifier{ STDIN_FILENO, QSocketNotifier::Read, &app };
    QObject::connect(notifier, &QSocketNotifier::activated, &app, [notifier] {
        char buffer[256];
        if (::read(STDIN_FILENO, buffer, sizeof buffer) <= 0) {
            notifier->setEnabled(false);
            QCoreApplication::quit();
        }
    });
}

int complain(const base::Error& error)
{
    std::fprintf(stderr, "loamd: %s\n", error.message.c_str());
    return kFailed;
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication app{ argc, argv };
    QCoreApplication::setApplicationName(QStringLiteral("loamd"));
    QCoreApplication::setApplicationVersion(QStringLiteral(LOAM_VERSION));

    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Loam's node, without a window."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption homeOption{ QStringLiteral("home"),
        QStringLiteral("Folder of this node (default: LOAM_HOME or the user's data folder)."),
        QStringLiteral("folder") };
    const QCommandLineOption hostOption{ QStringLiteral("practice-host"),
        QStringLiteral("Run practice networks only; end when standard input closes.") };
    const QCommandLineOption parentOption{ QStringLiteral("die-with-parent"),
        QStringLiteral("End when the process that started this one ends.") };
    const QCommandLineOption misbehaveOption{ QStringLiteral("misbehave"),
        QStringLiteral("In a practice network: send poisoned updates and vote twice.") };
    const QCommandLineOption temporaryOption{ QStringLiteral("temporary"),
        QStringLiteral("With --practice-host: remove the home folder at the end.") };
    parser.addOptions({ homeOption, hostOption, temporaryOption, parentOption, misbehaveOption });
    parser.process(app);
    if (parser.isSet(parentOption)) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    }

    const QString home = rpc::homeFolder(parser.value(homeOption));
    auto lock = rpc::HomeLock::take(home);
    if (!lock) {
        return complain(lock.error());
    }
    const node::Home folders{ home.toStdString() };
    if (auto logging = node::startLogging(folders.logs()); !logging) {
        return complain(logging.error());
    }
    quitOnSignals(app);

    rpc::Server server;
    if (parser.isSet(hostOption)) {
        quitWhenInputCloses(app);
        // Whoever asked for this may be dead by then, so the cleaning is done here. The home of a
        // real node, whose keys lie in it, is never taken for a temporary one.
        const base::ScopeGuard cleaning{ [&] {
            std::error_code ignored;
            if (parser.isSet(temporaryOption)
                && !std::filesystem::exists(folders.keystore(), ignored)) {
                std::filesystem::remove_all(folders.root, ignored);
            }
        } };
        daemon::PracticeHost host{ server, folders.root };
        if (auto listening = server.listen(*lock); !listening) {
            return complain(listening.error());
        }
        return QCoreApplication::exec();
    }

    auto node = node::Node::open({ .home = folders,
        .workerProgram = QCoreApplication::applicationDirPath() + QStringLiteral("/loam-worker"),
        .misbehave = parser.isSet(misbehaveOption) });
    if (!node) {
        return complain(node.error());
    }
    rpc::registerMethods(server, **node);
    rpc::HttpEndpoint endpoint{ **node };
    rpc::registerApiMethods(server, **node, endpoint);
    const daemon::PracticeProxy practice{ server, folders.root };
    if (auto listening = server.listen(*lock); !listening) {
        return complain(listening.error());
    }
    qCInfo(node::lcNode).noquote()
        << "node" << QString::fromStdString((*node)->identity().address()) << "ready in" << home;
    return QCoreApplication::exec();
}
