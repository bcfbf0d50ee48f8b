// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/model_file.h"
#include "worker/request.h"

#include <memory>

namespace loam::worker {

/// The model a job is about: a file or folder at "path", or a run's "manifest", "params" and
/// "tokenizer".
base::Result<std::unique_ptr<ml::ModelFile>> openModel(const Request& request);

} // namespace loam::worker
