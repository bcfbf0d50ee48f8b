// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/answer_service.h"

#include "node/log.h"
#include "node/model_store.h"
#include "platform/memory.h"

#include <algorithm>
#include <thread>

namespace loam::node {

using base::Errc;
using base::Result;
using namespace std::chrono_literals;

namespace {

    constexpr auto kIdleLimit = 5min;
    constexpr std::size_t kMaxQuestions = 64;
    constexpr int kContext = 4096;
    constexpr int kSlots = 4;

    std::string textOf(const QJsonObject& object, const char* name)
    {
        return object.value(QLatin1String{ name }).toString().toStdString();
    }

    std::uint64_t sizeOf(const QJsonObject& object, const char* name)
    {
        return static_cast<std::uint64_t>(
            std::max<qint64>(0, object.value(QLatin1String{ name }).toInteger()));
    }

    QJsonObject processor()
    {
        return { { QStringLiteral("name"), QStringLiteral("CPU") },
            { QStringLiteral("uuid"), QStringLiteral("cpu") },
            { QStringLiteral("kind"), QStringLiteral("cpu") },
            { QStringLiteral("memory"), static_cast<qint64>(platform::readMemory().total) } };
    }

} // namespace

int deviceRank(const QJsonObject& device)
{
    const QString kind = device.value(QLatin1String{ "kind" }).toString();
    return kind == QLatin1String{ "discrete" }  ? 0
        : kind == QLatin1String{ "integrated" } ? 1
        : textOf(device, "uuid") == "cpu"       ? 2
                                                : 3;
}

AnswerService::AnswerService(QString program, WorkerProcess& librarian, Find find)
    : m_program{ std::move(program) }
    , m_librarian{ librarian }
    , m_find{ std::move(find) }
    , m_idleLimit{ kIdleLimit }
    , m_devices{ processor() }
{
}

AnswerService::~AnswerService()
{
    // The workers end with their owners; nobody is left to hear of it.
    for (const auto& lane : m_lanes) {
        lane->worker->disconnect(this);
    }
}

std::uint64_t AnswerService::ask(Question question, Event event, Done done)
{
    const std::uint64_t number = m_nextNumber++;
    auto model = m_find(question.model);
    if (!model) {
        QMetaObject::invokeMethod(
            this,
            [callback = std::move(done), error = model.error()] {
                callback(tl::unexpected{ error });
            },
            Qt::QueuedConnection);
        return number;
    }
    Pending pending{ number, std::move(*model), std::move(question.device), std::move(question.job),
        std::move(event), std::move(done) };
    if (m_areDevicesKnown) {
        QMetaObject::invokeMethod(
            this,
            [this, held = std::make_shared<Pending>(std::move(pending))] {
                place(std::move(*held));
            },
            Qt::QueuedConnection);
        return number;
    }
    m_homeless.push_back(std::move(pending));
    if (m_homeless.size() == 1) {
        refreshDevices([this] {
            for (Pending& waiting : std::exchange(m_homeless, {})) {
                place(std::move(waiting));
            }
        });
    }
    return number;
}

void AnswerService::refreshDevices(std::function<void()> done)
{
    m_awaitingDevices.push_back(std::move(done));
    if (m_awaitingDevices.size() > 1) {
        return;
    }
    m_librarian.submit({ { QStringLiteral("job"), QStringLiteral("devices") } }, {},
        [this](const Result<QJsonObject>& answer) {
            const QJsonArray found
                = answer ? answer->value(QLatin1String{ "devices" }).toArray() : QJsonArray{};
            if (!answer) {
                qCWarning(lcWorker).noquote()
                    << "no list of devices:" << QString::fromStdString(answer.error().message);
            }
            m_devices = found.isEmpty() ? QJsonArray{ processor() } : found;
            // A list that could not be had is asked for again by the next question.
            m_areDevicesKnown = answer.has_value();
            for (const auto& waiting : std::exchange(m_awaitingDevices, {})) {
                waiting();
            }
        });
}

Result<QJsonObject> AnswerService::chooseDevice(const std::string& wanted, std::uint64_t need) const
{
    std::string known;
    const QJsonObject* best = nullptr;
    std::vector<QJsonObject> all;
    for (const QJsonValue& value : m_devices) {
        all.push_back(value.toObject());
    }
    for (const QJsonObject& device : all) {
        const QString name = device.value(QLatin1String{ "name" }).toString();
        if (!wanted.empty()
            && (textOf(device, "uuid") == wanted
                || name.compare(QString::fromStdString(wanted), Qt::CaseInsensitive) == 0)) {
            return device;
        }
        known += (known.empty() ? "" : ", ") + textOf(device, "uuid") + " (" + name.toStdString()
            + ")";
        const std::uint64_t memory = sizeOf(device, "memory");
        const bool isEnough = textOf(device, "uuid") == "cpu" || memory == 0 || need <= memory;
        if (isEnough && (best == nullptr || deviceRank(device) < deviceRank(*best))) {
            best = &device;
        }
    }
    if (!wanted.empty()) {
        return base::fail(
            Errc::NotFound, "there is no device \"" + wanted + "\" here; known are: " + known);
    }
    return best != nullptr ? *best : processor();
}

AnswerService::Lane& AnswerService::laneOf(const QJsonObject& device)
{
    const std::string uuid = textOf(device, "uuid");
    const auto found
        = std::ranges::find_if(m_lanes, [&uuid](const auto& lane) { return lane->device == uuid; });
    if (found != m_lanes.end()) {
        return **found;
    }
    auto lane = std::make_unique<Lane>();
    lane->device = uuid;
    lane->deviceName = device.value(QLatin1String{ "name" }).toString();
    lane->worker = std::make_unique<ServingWorker>(m_program);
    Lane* const raw = lane.get();
    lane->idle.setSingleShot(true);
    connect(&lane->idle, &QTimer::timeout, this, [this, raw] { dropModel(*raw); });
    connect(raw->worker.get(), &ServingWorker::ended, this, [this, raw] {
        ++m_counters.crashes;
        raw->state = LaneState::Empty;
        raw->model.clear();
        Q_EMIT changed();
    });
    connect(raw->worker.get(), &ServingWorker::ready, this, [this, raw] { pump(*raw); });
    connect(raw->worker.get(), &ServingWorker::gaveUp, this,
        [this, raw](const QString& reason) { Q_EMIT deviceGaveUp(raw->deviceName, reason); });
    m_lanes.push_back(std::move(lane));
    return *raw;
}

void AnswerService::place(Pending pending)
{
    const auto device = chooseDevice(pending.wantedDevice, pending.model.memory);
    if (!device) {
        ++m_counters.failed;
        pending.done(tl::unexpected{ device.error() });
        return;
    }
    Lane& lane = laneOf(*device);
    if (lane.waiting.size() + lane.running.size() >= kMaxQuestions) {
        ++m_counters.failed;
        pending.done(base::fail(Errc::Unavailable,
            "64 questions are waiting for this device already; ask again in a moment"));
        return;
    }
    lane.waiting.push_back(std::move(pending));
    pump(lane);
}

void AnswerService::pumpLater(Lane& lane)
{
    QMetaObject::invokeMethod(
        this, [this, raw = &lane] { pump(*raw); }, Qt::QueuedConnection);
}

void AnswerService::pump(Lane& lane)
{
    while (!lane.waiting.empty() && lane.state != LaneState::Loading) {
        if (lane.worker->isDown()) {
            failWaiting(lane, {},
                { Errc::Unavailable,
                    "the worker of " + lane.deviceName.toStdString()
                        + " crashed three times in a row and stays off; choose another device, or "
                          "start Loam's node again" });
            return;
        }
        if (lane.worker->isWaiting()) {
            return; // ready() comes
        }
        lane.idle.stop();
        if (lane.state == LaneState::Ready && lane.model == lane.waiting.front().model.id) {
            Pending next = std::move(lane.waiting.front());
            lane.waiting.pop_front();
            start(lane, std::move(next));
            continue;
        }
        if (!lane.running.empty()) {
            return; // the model before it still answers
        }
        load(lane);
    }
    if (lane.waiting.empty() && lane.running.empty() && lane.state == LaneState::Ready) {
        lane.idle.start(m_idleLimit);
    }
}

void AnswerService::load(Lane& lane)
{
    const ServedModel model = lane.waiting.front().model;
    const platform::MemoryState memory = platform::readMemory();
    if (lane.state == LaneState::Ready) {
        // A fresh process for another model: whatever the old one held is surely free.
        dropModel(lane);
    }
    if (lane.device == "cpu" && memory.available > 0 && model.memory > memory.available) {
        failWaiting(lane, model.id,
            { Errc::Unavailable,
                model.name + " needs " + readableBytes(model.memory) + " of memory, and "
                    + readableBytes(memory.available) + " of " + readableBytes(memory.total)
                    + " are free; close other programs or choose a smaller model" });
        return;
    }
    lane.state = LaneState::Loading;
    lane.model = model.id;
    QJsonObject job = model.source;
    job[QLatin1String{ "job" }] = QStringLiteral("load");
    job[QLatin1String{ "device" }] = QString::fromStdString(lane.device);
    job[QLatin1String{ "context" }] = kContext;
    job[QLatin1String{ "slots" }] = kSlots;
    job[QLatin1String{ "threads" }]
        = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    const auto sent = lane.worker->request(
        job, {}, [this, raw = &lane, model](const Result<QJsonObject>& loaded) {
            if (loaded) {
                raw->state = LaneState::Ready;
            } else {
                raw->state = LaneState::Empty;
                raw->model.clear();
                failWaiting(*raw, model.id, loaded.error());
            }
            Q_EMIT changed();
            pumpLater(*raw);
        });
    if (!sent) {
        lane.state = LaneState::Empty;
        failWaiting(lane, model.id, sent.error());
    }
}

void AnswerService::start(Lane& lane, Pending pending)
{
    const std::uint64_t number = pending.number;
    const QString model = QString::fromStdString(pending.model.id);
    const auto sent = lane.worker->request(pending.job, std::move(pending.event),
        [this, raw = &lane, number, model, done = pending.done](Result<QJsonObject> outcome) {
            std::erase_if(
                raw->running, [number](const auto& entry) { return entry.first == number; });
            count(outcome);
            if (outcome) {
                outcome->remove(QLatin1String{ "id" });
                outcome->remove(QLatin1String{ "ok" });
                (*outcome)[QLatin1String{ "device" }] = raw->deviceName;
                (*outcome)[QLatin1String{ "model" }] = model;
            }
            pumpLater(*raw);
            done(std::move(outcome));
        });
    if (!sent) {
        ++m_counters.failed;
        pending.done(tl::unexpected{ sent.error() });
        return;
    }
    lane.running.emplace_back(number, *sent);
}

void AnswerService::count(const Result<QJsonObject>& outcome)
{
    if (!outcome) {
        ++m_counters.failed;
        return;
    }
    ++m_counters.answered;
    m_counters.promptTokens += sizeOf(*outcome, "prompt_tokens");
    m_counters.answerTokens += sizeOf(*outcome, "tokens");
    m_counters.promptSeconds += outcome->value(QLatin1String{ "prompt_seconds" }).toDouble();
    m_counters.answerSeconds += outcome->value(QLatin1String{ "answer_seconds" }).toDouble();
}

void AnswerService::failWaiting(Lane& lane, const std::string& model, const base::Error& error)
{
    std::deque<Pending> kept;
    std::deque<Pending> failed;
    for (Pending& pending : lane.waiting) {
        (model.empty() || pending.model.id == model ? failed : kept).push_back(std::move(pending));
    }
    lane.waiting = std::move(kept);
    for (const Pending& pending : failed) {
        ++m_counters.failed;
        pending.done(tl::unexpected{ error });
    }
}

void AnswerService::cancel(std::uint64_t number)
{
    const auto isIt = [number](const Pending& pending) { return pending.number == number; };
    const auto refuse = [](const Pending& pending) {
        pending.done(base::fail(Errc::Cancelled, "the answer was cancelled"));
    };
    if (const auto found = std::ranges::find_if(m_homeless, isIt); found != m_homeless.end()) {
        const Pending pending = std::move(*found);
        m_homeless.erase(found);
        refuse(pending);
        return;
    }
    for (const auto& lane : m_lanes) {
        for (const auto& [running, workerId] : lane->running) {
            if (running == number) {
                lane->worker->cancelAnswer(workerId);
                return;
            }
        }
        if (const auto found = std::ranges::find_if(lane->waiting, isIt);
            found != lane->waiting.end()) {
            const Pending pending = std::move(*found);
            lane->waiting.erase(found);
            refuse(pending);
            return;
        }
    }
}

void AnswerService::dropModel(Lane& lane)
{
    lane.idle.stop();
    lane.state = LaneState::Empty;
    lane.model.clear();
    lane.worker->stop();
    Q_EMIT changed();
}

void AnswerService::unload(std::string_view id)
{
    for (const auto& lane : m_lanes) {
        if (lane->model == id) {
            dropModel(*lane);
            pumpLater(*lane);
        }
    }
}

void AnswerService::rest()
{
    for (const auto& lane : m_lanes) {
        if (lane->state == LaneState::Ready && lane->running.empty() && lane->waiting.empty()) {
            dropModel(*lane);
        }
    }
}

std::vector<AnswerService::Loaded> AnswerService::loaded() const
{
    std::vector<Loaded> out;
    for (const auto& lane : m_lanes) {
        if (!lane->model.empty()) {
            out.push_back({ lane->device, lane->model, lane->state == LaneState::Ready,
                lane->running.size(), lane->waiting.size() });
        }
    }
    return out;
}

} // namespace loam::node
