// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "platform/memory.h"
#include "platform/readings.h"

#include <QTemporaryDir>
#include <QTest>

using namespace loam;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

using Files = QMap<QString, QByteArray>;

class TestReadings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void memory();
    void powerSupplies_data();
    void powerSupplies();
    void hottest_data();
    void hottest();
    void procStat_data();
    void procStat();
    void processTicks_data();
    void processTicks();
    void othersShare();
    void metered();
    void sessionIdleUnit_data();
    void sessionIdleUnit();

private:
    fs::path write(const Files& files);
    QTemporaryDir m_folder;
    int m_count{ 0 };
};

fs::path TestReadings::write(const Files& files)
{
    const fs::path root = fs::path{ m_folder.path().toStdString() } / std::to_string(++m_count);
    fs::create_directories(root);
    for (auto it = files.begin(); it != files.end(); ++it) {
        const fs::path path = root / it.key().toStdString();
        fs::create_directories(path.parent_path());
        if (!base::writeFileAtomically(path, base::asBytes(it.value().toStdString()))) {
            qFatal("cannot write the fixture");
        }
    }
    return root;
}

void TestReadings::powerSupplies_data()
{
    QTest::addColumn<Files>("files");
    QTest::addColumn<int>("source");
    QTest::addColumn<double>("percent"); // below zero: none
    const auto file = [](const char* name) { return QString::fromLatin1(name); };
    using platform::PowerSource;
    QTest::newRow("desktop") << Files{} << int(PowerSource::Unknown) << -1.0;
    QTest::newRow("laptop, plugged in") << Files{ { file("AC/type"), "Mains\n" },
        { file("AC/online"), "1\n" }, { file("BAT0/type"), "Battery\n" },
        { file("BAT0/status"), "Charging\n" }, { file("BAT0/energy_now"), "30000000\n" },
        { file("BAT0/energy_full"), "40000000\n" } }
                                        << int(PowerSource::Mains) << 75.0;
    QTest::newRow("laptop, unplugged")
        << Files{ { file("AC/type"), "Mains\n" }, { file("AC/online"), "0\n" },
               { file("BAT0/type"), "Battery\n" }, { file("BAT0/status"), "Discharging\n" },
               { file("BAT0/charge_now"), "1000\n" }, { file("BAT0/charge_full"), "4000\n" } }
        << int(PowerSource::Battery) << 25.0;
    QTest::newRow("two batteries, capacity only")
        << Files{ { file("BAT0/type"), "Battery\n" }, { file("BAT0/status"), "Full\n" },
               { file("BAT0/capacity"), "100\n" }, { file("BAT1/type"), "Battery\n" },
               { file("BAT1/status"), "Discharging\n" }, { file("BAT1/capacity"), "50\n" } }
        << int(PowerSource::Battery) << 75.0;
    QTest::newRow("a mouse's battery")
        << Files{ { file("hidpp/type"), "Battery\n" }, { file("hidpp/scope"), "Device\n" },
               { file("hidpp/status"), "Discharging\n" }, { file("hidpp/capacity"), "5\n" } }
        << int(PowerSource::Unknown) << -1.0;
    QTest::newRow("a dock that is too weak") << Files{ { file("ucsi/type"), "USB\n" },
        { file("ucsi/online"), "1\n" }, { file("BAT0/type"), "Battery\n" },
        { file("BAT0/status"), "Discharging\n" }, { file("BAT0/capacity"), "40\n" } }
                                             << int(PowerSource::Battery) << 40.0;
    QTest::newRow("nonsense") << Files{ { file("BAT0/type"), "Battery\n" },
        { file("BAT0/status"), "Unknown\n" }, { file("BAT0/energy_now"), "many\n" },
        { file("BAT0/energy_full"), "0\n" } }
                              << int(PowerSource::Unknown) << -1.0;
}

void TestReadings::powerSupplies()
{
    QFETCH(const Files, files);
    QFETCH(const int, source);
    QFETCH(const double, percent);
    const platform::PowerState state = platform::readPowerSupplies(write(files));
    QCOMPARE(int(state.source), source);
    QCOMPARE(state.batteryPercent.value_or(-1.0), percent);
}

void TestReadings::hottest_data()
{
    QTest::addColumn<Files>("files");
    QTest::addColumn<double>("celsius"); // below zero: none
    const auto file = [](const char* name) { return QString::fromLatin1(name); };
    QTest::newRow("none") << Files{} << -1.0;
    QTest::newRow("zones") << Files{ { file("thermal/thermal_zone0/temp"), "45000\n" },
        { file("thermal/thermal_zone1/temp"), "61500\n" },
        { file("thermal/cooling_device0/temp"), "99000\n" } }
                           << 61.5;
    QTest::newRow("broken sensors") << Files{ { file("thermal/thermal_zone0/temp"), "-273200\n" },
        { file("thermal/thermal_zone1/temp"), "\n" },
        { file("thermal/thermal_zone2/temp"), "255000\n" },
        { file("thermal/thermal_zone3/temp"), "0\n" } }
                                    << -1.0;
    QTest::newRow("processor without a zone") << Files{ { file("hwmon/hwmon0/name"), "nvme\n" },
        { file("hwmon/hwmon0/temp1_input"), "80000\n" }, { file("hwmon/hwmon1/name"), "k10temp\n" },
        { file("hwmon/hwmon1/temp1_input"), "55125\n" },
        { file("hwmon/hwmon1/temp1_max"), "95000\n" } }
                                              << 55.125;
}

void TestReadings::hottest()
{
    QFETCH(const Files, files);
    QFETCH(const double, celsius);
    const fs::path root = write(files);
    QCOMPARE(platform::readHottest(root / "thermal", root / "hwmon").value_or(-1.0), celsius);
}

