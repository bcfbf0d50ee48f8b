// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/worker_process.h"

#include <QJsonObject>

#include <string>
#include <vector>

namespace loam::node {

/// Queues texts (UTF-8) for the next job of a worker, in pieces over its pipe, and wipes them here:
/// they touch no disk. Sets the two fields, "texts" and "parts", by which that job takes them;
/// "texts" is random and names the pieces, so that all of it can be cancelled together.
void sendPrivateTexts(WorkerProcess& worker, std::vector<std::string> texts, QJsonObject& job);

/// Cancels a job made so and what is left of its pieces; kills the worker at work on it.
void cancelPrivateJob(WorkerProcess& worker, const QJsonObject& job);

} // namespace loam::node
