// SPDX-License-Identifier: GPL-3.0-or-later
#include "platform/machine.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <string>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace loam::platform {

base::Result<> giveWay()
{
    std::string refused;
    const auto note = [&refused](const char* what) {
        refused
            += (refused.empty() ? "" : "; ") + std::string{ what } + ": " + std::strerror(errno);
    };
    sched_param parameters{};
    if (::sched_setscheduler(0, SCHED_IDLE, &parameters) != 0) {
        note("SCHED_IDLE");
    }
    if (::setpriority(PRIO_PROCESS, 0, 19) != 0) {
        note("nice");
    }
    // ioprio_set(2) has no wrapper: IOPRIO_WHO_PROCESS 1, class IOPRIO_CLASS_IDLE 3 << 13.
    if (::syscall(SYS_ioprio_set, 1, 0, 3 << 13) != 0) {
        note("idle I/O class");
    }
    const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    constexpr std::string_view kFirst = "1000";
    const bool isWritten = file >= 0
        && ::write(file, kFirst.data(), kFirst.size()) == static_cast<ssize_t>(kFirst.size());
    if (!isWritten) {
        note("oom_score_adj");
    }
    if (file >= 0) {
        ::close(file);
    }
    if (!refused.empty()) {
        return base::fail(base::Errc::Denied, "the system refused a lower priority: " + refused);
    }
    return {};
}

} // namespace loam::platform
