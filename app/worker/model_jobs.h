// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "worker/request.h"

namespace loam::worker {

// Jobs of docs/protocol-serving.md that read or write model files, one at a time.

/// What is in a model, and the memory it needs with the default context.
base::Result<Json> inspectModel(const Request& request);
/// Writes a model to "output" in the "format" gguf or hf, with weights of a "type".
base::Result<Json> exportModel(const Request& request);
/// What this machine can compute on.
base::Result<Json> listDevices();

} // namespace loam::worker
