// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/serving_worker.h"
#include "node/worker_process.h"

#include <QJsonArray>
#include <QObject>
#include <QTimer>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace loam::node {

/// A model as the service needs it.
struct ServedModel
{
    std::string id;
    std::string name;
    /// What the worker opens: "path", or a run's "manifest", "params" and "tokenizer".
    QJsonObject source;
    std::uint64_t memory{ 0 }; ///< bytes it needs to answer; 0: unknown
    std::string architecture{ "llama" }; ///< as its file says
};

/// Order in which the devices of AnswerService::devices() are preferred, the least first: a card of
/// its own memory, a card that shares the processor's, the processor, anything else.
int deviceRank(const QJsonObject& device);

/// One question to a model.
struct Question
{
    std::string model; ///< id or name
    std::string device; ///< uuid or name; empty: the best one of this machine
    /// A job "answer" or "embed" of docs/protocol-serving.md, without id.
    QJsonObject job;
};

/// The owner's models at work: one worker per device holds one model, several questions advance
/// together, questions for another model wait until those before them are done. A model nobody has
/// asked for some minutes gives its memory back. Lives on the event-loop thread.
class AnswerService final : public QObject
{
    Q_OBJECT
public:
    using Event = ServingWorker::Event;
    using Done = ServingWorker::Done;
    using Find = std::function<base::Result<ServedModel>(std::string_view)>;

    /// What happened since the start, for measurements.
    struct Counters
    {
        std::uint64_t answered{ 0 };
        std::uint64_t failed{ 0 };
        std::uint64_t crashes{ 0 };
        std::uint64_t promptTokens{ 0 };
        std::uint64_t answerTokens{ 0 };
        double promptSeconds{ 0 };
        double answerSeconds{ 0 };
    };
    struct Loaded
    {
        std::string device;
        std::string model; ///< id
        bool isReady{ false };
        std::size_t running{ 0 };
        std::size_t waiting{ 0 };
    };

    /// `librarian` tells the devices and outlives the service; `find` resolves models.
    AnswerService(QString program, WorkerProcess& librarian, Find find);
    ~AnswerService() override;

    /// How long an unused model keeps its memory.
    void setIdleLimit(std::chrono::milliseconds limit) { m_idleLimit = limit; }

    /// `done` is called once, later, with the worker's final fields and `device` and `model`; the
    /// number cancels.
    std::uint64_t ask(Question question, Event event, Done done);
    void cancel(std::uint64_t number);
    /// Takes a model off every device: its answers end with Cancelled.
    void unload(std::string_view id);
    /// Gives back the memory of all models that answer nothing right now.
    void rest();

    /// name, uuid, kind (cpu, integrated, discrete, virtual), memory. Known from the first question
    /// or refresh on; the processor always.
    const QJsonArray& devices() const { return m_devices; }
    void refreshDevices(std::function<void()> done);
    std::vector<Loaded> loaded() const;
    const Counters& counters() const { return m_counters; }

Q_SIGNALS:
    /// A model was loaded or unloaded.
    void changed();
    /// A device's worker crashed too often and stays off.
    void deviceGaveUp(const QString& device, const QString& reason);

private:
    struct Pending
    {
        std::uint64_t number{ 0 };
        ServedModel model;
        std::string wantedDevice;
        QJsonObject job;
        Event event;
        Done done;
    };
    enum class LaneState { Empty, Loading, Ready };
    struct Lane
    {
        std::string device; ///< uuid
        QString deviceName;
        std::unique_ptr<ServingWorker> worker;
        LaneState state{ LaneState::Empty };
        std::string model;
        std::deque<Pending> waiting;
        std::vector<std::pair<std::uint64_t, std::int64_t>> running; ///< number, worker's id
        QTimer idle;
    };

    void place(Pending pending);
    /// The device the owner named, or the best one that can hold `need` bytes.
    base::Result<QJsonObject> chooseDevice(const std::string& wanted, std::uint64_t need) const;
    Lane& laneOf(const QJsonObject& device);
    void pump(Lane& lane);
    void pumpLater(Lane& lane);
    void load(Lane& lane);
    void start(Lane& lane, Pending pending);
    void dropModel(Lane& lane);
    void failWaiting(Lane& lane, const std::string& model, const base::Error& error);
    void count(const base::Result<QJsonObject>& outcome);

    QString m_program;
    WorkerProcess& m_librarian;
    Find m_find;
    std::chrono::milliseconds m_idleLimit;
    QJsonArray m_devices;
    bool m_areDevicesKnown{ false };
    std::vector<std::function<void()>> m_awaitingDevices;
    std::vector<Pending> m_homeless; ///< waiting for the list of devices
    std::vector<std::unique_ptr<Lane>> m_lanes;
    Counters m_counters;
    std::uint64_t m_nextNumber{ 1 };
};

} // namespace loam::node
