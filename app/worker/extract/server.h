// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "worker/extract/confinement.h"

namespace loam::worker {

/// Answers the requests of codec::ExtractionRequest on the socket codec::kExtractorSocket until it
/// is closed; returns the exit code of the process.
int serveExtraction(Surroundings surroundings);

} // namespace loam::worker
