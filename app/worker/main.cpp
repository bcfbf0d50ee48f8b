// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/address_space.h"
#include "worker/low_priority.h"
#include "worker/server.h"
#include "worker/serving_loop.h"

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <unistd.h>

namespace {

constexpr std::string_view kMemoryOption = "--memory-limit=";
constexpr std::string_view kUrgentOption = "--urgent";
constexpr std::string_view kServeOption = "--serve";

/// Whole positive number or 0.
std::uint64_t positive(std::string_view text)
{
    std::uint64_t value = 0;
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    return parsed.ec == std::errc{} && parsed.ptr == end ? value : 0;
}

int usage()
{
    std::fputs("usage: loam-worker [--memory-limit=BYTES] [--urgent] [--serve]\n"
               "Started by loamd; reads jobs as JSON lines from its input.\n"
               "--urgent: others wait for the result, so only step back a little.\n"
               "--serve: keep a model and answer several requests at once.\n",
        stderr);
    return 2;
}

} // namespace

int main(int argc, char** argv)
{
    std::uint64_t memoryLimit = 0;
    bool isUrgent = false;
    bool isServing = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument{ argv[i] };
        if (argument == "--version") {
            std::puts("loam-worker " LOAM_VERSION);
            return EXIT_SUCCESS;
        }
        if (argument == kUrgentOption) {
            isUrgent = true;
            continue;
        }
        if (argument == kServeOption) {
            isServing = true;
            continue;
        }
        if (!argument.starts_with(kMemoryOption)
            || (memoryLimit = positive(argument.substr(kMemoryOption.size()))) == 0) {
            return usage();
        }
    }
    if (!loam::worker::dieWithParent()) {
        return EXIT_FAILURE;
    }
    if (memoryLimit != 0 && !loam::worker::limitAddressSpace(memoryLimit)) {
        std::fputs("loam-worker: the system refuses the memory limit\n", stderr);
    }
    // A closed pipe is an answer of write(), not a signal.
    std::signal(SIGPIPE, SIG_IGN);
    if (isServing) {
        loam::worker::ServingLoop loop{ STDIN_FILENO, STDOUT_FILENO };
        loop.start();
        loam::worker::yieldALittle();
        return loop.run();
    }
    loam::worker::Server server{ STDIN_FILENO, STDOUT_FILENO };
    // The threads that hear a pause start before the rest steps back, or a busy machine would keep
    // them from hearing it.
    server.start();
    if (isUrgent) {
        loam::worker::yieldALittle();
    } else {
        loam::worker::yieldToEverything();
    }
    server.run();
    return EXIT_SUCCESS;
}
