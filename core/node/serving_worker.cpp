// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/serving_worker.h"

#include <QJsonDocument>

#include <utility>

namespace loam::node {

using base::Errc;

namespace {

    constexpr qsizetype kMaxRequestBytes = (1 << 20) - 64; // the worker's longest line

} // namespace

ServingWorker::ServingWorker(QString program, QObject* parent)
    : QObject{ parent }
    , m_process{ std::move(program) }
{
    m_process.setArguments({ QStringLiteral("--serve") });
    m_process.countExits();
    connect(&m_process, &SupervisedProcess::lineReceived, this, &ServingWorker::handleLine);
    connect(&m_process, &SupervisedProcess::ended, this, [this](const QString& reason) {
        m_process.setNeeded(false);
        Q_EMIT ended();
        failAll({ Errc::Unavailable,
            "the worker that computes answers stopped (" + reason.toStdString()
                + "); it is started again, so ask once more" });
    });
    connect(&m_process, &SupervisedProcess::ready, this, &ServingWorker::ready);
    connect(&m_process, &SupervisedProcess::gaveUp, this, &ServingWorker::gaveUp);
}

ServingWorker::~ServingWorker() = default;

base::Result<std::int64_t> ServingWorker::request(QJsonObject job, Event event, Done done)
{
    if (QJsonDocument{ job }.toJson(QJsonDocument::Compact).size() > kMaxRequestBytes) {
        return base::fail(Errc::Invalid, "the text is longer than 1 MiB; shorten it");
    }
    if (!m_process.start()) {
        return base::fail(Errc::Unavailable,
            isDown() ? "the worker of this device crashed three times in a row and stays off; "
                       "choose another device, or start Loam's node again"
                     : "the worker of this device has just crashed; try again in a moment");
    }
    const std::int64_t id = m_nextId++;
    job[QLatin1String{ "id" }] = static_cast<qint64>(id);
    const bool isLoad = job.value(QLatin1String{ "job" }) == QLatin1String{ "load" };
    m_requests.emplace(id, Request{ std::move(event), std::move(done), isLoad });
    m_process.send(job);
    m_process.setNeeded(true);
    return id;
}

void ServingWorker::cancelAnswer(std::int64_t id)
{
    if (m_requests.contains(id)) {
        m_process.send({ { QStringLiteral("job"), QStringLiteral("cancel_answer") },
            { QStringLiteral("answer"), static_cast<qint64>(id) } });
    }
}

void ServingWorker::stop()
{
    m_process.setNeeded(false);
    m_process.end();
    failAll({ Errc::Cancelled, "the model was taken from its device" });
}

void ServingWorker::handleLine(const QJsonObject& line)
{
    const auto found = m_requests.find(line.value(QLatin1String{ "id" }).toInteger(-1));
    if (found == m_requests.end()) {
        return;
    }
    const QJsonValue progress = line.value(QLatin1String{ "progress" });
    if (progress.isObject()) {
        if (found->second.event) {
            // A copy: the receiver may end the worker.
            const Event event = found->second.event;
            event(progress.toObject());
        }
        return;
    }
    const QJsonValue ok = line.value(QLatin1String{ "ok" });
    if (!ok.isBool()) {
        return;
    }
    const Done done = std::move(found->second.done);
    // A model that loads and dies of every question is no success.
    const bool isProof = ok.toBool() && !found->second.isLoad;
    m_requests.erase(found);
    m_process.setNeeded(!m_requests.empty());
    if (isProof) {
        m_process.noteSuccess();
    }
    if (ok.toBool()) {
        done(line);
        return;
    }
    done(base::fail(errcFromWorker(line.value(QLatin1String{ "code" }).toString()),
        line.value(QLatin1String{ "message" }).toString().toStdString()));
}

void ServingWorker::failAll(const base::Error& error)
{
    for (auto& [id, request] : std::exchange(m_requests, {})) {
        request.done(tl::unexpected{ error });
    }
}

} // namespace loam::node
