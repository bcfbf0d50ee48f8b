// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <optional>

namespace loam::platform {

/// Idle time from the X server's screen saver extension. A thread of its own asks, because a
/// hanging X server would block the caller; the answer is read without waiting.
class XScreenSaver
{
public:
    /// Nothing without an X display, without libXss, or in a Wayland session (whose X server sees
    /// only the input of X programs).
    static std::unique_ptr<XScreenSaver> open(std::chrono::milliseconds interval);

    XScreenSaver(const XScreenSaver&) = delete;
    XScreenSaver& operator=(const XScreenSaver&) = delete;
    ~XScreenSaver();

    /// The newest answer; nothing before the first and after the X server has gone.
    std::optional<std::chrono::milliseconds> idleTime() const;

private:
    class Poller;
    explicit XScreenSaver(std::unique_ptr<Poller> poller);
    std::unique_ptr<Poller> m_poller;
};

} // namespace loam::platform
