// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/backend.h"
#include "ml/thread_pool.h"
#include "training/work_control.h"
#include "worker/adapter_jobs.h"
#include "worker/inputs.h"
#include "worker/private_texts.h"
#include "worker/request.h"

#include <functional>
#include <memory>

namespace loam::worker {

/// Does the jobs of docs/protocol-training.md, one at a time, on the thread that calls it.
class Jobs
{
public:
    using Report = std::function<void(Json progress)>;

    /// `control` stops and pauses the running job, `leave` lets a training on the owner's text take
    /// its next step; both must outlive the object.
    Jobs(training::WorkControl& control, StepLeave& leave)
        : m_control{ control }
        , m_leave{ leave }
    {
    }

    /// The fields of the answer, without id and ok.
    base::Result<Json> run(const Request& request, const Report& report);

private:
    enum class Engine { Fast, Reference };

    base::Result<Json> perform(const Request& request, const Report& report);

    base::Result<Json> trainTokenizer(const Request& request);
    base::Result<Json> initialise(const Request& request);
    base::Result<Json> train(const Request& request, const Report& report);
    base::Result<Json> aggregate(const Request& request);
    base::Result<Json> addPrivateText(const Request& request);
    /// Those that the request names, so that whatever becomes of its job the next does not find
    /// them.
    base::Result<PrivateTexts> takeTexts(const Request& request);
    base::Result<Json> trainPrivate(const Request& request, const Report& report);
    base::Result<Json> aggregatePrivate(const Request& request);
    base::Result<Json> measureLeak(const Request& request);
    base::Result<Json> evaluate(const Request& request);
    base::Result<Json> generate(const Request& request);
    base::Result<Json> commitState(const Request& request);
    base::Result<Json> adapter(const Request& request, const Report& report);

    /// A backend with as many threads as the request's "threads" says (default 1); the fast one on
    /// its "device" (default "cpu"), where it fails when that cannot be opened.
    base::Result<ml::Backend*> backend(Engine engine, const Request& request);

    training::WorkControl& m_control;
    StepLeave& m_leave;
    Inputs m_inputs;
    PrivateTexts m_private;
    ml::ThreadPool m_pool{ 1 };
    std::unique_ptr<ml::Backend> m_fast;
    std::string m_fastDevice; ///< that m_fast computes on
    std::unique_ptr<ml::Backend> m_reference;
};

} // namespace loam::worker
