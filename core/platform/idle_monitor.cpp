// SPDX-License-Identifier: GPL-3.0-or-later
#include "platform/bus.h"
#include "platform/monitors.h"
#include "platform/readings.h"
#include "platform/xscreensaver.h"

#include <QObject>
#include <QTimer>

#include <array>
#include <optional>

namespace loam::platform {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

    /// Who can be asked, best first. Mutter's answer has a clear unit; logind is last because most
    /// desktops never tell it anything.
    enum class Source { Mutter, ScreenSaver, XScreenSaver, Logind, None };

    constexpr std::array kSources{ Source::Mutter, Source::ScreenSaver, Source::XScreenSaver,
        Source::Logind };

    /// How long a source that did not answer is left alone.
    constexpr std::chrono::seconds kAskAgain{ 30 };

    std::string nameOf(Source source)
    {
        switch (source) {
        case Source::Mutter:
            return "mutter";
        case Source::ScreenSaver:
            return "screensaver";
        case Source::XScreenSaver:
            return "xscreensaver";
        case Source::Logind:
            return "logind";
        case Source::None:
            break;
        }
        return "none";
    }

    class LinuxIdleMonitor final : public IdleMonitor
    {
    public:
        explicit LinuxIdleMonitor(milliseconds interval)
            : m_session{ sessionBus() }
            , m_system{ systemBus() }
            , m_xScreenSaver{ XScreenSaver::open(interval) }
        {
            QObject::connect(&m_timer, &QTimer::timeout, &m_context, [this] { poll(); });
            m_timer.start(interval);
            poll();
        }

        std::optional<milliseconds> idleTime() const override
        {
            if (m_source == Source::XScreenSaver) {
                return m_xScreenSaver->idleTime();
            }
            if (!m_idle) {
                return std::nullopt;
            }
            return *m_idle;
        }

        std::string source() const override { return nameOf(m_source); }

    private:
        struct State
        {
            Clock::time_point silentUntil{};
        };

        void poll()
        {
            if (!m_isAsking) {
                m_isAsking = true;
                ask(0);
            }
        }

        /// Asks the sources from `index` on until one answers.
        void ask(std::size_t index)
        {
            if (index == kSources.size()) {
                m_source = Source::None;
                m_idle.reset();
                m_isAsking = false;
                return;
            }
            if (m_states[index].silentUntil > Clock::now()) {
                ask(index + 1);
                return;
            }
            switch (kSources[index]) {
            case Source::Mutter:
                call(index, m_session,
                    { QStringLiteral("org.gnome.Mutter.IdleMonitor"),
                        QStringLiteral("/org/gnome/Mutter/IdleMonitor/Core"),
                        QStringLiteral("org.gnome.Mutter.IdleMonitor") },
                    QStringLiteral("GetIdletime"), [](const QVariant& value) {
                        return milliseconds{ static_cast<std::int64_t>(value.toULongLong()) };
                    });
                return;
            case Source::ScreenSaver:
                call(index, m_session,
                    { QStringLiteral("org.freedesktop.ScreenSaver"),
                        QStringLiteral("/org/freedesktop/ScreenSaver"),
                        QStringLiteral("org.freedesktop.ScreenSaver") },
                    QStringLiteral("GetSessionIdleTime"), [this](const QVariant& value) {
                        return m_unit.toIdleTime(value.toUInt(), Clock::now());
                    });
                return;
            case Source::XScreenSaver:
                answer(index, m_xScreenSaver ? m_xScreenSaver->idleTime() : std::nullopt);
                return;
            case Source::Logind:
                askLogind(index);
                return;
            case Source::None:
                return;
            }
        }

        template <class Convert>
        void call(std::size_t index, const std::optional<QDBusConnection>& bus,
            const BusObject& object, const QString& method, Convert convert)
        {
            if (!bus) {
                answer(index, std::nullopt);
                return;
            }
            callBus(*bus, object, method, &m_context,
                [this, index, convert](const std::optional<QVariant>& value) {
                    answer(index, value ? std::optional{ convert(*value) } : std::nullopt);
                });
        }

        void askLogind(std::size_t index)
        {
            if (!m_system) {
                answer(index, std::nullopt);
                return;
            }
            const BusObject logind{ QStringLiteral("org.freedesktop.login1"),
                QStringLiteral("/org/freedesktop/login1"),
                QStringLiteral("org.freedesktop.login1.Manager") };
            readBusProperty(*m_system, logind, QStringLiteral("IdleHint"), &m_context,
                [this, index, logind](const std::optional<QVariant>& hint) {
                    if (!hint) {
                        answer(index, std::nullopt);
                    } else if (hint->toBool()) {
                        askLogindSince(index, logind);
                    } else if (m_hasLogindBeenIdle) {
                        answer(index, milliseconds{ 0 });
                    } else {
                        // "Not idle" from a desktop that never says otherwise means nothing.
                        m_idle.reset();
                        m_source = Source::None;
                        m_isAsking = false;
                    }
                });
        }

        void askLogindSince(std::size_t index, const BusObject& logind)
        {
            readBusProperty(*m_system, logind, QStringLiteral("IdleSinceHint"), &m_context,
                [this, index](const std::optional<QVariant>& since) {
                    if (!since || since->toULongLong() == 0) {
                        answer(index, std::nullopt);
                        return;
                    }
                    m_hasLogindBeenIdle = true;
                    const std::chrono::microseconds at{ static_cast<std::int64_t>(
                        since->toULongLong()) };
                    const auto idle = std::chrono::system_clock::now().time_since_epoch() - at;
                    answer(index,
                        std::max(
                            milliseconds{ 0 }, std::chrono::duration_cast<milliseconds>(idle)));
                });
        }

        void answer(std::size_t index, std::optional<milliseconds> idle)
        {
            if (!idle) {
                m_states[index].silentUntil = Clock::now() + kAskAgain;
                ask(index + 1);
                return;
            }
            m_source = kSources[index];
            m_idle = idle;
            m_isAsking = false;
        }

        const std::optional<QDBusConnection> m_session;
        const std::optional<QDBusConnection> m_system;
        const std::unique_ptr<XScreenSaver> m_xScreenSaver;
        std::array<State, kSources.size()> m_states{};
        SessionIdleUnit m_unit;
        Source m_source{ Source::None };
        std::optional<milliseconds> m_idle;
        bool m_isAsking{ false };
        bool m_hasLogindBeenIdle{ false };
        QTimer m_timer;
        QObject m_context; // last: calls under way end with it
    };

} // namespace

std::unique_ptr<IdleMonitor> openIdleMonitor(milliseconds interval)
{
    return std::make_unique<LinuxIdleMonitor>(interval);
}

} // namespace loam::platform
