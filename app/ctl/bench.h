// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ctl/arguments.h"

namespace loam::ctl {

/// `loamctl bench`: starts loam-worker, beside loamctl or in PATH, lets it measure and prints a
/// table, or with --json a list of objects that each tell the machine, too. No node is needed.
int runBench(const Command& command);

} // namespace loam::ctl
