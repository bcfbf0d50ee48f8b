// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QLoggingCategory>
#include <QStringList>

#include <filesystem>

namespace loam::node {

Q_DECLARE_LOGGING_CATEGORY(lcNode)
Q_DECLARE_LOGGING_CATEGORY(lcSwarm)
Q_DECLARE_LOGGING_CATEGORY(lcConsensus)
Q_DECLARE_LOGGING_CATEGORY(lcTraining)
Q_DECLARE_LOGGING_CATEGORY(lcWorker)

/// Sends Qt's log to stderr, to a file that rotates at 5 MB and to a ring of the last 500 lines.
/// To be called once, by main.
base::Result<> startLogging(const std::filesystem::path& folder);
/// The last lines, oldest first. Safe from any thread.
QStringList recentLog();

} // namespace loam::node
