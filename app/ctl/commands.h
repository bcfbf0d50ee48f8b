// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ctl/arguments.h"

namespace loam::ctl {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;

/// Carries the command out and returns the exit code. Results go to stdout, everything else to
/// stderr. Needs a QCoreApplication.
int run(const Command& command);

/// The whole program: reads the arguments (without the program's name) and runs them.
int runArguments(const QStringList& arguments);

} // namespace loam::ctl