void TestReadings::procStat_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isValid");
    QTest::addColumn<int>("busy");
    QTest::addColumn<int>("total");
    QTest::newRow("of a real kernel")
        << QByteArray{ "cpu  100 20 30 1000 50 1 2 3 40 4\ncpu0 1 1 1 1 1 1 1 1 1 1\n" } << true
        << 156 << 1206;
    QTest::newRow("old kernel") << QByteArray{ "cpu  1 2 3 4\n" } << true << 6 << 10;
    QTest::newRow("empty") << QByteArray{} << false << 0 << 0;
    QTest::newRow("other line") << QByteArray{ "intr 1 2 3 4 5\n" } << false << 0 << 0;
    QTest::newRow("no number") << QByteArray{ "cpu 1 2 x 4\n" } << false << 0 << 0;
    QTest::newRow("negative") << QByteArray{ "cpu 1 2 -3 4\n" } << false << 0 << 0;
}

void TestReadings::procStat()
{
    QFETCH(const QByteArray, text);
    QFETCH(const bool, isValid);
    const auto ticks = platform::parseProcStat(text.toStdString());
    QCOMPARE(ticks.has_value(), isValid);
    if (ticks) {
        QTEST(int(ticks->busy), "busy");
        QTEST(int(ticks->total), "total");
    }
}

void TestReadings::processTicks_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("withChildren");
    QTest::addColumn<int>("ticks"); // below zero: not parsed
    const QByteArray rest = " S 1 2 3 4 5 6 7 8 9 10 11 22 33 44 20 0 1 0 99";
    QTest::newRow("alone") << "42 (loamd)" + rest << false << 33;
    QTest::newRow("with children") << "42 (loamd)" + rest << true << 110;
    QTest::newRow("odd name") << "42 (a) R 9 (b c)" + rest << false << 33;
    QTest::newRow("cut off") << QByteArray{ "42 (loamd) S 1 2 3" } << false << -1;
    QTest::newRow("empty") << QByteArray{} << false << -1;
}

void TestReadings::processTicks()
{
    QFETCH(const QByteArray, text);
    QFETCH(const bool, withChildren);
    QFETCH(const int, ticks);
    const auto parsed = platform::parseProcessTicks(text.toStdString(), withChildren);
    QCOMPARE(parsed ? int(*parsed) : -1, ticks);
}

void TestReadings::othersShare()
{
    platform::OthersShare share;
    QVERIFY(!share.update({ .busy = 100, .total = 1000 }, 50));
    // 200 ticks pass, 100 busy, 60 of them ours.
    QCOMPARE(share.update({ .busy = 200, .total = 1200 }, 110), std::optional{ 0.2 });
    // A worker that was never counted ended: our sum falls and nothing is ours.
    QCOMPARE(share.update({ .busy = 250, .total = 1300 }, 10), std::optional{ 0.5 });
    // Rounding of the kernel may give us more than all.
    QCOMPARE(share.update({ .busy = 260, .total = 1400 }, 30), std::optional{ 0.0 });
    // No time has passed, or the counter went back after a suspend.
    QVERIFY(!share.update({ .busy = 260, .total = 1400 }, 30));
    QVERIFY(!share.update({ .busy = 1, .total = 2 }, 30));
}

void TestReadings::metered()
{
    using platform::Metered;
    using platform::meteredFromNetworkManager;
    QCOMPARE(meteredFromNetworkManager(0), Metered::Unknown);
    QCOMPARE(meteredFromNetworkManager(1), Metered::Yes);
    QCOMPARE(meteredFromNetworkManager(2), Metered::No);
    QCOMPARE(meteredFromNetworkManager(3), Metered::Yes);
    QCOMPARE(meteredFromNetworkManager(4), Metered::No);
    QCOMPARE(meteredFromNetworkManager(99), Metered::Unknown);
}

void TestReadings::sessionIdleUnit_data()
{
    QTest::addColumn<int>("unitsPerSecond");
    QTest::newRow("seconds") << 1;
    QTest::newRow("milliseconds") << 1000;
}

void TestReadings::sessionIdleUnit()
{
    QFETCH(const int, unitsPerSecond);
    platform::SessionIdleUnit unit;
    const std::chrono::steady_clock::time_point start{};
    std::chrono::milliseconds last{ 0 };
    // The owner leaves, and is asked for every half second.
    for (int half = 0; half <= 20; ++half) {
        const auto value = static_cast<std::uint32_t>(half * unitsPerSecond / 2);
        last = unit.toIdleTime(value, start + half * 500ms);
        // Never more than the truth.
        QVERIFY(last <= half * 500ms);
    }
    QVERIFY(last >= 9s);
    // He comes back and leaves again: what was learnt stays.
    QCOMPARE(unit.toIdleTime(0, start + 11s), 0ms);
    QCOMPARE(unit.toIdleTime(static_cast<std::uint32_t>(unitsPerSecond), start + 12s), 1000ms);
}

void TestReadings::memory()
{
    const platform::MemoryState state
        = platform::parseMeminfo("MemTotal:       16284840 kB\nMemFree:  1 kB\nMemAvailable:   "
                                 " 9000000 kB\n");
    QCOMPARE(state.total, std::uint64_t{ 16284840 } * 1024);
    QCOMPARE(state.available, std::uint64_t{ 9000000 } * 1024);
    QCOMPARE(platform::parseMeminfo("").total, 0U);
    QCOMPARE(platform::parseMeminfo("MemTotal:").total, 0U);
    QCOMPARE(platform::parseMeminfo("MemTotal: 99999999999999999999 kB").total, 0U);
    QVERIFY(platform::readMemory().total > platform::readMemory().available);
}

QTEST_GUILESS_MAIN(TestReadings)
#include "tst_readings.moc"
