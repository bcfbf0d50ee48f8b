// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "platform/bus.h"
#include "platform/monitors.h"
#include "platform/readings.h"

#include <QObject>
#include <QTimer>

#include <unistd.h>
#include <utility>

namespace loam::platform {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

namespace {

    class LinuxPowerMonitor final : public PowerMonitor
    {
    public:
        LinuxPowerMonitor(milliseconds interval, fs::path folder)
            : m_folder{ std::move(folder) }
            , m_bus{ systemBus() }
        {
            QObject::connect(&m_timer, &QTimer::timeout, &m_context, [this] { poll(); });
            m_timer.start(interval);
            poll();
        }

        PowerState state() const override { return m_state; }

    private:
        void poll()
        {
            m_state = readPowerSupplies(m_folder);
            if (!m_bus) {
                return;
            }
            // UPower also knows of supplies that the kernel does not, such as a UPS.
            const BusObject upower{ QStringLiteral("org.freedesktop.UPower"),
                QStringLiteral("/org/freedesktop/UPower"),
                QStringLiteral("org.freedesktop.UPower") };
            if (m_isOnUpsBattery) {
                m_state.source = PowerSource::Battery;
            }
            readBusProperty(*m_bus, upower, QStringLiteral("OnBattery"), &m_context,
                [this](const std::optional<QVariant>& value) {
                    m_isOnUpsBattery = value && value->toBool();
                    if (m_isOnUpsBattery) {
                        m_state.source = PowerSource::Battery;
                    } else if (value && m_state.source == PowerSource::Unknown) {
                        m_state.source = PowerSource::Mains;
                    }
                });
        }

        const fs::path m_folder;
        const std::optional<QDBusConnection> m_bus;
        PowerState m_state;
        bool m_isOnUpsBattery{ false };
        QTimer m_timer;
        QObject m_context;
    };

    class LinuxThermalMonitor final : public ThermalMonitor
    {
    public:
        LinuxThermalMonitor(milliseconds interval, fs::path thermal, fs::path hwmon)
            : m_thermal{ std::move(thermal) }
            , m_hwmon{ std::move(hwmon) }
        {
            QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { poll(); });
            m_timer.start(interval);
            poll();
        }

        std::optional<double> hottestCelsius() const override { return m_hottest; }

    private:
        void poll() { m_hottest = readHottest(m_thermal, m_hwmon); }

        const fs::path m_thermal;
        const fs::path m_hwmon;
        std::optional<double> m_hottest;
        QTimer m_timer;
    };

    class LinuxNetworkCostMonitor final : public NetworkCostMonitor
    {
    public:
        explicit LinuxNetworkCostMonitor(milliseconds interval)
            : m_bus{ systemBus() }
        {
            if (m_bus) {
                QObject::connect(&m_timer, &QTimer::timeout, &m_context, [this] { poll(); });
                m_timer.start(interval);
                poll();
            }
        }

        Metered metered() const override { return m_metered; }

    private:
        void poll()
        {
            const BusObject networkManager{ QStringLiteral("org.freedesktop.NetworkManager"),
                QStringLiteral("/org/freedesktop/NetworkManager"),
                QStringLiteral("org.freedesktop.NetworkManager") };
            readBusProperty(*m_bus, networkManager, QStringLiteral("Metered"), &m_context,
                [this](const std::optional<QVariant>& value) {
                    m_metered
                        = value ? meteredFromNetworkManager(value->toUInt()) : Metered::Unknown;
                });
        }

        const std::optional<QDBusConnection> m_bus;
        Metered m_metered{ Metered::Unknown };
        QTimer m_timer;
        QObject m_context;
    };

    class LinuxLoadMonitor final : public LoadMonitor
    {
    public:
        LinuxLoadMonitor(milliseconds interval,
            std::function<std::vector<std::int64_t>()> ownProcesses, fs::path proc)
            : m_proc{ std::move(proc) }
            , m_ownProcesses{ std::move(ownProcesses) }
        {
            QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { poll(); });
            m_timer.start(interval);
            poll();
        }

        std::optional<double> othersShare() const override { return m_share; }

    private:
        // /proc/stat has a line for each processor and interrupt.
        static constexpr std::size_t kLongestFile = 4 << 20;

        void poll()
        {
            const base::Result<base::Bytes> stat = base::readFile(m_proc / "stat", kLongestFile);
            const std::optional<ProcessorTicks> all
                = stat ? parseProcStat(base::asText(*stat)) : std::nullopt;
            if (!all) {
                m_share.reset();
                return;
            }
            // An ended worker's time moves to our own children's, so that the sum goes on.
            std::uint64_t own = ticksOf(::getpid(), true);
            if (m_ownProcesses) {
                for (const std::int64_t process : m_ownProcesses()) {
                    own += ticksOf(process, false);
                }
            }
            if (const std::optional<double> share = m_others.update(*all, own)) {
                m_share = share;
            }
        }

        std::uint64_t ticksOf(std::int64_t process, bool withChildren) const
        {
            const base::Result<base::Bytes> stat
                = base::readFile(m_proc / std::to_string(process) / "stat", kLongestFile);
            return stat ? parseProcessTicks(base::asText(*stat), withChildren).value_or(0) : 0;
        }

        const fs::path m_proc;
        const std::function<std::vector<std::int64_t>()> m_ownProcesses;
        OthersShare m_others;
        std::optional<double> m_share;
        QTimer m_timer;
    };

} // namespace

std::unique_ptr<PowerMonitor> openPowerMonitor(milliseconds interval, const fs::path& folder)
{
    return std::make_unique<LinuxPowerMonitor>(interval, folder);
}

std::unique_ptr<ThermalMonitor> openThermalMonitor(
    milliseconds interval, const fs::path& thermal, const fs::path& hwmon)
{
    return std::make_unique<LinuxThermalMonitor>(interval, thermal, hwmon);
}

std::unique_ptr<NetworkCostMonitor> openNetworkCostMonitor(milliseconds interval)
{
    return std::make_unique<LinuxNetworkCostMonitor>(interval);
}

std::unique_ptr<LoadMonitor> openLoadMonitor(milliseconds interval,
    std::function<std::vector<std::int64_t>()> ownProcesses, const fs::path& proc)
{
    return std::make_unique<LinuxLoadMonitor>(interval, std::move(ownProcesses), proc);
}

} // namespace loam::platform
