// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "fakes/fake_machine.h"
#include "platform/monitors.h"

#include <QDBusConnection>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace loam;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

class FakeMutter : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.gnome.Mutter.IdleMonitor")

public:
    qulonglong idle{ 0 };

public Q_SLOTS:
    qulonglong GetIdletime() const { return idle; } // NOLINT(readability-identifier-naming)
};

class FakeScreenSaver : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.ScreenSaver")

public Q_SLOTS:
    uint GetSessionIdleTime() const { return 1234; } // NOLINT(readability-identifier-naming)
};

class FakeLogind : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.login1.Manager")
    Q_PROPERTY(bool IdleHint MEMBER isIdle)
    Q_PROPERTY(qulonglong IdleSinceHint MEMBER since)

public:
    bool isIdle{ false };
    qulonglong since{ 0 };
};

class FakeNetworkManager : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.NetworkManager")
    Q_PROPERTY(uint Metered MEMBER metered)

public:
    uint metered{ 1 };
};

class FakeUpower : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.UPower")
    Q_PROPERTY(bool OnBattery MEMBER isOnBattery)

public:
    bool isOnBattery{ true };
};

constexpr auto kAll = QDBusConnection::ExportAllContents;

QDBusConnection bus()
{
    return QDBusConnection::sessionBus();
}

/// Offers `object` on the bus until the end of the scope.
class Offer
{
public:
    Offer(const char* service, const char* path, QObject& object)
        : m_service{ QString::fromLatin1(service) }
        , m_path{ QString::fromLatin1(path) }
        , m_isOffered{ bus().registerObject(m_path, &object, kAll)
            && bus().registerService(m_service) }
    {
    }
    Offer(const Offer&) = delete;
    Offer& operator=(const Offer&) = delete;
    ~Offer()
    {
        bus().unregisterService(m_service);
        bus().unregisterObject(m_path);
    }
    bool isOffered() const { return m_isOffered; }

private:
    const QString m_service;
    const QString m_path;
    const bool m_isOffered;
};

} // namespace

class TestMonitors : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void idleIsUnknownWithoutAnybodyToAsk();
    void idleFromMutter();
    void idleFallsBackToTheNextSource();
    void logindCountsOnceItHasSpoken();
    void survivesTheEndOfTheXServer();
    void power();
    void networkCost();
    void load();
    void autostart();
    void machineOfThisComputer();
    void giveWay();
    void fakeMachineAnswersWhatItIsTold();

private:
    QTemporaryDir m_folder;
    QProcess m_daemon;
};

void TestMonitors::initTestCase()
{
    for (const char* name : { "DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE" }) {
        qunsetenv(name);
    }
    // A private bus stands for both the session's and the system's.
    m_daemon.start(QStringLiteral("dbus-daemon"),
        { QStringLiteral("--session"), QStringLiteral("--nofork"),
            QStringLiteral("--print-address") });
    if (!m_daemon.waitForStarted()) {
        QFAIL("dbus-daemon is missing (package dbus)");
    }
    QTRY_VERIFY(m_daemon.canReadLine());
    const QByteArray address = m_daemon.readLine().trimmed();
    qputenv("DBUS_SESSION_BUS_ADDRESS", address);
    qputenv("DBUS_SYSTEM_BUS_ADDRESS", address);
    QVERIFY(bus().isConnected());
}

void TestMonitors::cleanupTestCase()
{
    QDBusConnection::disconnectFromBus(QStringLiteral("qt_default_session_bus"));
    QDBusConnection::disconnectFromBus(QStringLiteral("qt_default_system_bus"));
    m_daemon.kill();
    m_daemon.waitForFinished();
}

void TestMonitors::idleIsUnknownWithoutAnybodyToAsk()
{
    const auto monitor = platform::openIdleMonitor(20ms);
    QVERIFY(!monitor->idleTime());
    QTest::qWait(100); // several polls later it is still so
    QVERIFY(!monitor->idleTime());
    QCOMPARE(monitor->source(), std::string{ "none" });
}

