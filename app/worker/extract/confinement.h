// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>

namespace loam::worker {

/// What the files around the process are: everything of the user's, or nothing (a mount namespace
/// with the system's programs only).
enum class Surroundings { Open, Confined };

/// Forbids for good, to this process and its children, all system calls but those that forking,
/// waiting and reading need: no sockets, no programs, no writing to files. With Open surroundings
/// no file can be opened either. Io when the kernel refuses.
base::Result<> confineServer(Surroundings surroundings);

/// For the child that reads one document: besides, no forking and no sending of descriptors.
base::Result<> confineReader(Surroundings surroundings);

/// Limits this process: processor and clock seconds, address space, no core file, no file growth.
/// The kernel ends it by SIGXCPU, SIGALRM or a failed allocation.
base::Result<> limitReader(std::uint64_t seconds, std::uint64_t memoryBytes);

} // namespace loam::worker
