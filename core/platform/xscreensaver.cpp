// SPDX-License-Identifier: GPL-3.0-or-later
#include "platform/xscreensaver.h"

#include <X11/Xlib.h>
#include <X11/extensions/scrnsaver.h>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <dlfcn.h>
#include <mutex>
#include <string_view>
#include <thread>

namespace loam::platform {

namespace {

    /// The few functions we need, found at run time.
    struct Library
    {
        decltype(&XOpenDisplay) openDisplay{ nullptr };
        decltype(&XCloseDisplay) closeDisplay{ nullptr };
        decltype(&XDefaultRootWindow) rootWindow{ nullptr };
        decltype(&XSetIOErrorHandler) setErrorHandler{ nullptr };
        decltype(&XSetIOErrorExitHandler) setExitHandler{ nullptr };
        decltype(&XScreenSaverQueryExtension) queryExtension{ nullptr };
        decltype(&XScreenSaverQueryInfo) queryInfo{ nullptr };

        bool load()
        {
            // Never closed: Xlib keeps state beyond its last display.
            void* const x11 = ::dlopen("libX11.so.6", RTLD_NOW | RTLD_LOCAL);
            void* const xss = ::dlopen("libXss.so.1", RTLD_NOW | RTLD_LOCAL);
            return x11 != nullptr && xss != nullptr && find(x11, "XOpenDisplay", openDisplay)
                && find(x11, "XCloseDisplay", closeDisplay)
                && find(x11, "XDefaultRootWindow", rootWindow)
                && find(x11, "XSetIOErrorHandler", setErrorHandler)
                && find(x11, "XSetIOErrorExitHandler", setExitHandler)
                && find(xss, "XScreenSaverQueryExtension", queryExtension)
                && find(xss, "XScreenSaverQueryInfo", queryInfo);
        }

    private:
        template <class Function>
        static bool find(void* library, const char* name, Function& function)
        {
            function = reinterpret_cast<Function>(::dlsym(library, name));
            return function != nullptr;
        }
    };

    bool isSet(const char* name)
    {
        const char* const value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): start-up only
        return value != nullptr && *value != '\0';
    }

    bool isWayland()
    {
        const char* const type = std::getenv("XDG_SESSION_TYPE"); // NOLINT(concurrency-mt-unsafe)
        return isSet("WAYLAND_DISPLAY")
            || (type != nullptr && std::string_view{ type } == "wayland");
    }

    constexpr std::int64_t kUnknown = -1;

} // namespace

class XScreenSaver::Poller
{
public:
    Poller(const Library& library, Display* display, std::chrono::milliseconds interval)
        : m_library{ library }
        , m_display{ display }
        , m_interval{ interval }
        , m_thread{ [this](const std::stop_token& stop) { run(stop); } }
    {
    }

    std::int64_t idleMilliseconds() const { return m_idle.load(std::memory_order_relaxed); }

private:
    void run(const std::stop_token& stop)
    {
        // Without both of these Xlib ends the whole process when the X server goes away.
        m_library.setErrorHandler([](Display*) { return 0; });
        m_library.setExitHandler(
            m_display,
            [](Display*, void* poller) { static_cast<Poller*>(poller)->m_isLost = true; }, this);
        XScreenSaverInfo info{};
        std::mutex mutex;
        std::condition_variable_any wake;
        while (!stop.stop_requested() && !m_isLost) {
            const Status status
                = m_library.queryInfo(m_display, m_library.rootWindow(m_display), &info);
            const bool isKnown = status != 0 && !m_isLost;
            m_idle.store(isKnown ? static_cast<std::int64_t>(info.idle) : kUnknown,
                std::memory_order_relaxed);
            std::unique_lock lock{ mutex };
            wake.wait_for(lock, stop, m_interval, [] { return false; });
        }
        if (!m_isLost) {
            m_library.closeDisplay(m_display);
        }
    }

    const Library m_library;
    Display* const m_display;
    const std::chrono::milliseconds m_interval;
    std::atomic<std::int64_t> m_idle{ kUnknown };
    bool m_isLost{ false }; // by the thread only
    std::jthread m_thread;
};

std::unique_ptr<XScreenSaver> XScreenSaver::open(std::chrono::milliseconds interval)
{
    Library library;
    if (!isSet("DISPLAY") || isWayland() || !library.load()) {
        return nullptr;
    }
    Display* const display = library.openDisplay(nullptr);
    if (display == nullptr) {
        return nullptr;
    }
    int event = 0;
    int error = 0;
    if (library.queryExtension(display, &event, &error) == 0) {
        library.closeDisplay(display);
        return nullptr;
    }
    return std::unique_ptr<XScreenSaver>{ new XScreenSaver{
        std::make_unique<Poller>(library, display, interval) } };
}

XScreenSaver::XScreenSaver(std::unique_ptr<Poller> poller)
    : m_poller{ std::move(poller) }
{
}

XScreenSaver::~XScreenSaver() = default;

std::optional<std::chrono::milliseconds> XScreenSaver::idleTime() const
{
    const std::int64_t value = m_poller->idleMilliseconds();
    return value == kUnknown ? std::nullopt : std::optional{ std::chrono::milliseconds{ value } };
}

} // namespace loam::platform