void TestMonitors::idleFromMutter()
{
    FakeMutter mutter;
    mutter.idle = 61'000;
    const Offer offer{ "org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core",
        mutter };
    QVERIFY(offer.isOffered());
    const auto monitor = platform::openIdleMonitor(20ms);
    QTRY_COMPARE(monitor->idleTime(), std::optional{ 61'000ms });
    QCOMPARE(monitor->source(), std::string{ "mutter" });
    mutter.idle = 3; // a key press
    QTRY_COMPARE(monitor->idleTime(), std::optional{ 3ms });
}

void TestMonitors::idleFallsBackToTheNextSource()
{
    FakeScreenSaver saver;
    const Offer offer{ "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver", saver };
    QVERIFY(offer.isOffered());
    auto mutter = std::make_unique<FakeMutter>();
    auto first = std::make_unique<Offer>(
        "org.gnome.Mutter.IdleMonitor", "/org/gnome/Mutter/IdleMonitor/Core", *mutter);
    QVERIFY(first->isOffered());
    const auto monitor = platform::openIdleMonitor(20ms);
    QTRY_COMPARE(monitor->source(), std::string{ "mutter" });
    first.reset();
    QTRY_COMPARE(monitor->source(), std::string{ "screensaver" });
    QCOMPARE(monitor->idleTime(), std::optional{ 1234ms });
}

void TestMonitors::logindCountsOnceItHasSpoken()
{
    FakeLogind logind;
    const Offer offer{ "org.freedesktop.login1", "/org/freedesktop/login1", logind };
    QVERIFY(offer.isOffered());
    const auto monitor = platform::openIdleMonitor(20ms);
    QTest::qWait(100);
    QVERIFY(!monitor->idleTime());
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    logind.since = static_cast<qulonglong>((now - 90s).count());
    logind.isIdle = true;
    QTRY_VERIFY(monitor->idleTime() && *monitor->idleTime() >= 90s);
    QVERIFY(*monitor->idleTime() < 100s);
    QCOMPARE(monitor->source(), std::string{ "logind" });
    logind.isIdle = false;
    QTRY_COMPARE(monitor->idleTime(), std::optional{ 0ms });
}

void TestMonitors::survivesTheEndOfTheXServer()
{
    QProcess server;
    server.start(QStringLiteral("Xvfb"),
        { QStringLiteral("-displayfd"), QStringLiteral("1"), QStringLiteral("-nolisten"),
            QStringLiteral("tcp") });
    if (!server.waitForStarted()) {
        QSKIP("Xvfb is missing (package xvfb)");
    }
    QTRY_VERIFY_WITH_TIMEOUT(server.canReadLine(), 20'000);
    qputenv("DISPLAY", ":" + server.readLine().trimmed());
    const auto monitor = platform::openIdleMonitor(20ms);
    qunsetenv("DISPLAY");
    QTRY_COMPARE(monitor->source(), std::string{ "xscreensaver" });
    const auto first = monitor->idleTime();
    QVERIFY(first);
    // Nobody touches this server: its idle time grows.
    QTRY_VERIFY(monitor->idleTime() > first);
    // Xlib would end the process here.
    server.kill();
    QVERIFY(server.waitForFinished());
    QTRY_COMPARE(monitor->source(), std::string{ "none" });
    QVERIFY(!monitor->idleTime());
}

void TestMonitors::power()
{
    const fs::path folder = fs::path{ m_folder.path().toStdString() } / "power";
    fs::create_directories(folder);
    {
        const auto monitor = platform::openPowerMonitor(20ms, folder);
        QCOMPARE(monitor->state(), platform::PowerState{});
    }
    FakeUpower upower;
    const Offer offer{ "org.freedesktop.UPower", "/org/freedesktop/UPower", upower };
    QVERIFY(offer.isOffered());
    const auto monitor = platform::openPowerMonitor(20ms, folder);
    QTRY_COMPARE(monitor->state().source, platform::PowerSource::Battery);
    upower.isOnBattery = false;
    QTRY_COMPARE(monitor->state().source, platform::PowerSource::Mains);
}

void TestMonitors::networkCost()
{
    FakeNetworkManager manager;
    const auto monitor = platform::openNetworkCostMonitor(20ms);
    QCOMPARE(monitor->metered(), platform::Metered::Unknown);
    {
        const Offer offer{ "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager",
            manager };
        QVERIFY(offer.isOffered());
        QTRY_COMPARE(monitor->metered(), platform::Metered::Yes);
        manager.metered = 4;
        QTRY_COMPARE(monitor->metered(), platform::Metered::No);
    }
    QTRY_COMPARE(monitor->metered(), platform::Metered::Unknown);
}

void TestMonitors::load()
{
    const fs::path proc = fs::path{ m_folder.path().toStdString() } / "proc";
    const auto write = [&proc](const fs::path& name, const std::string& text) {
        fs::create_directories((proc / name).parent_path());
        QVERIFY(base::writeFileAtomically(proc / name, base::asBytes(text)));
    };
    const auto process = [](int ticks) {
        return "1 (x) S 1 2 3 4 5 6 7 8 9 10 " + std::to_string(ticks) + " 0 0 0 20 0";
    };
    write("stat", "cpu 100 0 0 900\n");
    write(std::to_string(::getpid()) + "/stat", process(10));
    write("77/stat", process(20));
    const auto monitor = platform::openLoadMonitor(
        20ms,
        [] {
            return std::vector<std::int64_t>{ 77, 99999 };
        },
        proc);
    QVERIFY(!monitor->othersShare());
    // 100 ticks: 80 busy, 10 of them ours, 20 the worker's. The whole is written last: a poll in
    // between sees that no time has passed.
    write(std::to_string(::getpid()) + "/stat", process(20));
    write("77/stat", process(40));
    write("stat", "cpu 180 0 0 920\n");
    QTRY_COMPARE(monitor->othersShare(), std::optional{ 0.5 });
}

void TestMonitors::autostart()
{
    const fs::path folder = fs::path{ m_folder.path().toStdString() } / "config" / "autostart";
    const auto autostart = platform::openAutostart("/usr/bin/loam --hidden", folder);
    QVERIFY(!autostart->isEnabled());
    QVERIFY(autostart->setEnabled(false)); // nothing to remove is no failure
    QVERIFY(autostart->setEnabled(true));
    QVERIFY(autostart->isEnabled());
    const auto bytes = base::readFile(folder / "loam.desktop", 10'000);
    QVERIFY(bytes);
    const std::string text{ base::asText(*bytes) };
    QVERIFY(text.starts_with("[Desktop Entry]\n"));
    QVERIFY(text.find("\nExec=/usr/bin/loam --hidden\n") != std::string::npos);
    // The desktop's own settings switch it off in their way.
    QVERIFY(base::writeFileAtomically(
        folder / "loam.desktop", base::asBytes(text + "X-GNOME-Autostart-enabled=false\n")));
    QVERIFY(!autostart->isEnabled());
    QVERIFY(
        base::writeFileAtomically(folder / "loam.desktop", base::asBytes(text + "Hidden=true")));
    QVERIFY(!autostart->isEnabled());
    QVERIFY(autostart->setEnabled(true));
    QVERIFY(autostart->setEnabled(false));
    QVERIFY(!fs::exists(folder / "loam.desktop"));
    const auto nowhere = platform::openAutostart("loam", "/proc/nowhere");
    QVERIFY(!nowhere->setEnabled(true));
}

void TestMonitors::machineOfThisComputer()
{
    qputenv("XDG_CONFIG_HOME", m_folder.path().toLocal8Bit());
    platform::MachineOptions options;
    options.idleInterval = 20ms;
    options.slowInterval = 20ms;
    const platform::Machine machine = platform::openMachine(options);
    // The real /proc: others' share appears and is a share.
    QTRY_VERIFY(machine.load->othersShare());
    QVERIFY(*machine.load->othersShare() >= 0.0 && *machine.load->othersShare() <= 1.0);
    QVERIFY(!machine.autostart->isEnabled());
    if (const auto celsius = machine.thermal->hottestCelsius()) {
        QVERIFY(*celsius > 0.0 && *celsius < 150.0);
    }
}

void TestMonitors::giveWay()
{
    // In a child, because it cannot be taken back.
    const pid_t child = ::fork();
    QVERIFY(child >= 0);
    if (child == 0) {
        const bool isDone = platform::giveWay().has_value();
        const bool isIdleClass = ::sched_getscheduler(0) == SCHED_IDLE;
        ::_exit(isDone && isIdleClass ? 0 : 1);
    }
    int status = -1;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY(WIFEXITED(status));
    QCOMPARE(WEXITSTATUS(status), 0);
}

void TestMonitors::fakeMachineAnswersWhatItIsTold()
{
    fakes::MachineState state;
    const platform::Machine machine = fakes::fakeMachine(state);
    QVERIFY(!machine.idle->idleTime());
    state.idle = 5s;
    state.metered = platform::Metered::Yes;
    QCOMPARE(machine.idle->idleTime(), std::optional<std::chrono::milliseconds>{ 5s });
    QCOMPARE(machine.networkCost->metered(), platform::Metered::Yes);
    QVERIFY(machine.autostart->setEnabled(true));
    QVERIFY(state.isAutostartEnabled);
}

QTEST_GUILESS_MAIN(TestMonitors)
#include "tst_monitors.moc"
