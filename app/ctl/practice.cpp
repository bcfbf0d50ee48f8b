// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/practice.h"

#include "ctl/commands.h"
#include "ctl/practice_view.h"
#include "ctl/session.h"
#include "rpc/client.h"

#include <QDir>
#include <QEventLoop>
#include <QJsonDocument>
#include <QProcess>
#include <QSocketNotifier>
#include <QTemporaryDir>
#include <QTimer>

#include <csignal>
#include <fcntl.h>
#include <iostream>
#include <unistd.h>

namespace loam::ctl {

using namespace Qt::Literals::StringLiterals;
using base::Errc;
using base::Result;
using std::chrono::milliseconds;

namespace {

    constexpr milliseconds kStartTimeout{ 30'000 };
    constexpr milliseconds kStopTimeout{ 5'000 };
    constexpr milliseconds kEndTimeout{ 10'000 };
    constexpr qsizetype kKeptOutput = 8 * 1024;

    int signalPipe[2] = { -1, -1 }; // written by the handler, which can reach nothing else

    void onSignal(int)
    {
        const char byte = 1;
        [[maybe_unused]] const ssize_t written = ::write(signalPipe[1], &byte, 1);
    }

    /// Turns SIGINT, SIGTERM and SIGHUP into a call on the event loop while it lives.
    class SignalWatch
    {
    public:
        template <class Callable> explicit SignalWatch(Callable callable)
        {
            if (::pipe2(signalPipe, O_CLOEXEC | O_NONBLOCK) != 0) {
                return;
            }
            m_notifier = std::make_unique<QSocketNotifier>(signalPipe[0], QSocketNotifier::Read);
            QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(),
                [callable = std::move(callable)] {
                    char bytes[16];
                    while (::read(signalPipe[0], bytes, sizeof bytes) > 0) { }
                    callable();
                });
            for (const int number : { SIGINT, SIGTERM, SIGHUP }) {
                struct sigaction action = {};
                action.sa_handler = onSignal;
                ::sigaction(number, &action, nullptr);
            }
        }
        SignalWatch(const SignalWatch&) = delete;
        SignalWatch& operator=(const SignalWatch&) = delete;
        ~SignalWatch()
        {
            for (const int number : { SIGINT, SIGTERM, SIGHUP }) {
                ::signal(number, SIG_DFL);
            }
            m_notifier.reset();
            for (int& end : signalPipe) {
                if (end >= 0) {
                    ::close(std::exchange(end, -1));
                }
            }
        }

    private:
        std::unique_ptr<QSocketNotifier> m_notifier;
    };

    PracticeView::Style styleFor(bool isJson)
    {
        if (isJson) {
            return ::isatty(STDERR_FILENO) == 1 ? PracticeView::Style::Terminal
                                                : PracticeView::Style::Silent;
        }
        return ::isatty(STDOUT_FILENO) == 1 ? PracticeView::Style::Terminal
                                            : PracticeView::Style::Lines;
    }

    /// One practice run from the first process to the last file.
    class Practice
    {
    public:
        explicit Practice(const Command& command)
            : m_command{ command }
            , m_folder{ QDir::tempPath() + u"/loam-practice-XXXXXX"_s }
            , m_view{ command.isJson ? stderr : stdout, styleFor(command.isJson) }
            , m_signals{ [this] { interrupt(); } }
        {
            m_folder.setAutoRemove(!command.local.contains(u"keep"_s));
        }

        int run()
        {
            if (!m_folder.isValid()) {
                return failed(m_folder.errorString());
            }
            if (!startHost()) {
                return failed(m_failure);
            }
            QObject::connect(&m_client, &rpc::Client::notification, &m_loop,
                [this](const QString& method, const QJsonObject& params) { take(method, params); });
            QObject::connect(&m_client, &rpc::Client::connected, &m_loop, [this] { begin(); });
            m_client.subscribe({ u"practice"_s });
            m_client.connectTo(m_folder.path());
            QTimer::singleShot(kStartTimeout, &m_loop, [this] {
                if (!m_hasBegun) {
                    fail(u"the practice node did not open its door within 30 s"_s);
                }
            });
            if (m_failure.isEmpty()) {
                m_loop.exec();
            }
            m_view.finish();
            stopHost();
            return finish();
        }

    private:
        bool startHost()
        {
            const QString program = nodeProgram();
            if (program.isEmpty()) {
                m_failure = u"there is no loamd beside loamctl or in PATH"_s;
                return false;
            }
            // Out of the terminal's group, so that Ctrl-C reaches us alone and we clean up in
            // order.
            m_host.setChildProcessModifier([] { ::setpgid(0, 0); });
            m_host.setProcessChannelMode(QProcess::MergedChannels);
            QObject::connect(&m_host, &QProcess::readyRead, &m_loop,
                [this] { m_output = (m_output + m_host.readAll()).right(kKeptOutput); });
            QObject::connect(&m_host, &QProcess::finished, &m_loop,
                [this] { fail(u"the practice node ended in the middle of the run"_s); });
            // Its standard input stays open as long as we live.
            QStringList arguments{ u"--practice-host"_s, u"--home"_s, m_folder.path() };
            if (m_folder.autoRemove()) {
                arguments << u"--temporary"_s;
            }
            m_host.start(program, arguments);
            if (!m_host.waitForStarted()) {
                m_failure = u"cannot start "_s + program + u": "_s + m_host.errorString();
                return false;
            }
            return true;
        }

        void begin()
        {
            if (m_hasBegun) {
                return;
            }
            m_hasBegun = true;
            m_client.call(u"practice.start"_s, m_command.params, &m_loop,
                [this](const Result<QJsonObject>& answer) {
                    if (!answer) {
                        fail(rpc::messageOf(answer.error()));
                    }
                });
        }

        void take(const QString& method, const QJsonObject& params)
        {
            if (method == u"practice.progress"_s) {
                m_view.showProgress(params);
            } else if (method == u"practice.round"_s) {
                m_view.showRound(params);
            } else if (method == u"practice.finished"_s) {
                m_report = params;
                m_loop.quit();
            }
        }

        void interrupt()
        {
            if (m_isStopping) {
                // Asked twice: no more patience.
                m_host.kill();
                return;
            }
            fail(u"interrupted"_s);
        }

        /// The first reason counts.
        void fail(const QString& reason)
        {
            if (m_failure.isEmpty() && m_report.isEmpty()) {
                m_failure = reason;
            }
            m_loop.quit();
        }

        void stopHost()
        {
            m_isStopping = true;
            m_host.disconnect(&m_loop);
            if (m_host.state() != QProcess::NotRunning && m_client.isConnected()
                && m_report.isEmpty()) {
                QEventLoop loop;
                m_client.call(
                    u"practice.stop"_s, {}, &loop,
                    [&loop](const Result<QJsonObject>&) { loop.quit(); }, kStopTimeout);
                loop.exec();
            }
            m_client.disconnectFrom();
            // The end of its input is the sign to go.
            m_host.closeWriteChannel();
            const auto waitForHost = [this](milliseconds time) {
                QEventLoop loop;
                QObject::connect(&m_host, &QProcess::finished, &loop, &QEventLoop::quit);
                QObject::connect(
                    &m_host, &QProcess::readyRead, &loop, [this] { m_host.readAll(); });
                QTimer::singleShot(time, &loop, &QEventLoop::quit);
                if (m_host.state() != QProcess::NotRunning) {
                    loop.exec();
                }
                return m_host.state() == QProcess::NotRunning;
            };
            if (!waitForHost(kEndTimeout)) {
                m_host.terminate();
                if (!waitForHost(kStopTimeout)) {
                    m_host.kill();
                    waitForHost(kStopTimeout);
                }
            }
        }

        int finish()
        {
            if (!m_folder.autoRemove()) {
                std::cerr << "loamctl: the nodes' folders are kept in "
                          << m_folder.path().toStdString() << '\n';
            }
            const QString error = m_report.value(u"error"_s).toString();
            if (m_report.isEmpty() || !m_report.contains(u"nodes"_s)) {
                return failed(m_report.isEmpty() ? m_failure : error);
            }
            if (m_command.isJson) {
                std::cout << QJsonDocument{ m_report }.toJson(QJsonDocument::Compact).toStdString()
                          << std::endl;
            } else {
                std::cout << practiceReport(m_report).toStdString() << std::flush;
            }
            if (!m_report.value(u"ok"_s).toBool()) {
                return failed(error.isEmpty() ? u"the practice run did not succeed"_s : error);
            }
            return kDone;
        }

        int failed(const QString& reason)
        {
            std::cerr << "loamctl: " << reason.toStdString() << '\n';
            if (m_host.state() == QProcess::NotRunning && m_report.isEmpty() && !m_output.isEmpty()
                && reason != u"interrupted"_s) {
                std::cerr << "Last messages of the practice node:\n"
                          << m_output.toStdString() << '\n';
            }
            return kFailed;
        }

        const Command& m_command;
        QTemporaryDir m_folder;
        PracticeView m_view;
        QEventLoop m_loop;
        QProcess m_host;
        rpc::Client m_client;
        SignalWatch m_signals;
        QByteArray m_output;
        QJsonObject m_report;
        QString m_failure;
        bool m_hasBegun{ false };
        bool m_isStopping{ false };
    };

} // namespace

int runPractice(const Command& command)
{
    return Practice{ command }.run();
}

} // namespace loam::ctl
