// SPDX-License-Identifier: GPL-3.0-or-later
#include "platform/readings.h"

#include "base/file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <system_error>
#include <vector>

namespace loam::platform {

namespace fs = std::filesystem;

namespace {

    /// Attributes of sysfs and procfs are short; more would not be one.
    constexpr std::size_t kLongestAttribute = 4096;

    std::string readAttribute(const fs::path& path)
    {
        const base::Result<base::Bytes> bytes = base::readFile(path, kLongestAttribute);
        if (!bytes) {
            return {};
        }
        std::string text{ base::asText(*bytes) };
        text.erase(text.find_last_not_of(" \n\r\t") + 1);
        return text;
    }

    template <class Number> std::optional<Number> toNumber(std::string_view text)
    {
        Number value{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size()) {
            return std::nullopt;
        }
        return value;
    }

    std::optional<double> readNumber(const fs::path& path)
    {
        const std::optional<std::int64_t> value = toNumber<std::int64_t>(readAttribute(path));
        return value ? std::optional{ static_cast<double>(*value) } : std::nullopt;
    }

    std::vector<fs::path> entriesOf(const fs::path& folder)
    {
        std::vector<fs::path> out;
        std::error_code error;
        for (fs::directory_iterator it{ folder, error }, end; !error && it != end;
             it.increment(error)) {
            out.push_back(it->path());
        }
        return out;
    }

    std::vector<std::string_view> fieldsOf(std::string_view text)
    {
        std::vector<std::string_view> out;
        while (true) {
            const std::size_t begin = text.find_first_not_of(" \n");
            if (begin == std::string_view::npos) {
                return out;
            }
            const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
            out.push_back(text.substr(begin, end - begin));
            text.remove_prefix(end);
        }
    }

    /// What a battery holds and could hold, in one unit of its own.
    struct Charge
    {
        double now{ 0 };
        double full{ 0 };
    };

    std::optional<Charge> chargeOf(const fs::path& battery)
    {
        for (const std::string unit : { "energy", "charge" }) {
            const std::optional<double> now = readNumber(battery / (unit + "_now"));
            const std::optional<double> full = readNumber(battery / (unit + "_full"));
            if (now && full && *full > 0) {
                return Charge{ *now, *full };
            }
        }
        const std::optional<double> percent = readNumber(battery / "capacity");
        return percent ? std::optional{ Charge{ *percent, 100.0 } } : std::nullopt;
    }

