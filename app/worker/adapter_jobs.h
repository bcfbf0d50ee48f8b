// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/backend.h"
#include "ml/model_file.h"
#include "training/work_control.h"
#include "worker/request.h"
#include "worker/step_leave.h"

#include <functional>
#include <string>
#include <vector>

namespace loam::worker {

/// The owner's text on its way to a training: it comes over the pipe and stays in this process's
/// memory, wiped when the training ends. Jobs "adapter_text" fill it.
class HandedText
{
public:
    HandedText() = default;
    ~HandedText() { wipe(); }
    HandedText(const HandedText&) = delete;
    HandedText& operator=(const HandedText&) = delete;

    /// One piece; "begins" says that a new document begins with it.
    base::Result<Json> add(const Request& request);
    void wipe();
    /// All documents, parted by the vocabulary's end mark where it has one.
    std::vector<ml::Token> tokens(const ml::TextCodec& codec) const;
    bool isEmpty() const { return m_documents.empty(); }

private:
    static constexpr std::size_t kMostBytes = std::size_t{ 64 } << 20U;
    std::vector<std::string> m_documents;
    std::size_t m_bytes{ 0 };
};

// Jobs of docs/protocol-home.md.

/// Trains an adapter of the "path" (or run) model on the handed text: "adapter" is where it goes,
/// sealed under "key", as is the "checkpoint".
base::Result<Json> trainAdapter(const Request& request, HandedText& text, ml::Backend& backend,
    training::WorkControl& control, StepLeave& leave, const std::function<void(Json)>& report);
/// Writes an adapter in clear for other programs: "format" peft (a folder) or gguf.
base::Result<Json> exportAdapter(const Request& request);

/// The model of a job, with the "adapter" laid over it that the job names, if any.
base::Result<std::unique_ptr<ml::ModelFile>> openAdaptedModel(const Request& request);

} // namespace loam::worker
