// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ctl/arguments.h"

namespace loam::ctl {

/// `loamctl practice`: starts a private node in a fresh folder, lets it build and train a network
/// on this computer, shows the progress and prints the report. Ends the node and removes the
/// folder in every case, also on Ctrl-C (exit code 1); should loamctl itself be killed, the node
/// sees the end of its standard input and ends by itself.
int runPractice(const Command& command);

} // namespace loam::ctl
