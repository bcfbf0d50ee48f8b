// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/corpora.h"
#include "node/data_service.h"
#include "node/worker_process.h"

#include <QJsonObject>
#include <QObject>

#include <filesystem>
#include <functional>
#include <optional>
#include <set>

namespace loam::node {

/// Measures how much a model shows of the owner's text (training/leak_test.h), on this computer
/// alone: the text is taken through the gate under a grant for work at home, goes to the worker
/// over its pipe, and only figures come back. They are kept for the next start. On the event-loop
/// thread.
class MeterService final : public QObject
{
    Q_OBJECT
public:
    struct Request
    {
        /// How a worker opens the model: as RoundDriver::modelSource gives it, or a home adapter's.
        /// With "adapter" (a sealed file with its "key", or a PEFT folder) the model with it is
        /// held against the model without; else what a run made against its first parameters.
        QJsonObject model;
        QJsonObject subject; ///< what is measured, for the report: subject, name, run or adapter
        std::optional<consent::GrantId> grant; ///< absent: the newest for work at home
        std::size_t heldOutEvery{ kHeldOutOfRuns }; ///< as training divided the text
        /// Files trained on; the text of others is passed over. Empty: all were.
        std::set<base::Hash256> contents;
        /// Public text to compare with where too little was held out; empty: there is none.
        std::filesystem::path probe;
    };
    using Done = std::function<void(base::Result<QJsonObject>)>;

    /// `kept` is where the last result lies.
    MeterService(DataService& data, WorkerProcess& worker, std::filesystem::path kept);
    ~MeterService() override;

    /// `done` once, later, with the result; Denied without a grant for work at home, Unavailable
    /// while another measurement runs.
    void measure(const Request& request, Done done);
    /// The last result of all; nothing was measured yet without one.
    const std::optional<QJsonObject>& last() const { return m_last; }
    bool isBusy() const { return m_isBusy; }

Q_SIGNALS:
    void measured();

private:
    void start(const Request& request, DataService::Batches batches, Done done);
    base::Result<QJsonObject> keep(const Request& request, base::Result<QJsonObject> result);

    DataService& m_data;
    WorkerProcess& m_worker;
    std::filesystem::path m_kept;
    std::optional<QJsonObject> m_last;
    bool m_isBusy{ false };
};

} // namespace loam::node
