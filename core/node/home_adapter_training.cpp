// SPDX-License-Identifier: GPL-3.0-or-later
// How an adapter is trained: text through the gate, steps by leave, an end at once on revocation.
#include "base/file.h"
#include "node/corpora.h"
#include "node/home_adapter_service.h"
#include "node/log.h"
#include "node/private_channel.h"

#include <algorithm>
#include <chrono>

namespace loam::node {

using base::Errc;
using base::Result;
namespace fs = std::filesystem;

namespace {

    constexpr int kMostFailures = 3;
    constexpr int kCheckpointMillis = 5000;

    std::int64_t unixSeconds()
    {
        return std::chrono::duration_cast<std::chrono::seconds>(
            base::SystemClock{}.now().time_since_epoch())
            .count();
    }

    double real(const QJsonObject& fields, const char* name)
    {
        return fields.value(QLatin1String{ name }).toDouble();
    }

    std::uint64_t whole(const QJsonObject& fields, const char* name)
    {
        return static_cast<std::uint64_t>(
            std::max<qint64>(0, fields.value(QLatin1String{ name }).toInteger()));
    }

} // namespace

void HomeAdapterService::setMayWork(bool mayWork, const std::string& reason)
{
    if (m_mayWork == mayWork && m_scheduleReason == reason) {
        return;
    }
    m_mayWork = mayWork;
    m_scheduleReason = reason;
    applySchedule();
    pump();
}

void HomeAdapterService::applySchedule()
{
    const HomeAdapter* const running = known(m_running);
    const bool works = running == nullptr || m_mayWork || running->isNow;
    if (works) {
        m_worker->resume();
    } else {
        m_worker->pause();
    }
    const std::string reason = m_mayWork ? std::string{} : m_scheduleReason;
    if (m_waitsFor != reason) {
        m_waitsFor = reason;
        Q_EMIT changed();
    }
}

void HomeAdapterService::identityChanged()
{
    if (m_context.identity.isUnlocked()) {
        pump();
        return;
    }
    // Keys that came from the identity go with it.
    if (HomeAdapter* const running = known(m_running)) {
        interrupt(AdapterState::Waiting, "the wallet is locked");
        running->reason.clear();
    }
    for (const HomeAdapter& adapter : m_adapters) {
        m_context.unload(adapter.id);
    }
}

void HomeAdapterService::pump()
{
    if (!m_running.empty() || !m_context.identity.isUnlocked()) {
        return;
    }
    HomeAdapter* next = nullptr;
    for (HomeAdapter& adapter : m_adapters) {
        // Oldest wish first; what shall be done now before it.
        const bool may = adapter.state == AdapterState::Waiting && (m_mayWork || adapter.isNow);
        if (may && (next == nullptr || adapter.isNow || !next->isNow)) {
            next = &adapter;
        }
    }
    if (next != nullptr) {
        begin(*next);
    }
}

void HomeAdapterService::begin(HomeAdapter& adapter)
{
    m_running = adapter.id;
    const std::uint64_t attempt = ++m_attempt;
    ++adapter.attempts;
    m_worker->setUrgency(
        adapter.isNow ? WorkerProcess::Urgency::Awaited : WorkerProcess::Urgency::WhenIdle);
    settle(adapter, AdapterState::Training, {});
    const auto grant = base::fixedFromHex<consent::GrantId>(adapter.grant);
    const DataService::BatchRequest request{ .grant = grant ? *grant : consent::GrantId{},
        .run = { .run = {}, .purpose = consent::Purpose::Adapter },
        .round = adapter.attempts,
        .cost = {} };
    m_context.data.batches(request, [this, attempt](Result<DataService::Batches> batches) {
        HomeAdapter* const running = known(m_running);
        if (attempt != m_attempt || running == nullptr) {
            return; // stopped or removed meanwhile
        }
        if (!batches) {
            const bool isDenied = batches.error().code == Errc::Denied;
            interrupt(
                isDenied ? AdapterState::Stopped : AdapterState::Failed, batches.error().message);
            return;
        }
        if (batches->batch.texts.empty()) {
            const auto& refused = batches->batch.refused;
            interrupt(AdapterState::Failed,
                refused.empty() ? std::string{ "the sources hold no text that was read yet" }
                                : "none of the files may be used: " + refused.front().path + ": "
                        + refused.front().reason);
            return;
        }
        handOver(std::move(*batches));
    });
}

void HomeAdapterService::handOver(DataService::Batches batches)
{
    HomeAdapter& adapter = *known(m_running);
    auto key = keyOf(adapter);
    if (!key) {
        interrupt(AdapterState::Waiting, key.error().message);
        return;
    }
    m_permit = batches.permit;
    m_gateTick.start();
    adapter.contents = std::move(batches.batch.contents);
    save(adapter);
    sendJob(adapter, *key, std::move(batches.batch.texts));
    applySchedule();
}

void HomeAdapterService::sendJob(
    const HomeAdapter& adapter, const std::string& key, std::vector<std::string> texts)
{
    const AdapterFiles files = filesOf(adapter);
    QJsonObject job = adapter.baseSource;
    job[QLatin1String{ "trained" }] = static_cast<qint64>(setHeldOutApart(texts, kHeldOutAtHome));
    sendPrivateTexts(*m_worker, std::move(texts), job);
    job[QLatin1String{ "job" }] = QStringLiteral("adapter");
    job[QLatin1String{ "adapter" }] = QString::fromStdString(files.weights().string());
    job[QLatin1String{ "checkpoint" }] = QString::fromStdString(files.checkpoint().string());
    job[QLatin1String{ "key" }] = QString::fromStdString(key);
    job[QLatin1String{ "base_name" }] = QString::fromStdString(adapter.baseName);
    job[QLatin1String{ "steps" }] = static_cast<qint64>(adapter.steps);
    job[QLatin1String{ "rank" }] = static_cast<qint64>(adapter.rank);
    job[QLatin1String{ "learning_rate" }] = adapter.learningRate;
    job[QLatin1String{ "seed" }] = static_cast<qint64>(adapter.created);
    const WorkMeans means = m_context.means();
    means.addTo(job);
    job[QLatin1String{ "checkpoint_ms" }] = kCheckpointMillis;
    // About fifteen measurements in a whole training.
    job[QLatin1String{ "measure_every" }]
        = static_cast<qint64>(std::clamp(adapter.steps / 15, 1U, 25U));
    m_worker->submit(
        job,
        [this, attempt = m_attempt](const QJsonObject& fields) {
            if (attempt == m_attempt) {
                takeProgress(fields);
            }
        },
        [this, attempt = m_attempt, device = means.device](const Result<QJsonObject>& result) {
            m_context.trainedOn(device, result);
            if (attempt == m_attempt) {
                takeResult(result);
            }
        });
}

void HomeAdapterService::takeProgress(const QJsonObject& fields)
{
    HomeAdapter* const adapter = known(m_running);
    if (adapter == nullptr) {
        return;
    }
    const QJsonValue ask = fields.value(QLatin1String{ "ask" });
    if (!ask.isUndefined()) {
        checkGate();
        if (!m_running.empty()) {
            m_worker->tell({ { QStringLiteral("job"), QStringLiteral("proceed") },
                { QStringLiteral("step"), ask } });
        }
        return;
    }
    adapter->step = static_cast<std::uint32_t>(whole(fields, "step"));
    adapter->lossBefore = real(fields, "loss_before");
    adapter->lossAfter = real(fields, "best");
    QJsonObject shown = fields;
    shown[QLatin1String{ "adapter" }] = QString::fromStdString(adapter->id);
    Q_EMIT progress(shown);
}

void HomeAdapterService::takeResult(const Result<QJsonObject>& result)
{
    HomeAdapter& adapter = *known(m_running);
    if (!result && result.error().code == Errc::Unavailable && !m_worker->isDown()
        && ++m_failures < kMostFailures) {
        // The worker died, and the text with it: it is asked for again, through the gate.
        interrupt(AdapterState::Waiting, {});
        return;
    }
    if (!result) {
        interrupt(AdapterState::Failed, result.error().message);
        return;
    }
    m_gateTick.stop();
    m_permit.reset();
    m_failures = 0;
    adapter.step = static_cast<std::uint32_t>(whole(*result, "steps"));
    adapter.bestStep = static_cast<std::uint32_t>(whole(*result, "best_step"));
    adapter.lossBefore = real(*result, "loss_before");
    adapter.lossAfter = real(*result, "loss_after");
    adapter.tokens = whole(*result, "tokens");
    adapter.parameters = whole(*result, "parameters");
    adapter.extraMemory = whole(*result, "extra_bytes");
    adapter.trained = unixSeconds();
    std::error_code ignored;
    fs::remove(filesOf(adapter).checkpoint(), ignored);
    m_context.unload(adapter.id);
    m_running.clear();
    ++m_attempt;
    qCInfo(lcNode) << "an adapter was trained: held-out loss" << adapter.lossBefore << "->"
                   << adapter.lossAfter << "in" << adapter.step << "steps";
    settle(adapter, AdapterState::Ready,
        adapter.bestStep == 0 ? "the text held out did not become more likely; more text may help"
                              : "");
    // Whatever the worker still holds of the text goes with its process.
    m_worker->cancelAll();
    applySchedule();
    pump();
}

void HomeAdapterService::checkGate()
{
    if (m_running.empty() || !m_permit) {
        return;
    }
    const auto allowed = m_context.data.gate().check(*m_permit);
    if (!allowed) {
        interrupt(AdapterState::Stopped, allowed.error().message);
    }
}

void HomeAdapterService::interrupt(AdapterState state, const std::string& reason)
{
    HomeAdapter* const adapter = known(m_running);
    m_gateTick.stop();
    m_running.clear();
    ++m_attempt;
    const bool isRevoked = m_permit && !m_context.data.gate().check(*m_permit);
    m_permit.reset();
    // The process goes, and the text in its memory with it.
    m_worker->cancelAll();
    m_worker->resume();
    if (adapter != nullptr) {
        if (isRevoked) {
            // What it had learnt so far came from text that may no longer be used.
            std::error_code ignored;
            fs::remove(filesOf(*adapter).checkpoint(), ignored);
            adapter->step = 0;
        }
        settle(*adapter, state, reason);
    }
    applySchedule();
    QMetaObject::invokeMethod(this, &HomeAdapterService::pump, Qt::QueuedConnection);
}

} // namespace loam::node
