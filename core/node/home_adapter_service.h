// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/answer_service.h"
#include "node/data_service.h"
#include "node/home_adapter.h"
#include "node/identity.h"
#include "node/meter_service.h"
#include "node/training_device.h"
#include "node/worker_process.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace loam::node {

/// Adapters of the owner's own text, trained one at a time by a worker of their own (DESIGN 6,
/// lane 3). Text reaches the worker only through DataService::batches(), the gate is asked before
/// each step, and whoever revokes kills the worker at once. Weights and checkpoints lie sealed
/// under keys derived from the owner's identity; while that is locked nothing is trained or
/// opened. Lives on the event-loop thread.
class HomeAdapterService final : public QObject
{
    Q_OBJECT
public:
    struct Context
    {
        Home home;
        const Identity& identity;
        DataService& data;
        QString program; ///< path of loam-worker
        /// What a training may use at this moment.
        std::function<WorkMeans()> means;
        /// Hears what became of a training, and where.
        std::function<void(const std::string& device, const base::Result<QJsonObject>& outcome)>
            trainedOn;
        /// What a model's id or name stands for.
        AnswerService::Find findModel;
        /// Takes an adapter that has changed or gone off every device.
        std::function<void(const std::string& id)> unload;
    };
    static base::Result<std::unique_ptr<HomeAdapterService>> open(Context context);
    ~HomeAdapterService() override;

    struct TrainRequest
    {
        std::string name; ///< empty: after the sources
        std::string model; ///< id or name
        std::optional<consent::GrantId> grant; ///< absent: one is given for `sources`
        std::vector<consent::SourceId> sources;
        std::chrono::milliseconds grantFor{ std::chrono::hours{ 24 * 30 } };
        std::uint32_t steps{ 300 };
        std::uint32_t rank{ 8 };
        double learningRate{ 0.001 };
        bool isNow{ false }; ///< without waiting for the schedule
    };
    using Trained = std::function<void(base::Result<HomeAdapter>)>;
    using Done = std::function<void(base::Result<>)>;

    /// Takes the wish down, gives the consent where it names none, and begins as soon as it may.
    /// Calls back when that stands, not when the training ends.
    void train(const TrainRequest& request, Trained done);
    /// Goes on with a stopped or failed one; `isNow` also hastens one that waits.
    base::Result<> start(const std::string& idOrName, bool isNow);
    base::Result<> stop(const std::string& idOrName);
    /// In clear, for other programs: "peft" (a folder) or "gguf"; empty: by the output's ending.
    void exportTo(const std::string& idOrName, const std::filesystem::path& output,
        std::string format, Done done);
    base::Result<> remove(const std::string& idOrName);

    /// Newest first.
    const std::vector<HomeAdapter>& adapters() const { return m_adapters; }
    /// By id or name (case does not matter), or by the beginning of either when only one fits.
    base::Result<HomeAdapter> find(std::string_view idOrName) const;
    /// Whether one has this very id or name.
    bool isNamed(std::string_view idOrName) const;
    /// As the answer service loads it; Unavailable before it is ready, Denied while locked.
    base::Result<ServedModel> served(std::string_view idOrName) const;
    /// As the meter measures it; fails as served() does.
    base::Result<MeterService::Request> measured(std::string_view idOrName) const;
    /// Whether the running one stands still, and why.
    const std::string& waitsFor() const { return m_waitsFor; }

    /// The schedule's word, with its reason when it is no.
    void setMayWork(bool mayWork, const std::string& reason);
    /// The identity was locked or unlocked.
    void identityChanged();

Q_SIGNALS:
    /// The list, or something in it that lasts, is another now.
    void changed();
    /// adapter, step, steps, loss, tokens_per_second, loss_before, held_out, best
    void progress(const QJsonObject& fields);

private:
    explicit HomeAdapterService(Context context);
    AdapterFiles filesOf(const HomeAdapter& adapter) const;
    HomeAdapter* known(std::string_view id);
    base::Result<std::string> keyOf(const HomeAdapter& adapter) const;
    base::Result<HomeAdapter*> chosen(const std::string& idOrName);
    base::Result<HomeAdapter> prepare(const TrainRequest& request) const;
    base::Result<> adoptBase(HomeAdapter& adapter) const;
    void granted(HomeAdapter adapter, const consent::Grant& grant, const Trained& done);
    void settle(HomeAdapter& adapter, AdapterState state, const std::string& reason);
    void save(const HomeAdapter& adapter);

    // home_adapter_training.cpp
    void pump();
    void begin(HomeAdapter& adapter);
    void handOver(DataService::Batches batches);
    void sendJob(
        const HomeAdapter& adapter, const std::string& key, std::vector<std::string> texts);
    void takeProgress(const QJsonObject& fields);
    void takeResult(const base::Result<QJsonObject>& result);
    void checkGate();
    void interrupt(AdapterState state, const std::string& reason);
    void applySchedule();

    Context m_context;
    std::vector<HomeAdapter> m_adapters;
    std::unique_ptr<WorkerProcess> m_worker;
    std::unique_ptr<WorkerProcess> m_exporter;
    std::string m_running; ///< id of the one that is trained; empty: none
    std::uint64_t m_attempt{ 0 }; ///< tells late answers of an earlier training
    std::optional<consent::BatchGate::Permit> m_permit;
    QTimer m_gateTick;
    bool m_mayWork{ false };
    std::string m_scheduleReason;
    std::string m_waitsFor;
    int m_failures{ 0 }; ///< of the running one, in a row
};

} // namespace loam::node
