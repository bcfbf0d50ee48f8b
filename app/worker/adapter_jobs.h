// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/backend.h"
#include "ml/model_file.h"
#include "training/work_control.h"
#include "worker/private_texts.h"
#include "worker/request.h"
#include "worker/step_leave.h"

#include <functional>
#include <memory>

namespace loam::worker {

// Jobs of docs/protocol-home.md.

/// Trains an adapter of the "path" (or run) model on the first "trained" of the texts and measures
/// on the others: "adapter" is where it goes, sealed under "key", as is the "checkpoint".
base::Result<Json> trainAdapter(const Request& request, PrivateTexts texts, ml::Backend& backend,
    training::WorkControl& control, StepLeave& leave, const std::function<void(Json)>& report);
/// Writes an adapter in clear for other programs: "format" peft (a folder) or gguf.
base::Result<Json> exportAdapter(const Request& request);

/// The model of a job, with the "adapter" laid over it that the job names, if any.
base::Result<std::unique_ptr<ml::ModelFile>> openAdaptedModel(const Request& request);

} // namespace loam::worker
