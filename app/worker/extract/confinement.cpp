// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/extract/confinement.h"

#include "worker/address_space.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <seccomp.h>
#include <span>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <type_traits>

namespace loam::worker {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    using Filter
        = std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, void (*)(scmp_filter_ctx)>;

    // What the C++ runtime and the document libraries do once everything is loaded.
    constexpr std::array kReading{ SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(readv),
        SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
        SCMP_SYS(lseek), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect),
        SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(clock_gettime),
        SCMP_SYS(clock_nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
        SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(exit), SCMP_SYS(exit_group),
        SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sysinfo), SCMP_SYS(uname),
        SCMP_SYS(getrusage), SCMP_SYS(restart_syscall), SCMP_SYS(rseq), SCMP_SYS(membarrier) };
    constexpr std::array kServing{ SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(fork),
        SCMP_SYS(vfork), SCMP_SYS(wait4), SCMP_SYS(waitid), SCMP_SYS(recvmsg), SCMP_SYS(sendto),
        SCMP_SYS(sendmsg), SCMP_SYS(set_robust_list), SCMP_SYS(set_tid_address),
        SCMP_SYS(prlimit64), SCMP_SYS(setrlimit), SCMP_SYS(getrlimit), SCMP_SYS(setitimer),
        SCMP_SYS(prctl), SCMP_SYS(seccomp), SCMP_SYS(pipe2) };

    Result<> allow(const Filter& filter, std::span<const int> calls)
    {
        for (const int call : calls) {
            if (seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0) < 0) {
                return fail(Errc::Io, "a system call filter cannot be built");
            }
        }
        return {};
    }

    /// Opening for reading only, where the mount namespace holds nothing of the owner's.
    Result<> allowReadingFiles(const Filter& filter)
    {
        const int code = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
            SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
        if (code < 0) {
            return fail(Errc::Io, "a system call filter cannot be built");
        }
        return allow(filter,
            std::array{ SCMP_SYS(getdents64), SCMP_SYS(readlink), SCMP_SYS(access),
                SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(statx) });
    }

    Result<> confine(Surroundings surroundings, bool servesToo)
    {
        // A call that is not named fails with EACCES: libraries cope, attackers do not.
        const Filter filter{ seccomp_init(SCMP_ACT_ERRNO(EACCES)), &seccomp_release };
        if (!filter) {
            return fail(Errc::Io, "a system call filter cannot be made");
        }
        TRY(allow(filter, kReading));
        if (servesToo) {
            TRY(allow(filter, kServing));
        }
        if (surroundings == Surroundings::Confined) {
            TRY(allowReadingFiles(filter));
        }
        const int code = seccomp_load(filter.get());
        if (code < 0) {
            return fail(Errc::Io,
                std::string{ "the kernel refuses the system call filter: " }
                    + std::strerror(-code));
        }
        return {};
    }

    Result<> limit(__rlimit_resource resource, std::uint64_t value)
    {
        const rlimit both{ value, value };
        if (::setrlimit(resource, &both) != 0) {
            return fail(Errc::Io, std::string{ "a limit cannot be set: " } + std::strerror(errno));
        }
        return {};
    }

} // namespace

Result<> confineServer(Surroundings surroundings)
{
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return fail(
            Errc::Io, std::string{ "privileges cannot be dropped: " } + std::strerror(errno));
    }
    return confine(surroundings, true);
}

Result<> confineReader(Surroundings surroundings)
{
    return confine(surroundings, false);
}

Result<> limitReader(std::uint64_t seconds, std::uint64_t memoryBytes)
{
    TRY(limit(RLIMIT_CORE, 0));
    TRY(limit(RLIMIT_FSIZE, 0));
    TRY(limit(RLIMIT_NPROC, 0));
    TRY(limit(RLIMIT_CPU, seconds));
    if (!limitAddressSpace(memoryBytes)) {
        return fail(Errc::Io, "the memory cannot be limited");
    }
    itimerval timer{};
    timer.it_value.tv_sec = static_cast<time_t>(seconds);
    if (::setitimer(ITIMER_REAL, &timer, nullptr) != 0) {
        return fail(Errc::Io, "the clock cannot be limited");
    }
    return {};
}

} // namespace loam::worker
