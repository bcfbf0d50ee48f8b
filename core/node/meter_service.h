// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/data_service.h"
#include "node/worker_process.h"

#include <QJsonObject>
#include <QObject>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

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
        QJsonObject model; ///< as RoundDriver::modelSource gives it
        base::Hash256 run; ///< that the model is of
        QString name; ///< of the run, for people
        /// A PEFT folder: measured is the model with this adapter, against the model without.
        /// Empty: the model as the run made it, against its first parameters.
        std::string adapter;
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
