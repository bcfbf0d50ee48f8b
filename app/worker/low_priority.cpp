// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/low_priority.h"

#include <csignal>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace loam::worker {
namespace {

    // linux/ioprio.h: who = this thread, class 3 = idle.
    constexpr int kIoWhoProcess = 1;
    constexpr int kIoClassIdle = 3 << 13;

} // namespace

bool dieWithParent()
{
    const pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The parent may have ended before the request took effect.
    return getppid() == parent;
}

void yieldToEverything()
{
    const sched_param parameters{};
    sched_setscheduler(0, SCHED_IDLE, &parameters);
    setpriority(PRIO_PROCESS, 0, 19);
    syscall(SYS_ioprio_set, kIoWhoProcess, 0, kIoClassIdle);
}

void yieldALittle()
{
    setpriority(PRIO_PROCESS, 0, 10);
}

} // namespace loam::worker
