// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "training/work_control.h"
#include "worker/request.h"

namespace loam::worker {

/// The job "bench": `what` is gemm, train, infer, ops or messages; `threads` (default: the
/// processor's) and `repetitions` (default 5, at most 100). For infer also `model` (a path; else a
/// model of noise whose matrices are of `type`) and `device` (cpu or a UUID). The answer has
/// `measurements`, a list of objects with name, value (the median), unit, device, threads,
/// repetitions, minimum, maximum, and of the machine core, peak_gflops (of one core) and load (of
/// the last minute when it began).
base::Result<Json> bench(const Request& request, training::WorkControl& control);

} // namespace loam::worker
