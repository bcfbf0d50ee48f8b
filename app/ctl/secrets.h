// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "ctl/arguments.h"

#include <QJsonObject>

namespace loam::ctl {

/// Adds the verb's secrets to the parameters: from the files named on the command line ("-": one
/// line of standard input each), else typed on the terminal without echo. Fails with Unavailable
/// when there is no terminal, with Invalid when a new passphrase is typed differently twice, with
/// Cancelled on Ctrl-C.
base::Result<> addSecrets(const Command& command, QJsonObject& params);

} // namespace loam::ctl