    void keepHottest(std::optional<double>& hottest, const fs::path& sensor)
    {
        const std::optional<double> milli = readNumber(sensor);
        if (milli && *milli >= 1'000 && *milli <= 150'000) {
            hottest = std::max(hottest.value_or(0.0), *milli / 1000.0);
        }
    }

} // namespace

PowerState readPowerSupplies(const fs::path& folder)
{
    bool isMainsOnline = false;
    bool isDischarging = false;
    int batteries = 0;
    double shareSum = 0;
    for (const fs::path& supply : entriesOf(folder)) {
        const std::string type = readAttribute(supply / "type");
        if (type == "Mains" || type == "USB") {
            isMainsOnline = isMainsOnline || readAttribute(supply / "online") == "1";
        } else if (type == "Battery" && readAttribute(supply / "scope") != "Device") {
            isDischarging = isDischarging || readAttribute(supply / "status") == "Discharging";
            if (const std::optional<Charge> charge = chargeOf(supply)) {
                ++batteries;
                shareSum += std::min(1.0, charge->now / charge->full);
            }
        }
    }
    PowerState out;
    if (batteries > 0) {
        out.batteryPercent = 100.0 * shareSum / batteries;
    }
    // Some docks report a supply that is online and too weak: what the battery does counts.
    if (isDischarging) {
        out.source = PowerSource::Battery;
    } else if (isMainsOnline || batteries > 0) {
        out.source = PowerSource::Mains;
    }
    return out;
}

std::optional<double> readHottest(const fs::path& thermal, const fs::path& hwmon)
{
    std::optional<double> hottest;
    for (const fs::path& zone : entriesOf(thermal)) {
        if (zone.filename().string().starts_with("thermal_zone")) {
            keepHottest(hottest, zone / "temp");
        }
    }
    // Processors of AMD and graphics cards have no thermal zone. Other sensors (disks, radios)
    // tell nothing about our work.
    constexpr std::array<std::string_view, 6> kDrivers{ "coretemp", "k10temp", "zenpower", "amdgpu",
        "nouveau", "cpu_thermal" };
    for (const fs::path& chip : entriesOf(hwmon)) {
        if (std::ranges::find(kDrivers, readAttribute(chip / "name")) == kDrivers.end()) {
            continue;
        }
        for (const fs::path& file : entriesOf(chip)) {
            const std::string name = file.filename().string();
            if (name.starts_with("temp") && name.ends_with("_input")) {
                keepHottest(hottest, file);
            }
        }
    }
    return hottest;
}

std::optional<ProcessorTicks> parseProcStat(std::string_view text)
{
    const std::vector<std::string_view> fields = fieldsOf(text.substr(0, text.find('\n')));
    // cpu user nice system idle iowait irq softirq steal guest guest_nice; guest is within user.
    if (fields.size() < 5 || fields[0] != "cpu") {
        return std::nullopt;
    }
    ProcessorTicks out;
    for (std::size_t i = 1; i < std::min<std::size_t>(fields.size(), 9); ++i) {
        const std::optional<std::uint64_t> ticks = toNumber<std::uint64_t>(fields[i]);
        if (!ticks) {
            return std::nullopt;
        }
        out.total += *ticks;
        if (i != 4 && i != 5) {
            out.busy += *ticks;
        }
    }
    return out;
}

std::optional<std::uint64_t> parseProcessTicks(std::string_view text, bool withChildren)
{
    const std::size_t nameEnd = text.rfind(')');
    if (nameEnd == std::string_view::npos) {
        return std::nullopt;
    }
    // After the name come fields 3 (state) and on; utime is 14, stime 15, cutime 16, cstime 17.
    const std::vector<std::string_view> fields = fieldsOf(text.substr(nameEnd + 1));
    constexpr std::size_t kUserTime = 14 - 3;
    const std::size_t count = withChildren ? 4 : 2;
    if (fields.size() < kUserTime + count) {
        return std::nullopt;
    }
    std::uint64_t sum = 0;
    for (std::size_t i = kUserTime; i < kUserTime + count; ++i) {
        const std::optional<std::uint64_t> ticks = toNumber<std::uint64_t>(fields[i]);
        if (!ticks) {
            return std::nullopt;
        }
        sum += *ticks;
    }
    return sum;
}

Metered meteredFromNetworkManager(std::uint32_t value)
{
    switch (value) {
    case 1: // yes
    case 3: // guessed yes
        return Metered::Yes;
    case 2: // no
    case 4: // guessed no
        return Metered::No;
    default:
        return Metered::Unknown;
    }
}

std::optional<double> OthersShare::update(ProcessorTicks all, std::uint64_t own)
{
    if (m_all && m_all->total == all.total) {
        return std::nullopt;
    }
    const std::optional<ProcessorTicks> before = m_all;
    const std::uint64_t ownBefore = m_own;
    m_all = all;
    m_own = own;
    if (!before || all.total < before->total || all.busy < before->busy) {
        return std::nullopt;
    }
    const auto busy = static_cast<double>(all.busy - before->busy);
    const auto ours = own > ownBefore ? static_cast<double>(own - ownBefore) : 0.0;
    const auto total = static_cast<double>(all.total - before->total);
    return std::clamp((busy - ours) / total, 0.0, 1.0);
}

std::chrono::milliseconds SessionIdleUnit::toIdleTime(
    std::uint32_t value, std::chrono::steady_clock::time_point now)
{
    constexpr std::chrono::seconds kEnough{ 3 };
    if (!m_first || value < m_first->value) {
        m_first = Sample{ value, now };
    } else if (now - m_first->time >= kEnough && value > m_first->value) {
        const auto elapsed
            = std::chrono::duration_cast<std::chrono::milliseconds>(now - m_first->time).count();
        const auto grown = static_cast<std::int64_t>(value - m_first->value);
        // One unit a second or a thousand: the middle of the two on a scale of ratios.
        m_isSeconds = grown * 30 < elapsed;
        m_first = Sample{ value, now };
    }
    return m_isSeconds ? std::chrono::seconds{ value } : std::chrono::milliseconds{ value };
}

} // namespace loam::platform
