// SPDX-License-Identifier: GPL-3.0-or-later
#include "practice_vm.h"

#include <QJsonArray>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace loam::desktop {
namespace {

    constexpr std::chrono::milliseconds kCoalesce{ 250 };

    /// The value all objects share in `field`; empty when they differ or one has none.
    QString common(const QJsonArray& objects, QLatin1String field)
    {
        const QString first = objects.at(0).toObject().value(field).toString();
        const bool same = std::all_of(objects.begin(), objects.end(), [&](const QJsonValue& value) {
            return value.toObject().value(field).toString() == first;
        });
        return same ? first : QString();
    }

    double sum(const QJsonValue& perNode)
    {
        if (perNode.isDouble()) {
            return perNode.toDouble();
        }
        double total = 0;
        for (const QJsonValue& value : perNode.toObject()) {
            total += value.toDouble();
        }
        return total;
    }

} // namespace

PracticeVm::PracticeVm(NodeApi& node, QObject* parent)
    : QObject{ parent }
    , m_node{ node }
    , m_nodes{ QStringLiteral("id"),
        {
            { "node", QStringLiteral("id") },
            { "role", QStringLiteral("role") },
            { "step", QStringLiteral("step") },
            { "steps", QStringLiteral("steps") },
            { "loss", QStringLiteral("loss") },
            { "rate", QStringLiteral("tokens_per_second") },
            { "nodeState", QStringLiteral("state") },
        } }
    , m_refusals{ QStringLiteral("key"),
        {
            { "node", QStringLiteral("node") },
            { "reason", QStringLiteral("reason") },
            { "round", QStringLiteral("round") },
        } }
    , m_results{ QStringLiteral("id"),
        {
            { "node", QStringLiteral("id") },
            { "role", QStringLiteral("role") },
            { "blockHeight", QStringLiteral("height") },
            { "auditRoot", QStringLiteral("audit_root") },
            { "parametersHash", QStringLiteral("params_hash") },
            { "balance", QStringLiteral("balance") },
        } }
{
    m_coalesce.setSingleShot(true);
    m_coalesce.setInterval(kCoalesce);
    connect(&m_coalesce, &QTimer::timeout, this, &PracticeVm::applyPending);
    connect(&m_node, &NodeApi::notified, this, &PracticeVm::takeNotification);
    connect(&m_node, &NodeApi::connectedChanged, this, [this](bool connected) {
        if (!connected && m_stage == Running) {
            fail(tr("The node went away in the middle of the run."));
        }
    });
}

double PracticeVm::progress() const
{
    if (m_stage == Succeeded) {
        return 1;
    }
    if (m_rounds <= 0) {
        return 0;
    }
    double steps = 0;
    double done = 0;
    for (const QJsonObject& node : m_nodes.records()) {
        steps += node.value(QStringLiteral("steps")).toDouble();
        done += node.value(QStringLiteral("step")).toDouble();
    }
    const double within = steps > 0 ? std::clamp(done / steps, 0.0, 1.0) : 0.0;
    return std::clamp((m_round + within) / m_rounds, 0.0, 1.0);
}

double PracticeVm::firstLoss() const
{
    return m_loss.count() == 0 ? std::nan("") : m_loss.points().front().y();
}

void PracticeVm::addCorpus(const QUrl& folder)
{
    const QString path = folder.toLocalFile();
    if (!path.isEmpty() && !m_corpora.contains(path)) {
        m_corpora.append(path);
        Q_EMIT corporaChanged();
    }
}

void PracticeVm::removeCorpus(const QString& folder)
{
    if (m_corpora.removeAll(folder) > 0) {
        Q_EMIT corporaChanged();
    }
}

void PracticeVm::clearResult()
{
    m_phase.clear();
    m_message.clear();
    m_round = 0;
    m_nodes.clear();
    m_refusals.clear();
    m_results.clear();
    m_loss.clear();
    m_bytesSent = 0;
    m_seconds = 0;
    m_agreed = false;
    m_auditRoot.clear();
    m_parametersHash.clear();
    m_errorText.clear();
    m_pending = {};
}

void PracticeVm::start(int nodes, int rounds, int byzantine)
{
    if (m_stage == Running) {
        return;
    }
    clearResult();
    m_stage = Running;
    m_phase = QStringLiteral("starting");
    m_rounds = rounds;
    Q_EMIT changed();
    QJsonObject params{ { QStringLiteral("nodes"), nodes }, { QStringLiteral("rounds"), rounds },
        { QStringLiteral("byzantine"), byzantine } };
    if (!m_corpora.isEmpty()) {
        params.insert(QStringLiteral("corpora"), QJsonArray::fromStringList(m_corpora));
    }
    m_node.call(QStringLiteral("practice.start"), params, this, [this](const NodeReply& reply) {
        if (!reply.isOk()) {
            fail(reply.error);
        }
    });
}

void PracticeVm::stop()
{
    m_phase = QStringLiteral("stopping");
    Q_EMIT changed();
    m_node.call(QStringLiteral("practice.stop"), {}, this, [this](const NodeReply& reply) {
        if (m_stage == Running) {
            fail(
                reply.isOk() ? tr("Stopped by you. Everything it made was removed.") : reply.error);
        }
    });
}

void PracticeVm::reset()
{
    if (m_stage == Running) {
        return;
    }
    clearResult();
    m_stage = Ready;
    Q_EMIT changed();
}

void PracticeVm::fail(const QString& error)
{
    m_stage = Failed;
    m_errorText = error;
    m_pending = {};
    Q_EMIT changed();
    Q_EMIT finished(false);
}

void PracticeVm::takeNotification(const QString& topic, const QJsonObject& payload)
{
    if (topic == QLatin1String("practice.progress")) {
        takeProgress(payload);
    } else if (topic == QLatin1String("practice.round")) {
        takeRound(payload);
    } else if (topic == QLatin1String("practice.finished")) {
        takeResult(payload);
    }
}

void PracticeVm::takeProgress(const QJsonObject& payload)
{
    // A window that opens in the middle of a run follows it from there.
    if (m_stage == Ready) {
        m_stage = Running;
    }
    if (m_stage != Running) {
        return;
    }
    m_pending = payload;
    if (!m_coalesce.isActive()) {
        m_coalesce.start();
    }
}

void PracticeVm::applyPending()
{
    if (m_pending.isEmpty()) {
        return;
    }
    if (m_phase != QLatin1String("stopping")) {
        m_phase = m_pending.value(QStringLiteral("phase")).toString();
    }
    m_message = m_pending.value(QStringLiteral("message")).toString();
    m_round = std::max(m_round, m_pending.value(QStringLiteral("round")).toInt());
    m_rounds = m_pending.value(QStringLiteral("rounds")).toInt(m_rounds);
    if (m_pending.contains(QStringLiteral("nodes"))) {
        m_nodes.setRecords(m_pending.value(QStringLiteral("nodes")).toArray());
    }
    m_pending = {};
    Q_EMIT changed();
}

void PracticeVm::takeRound(const QJsonObject& payload)
{
    const int round = payload.value(QStringLiteral("round")).toInt();
    if (m_loss.count() > 0 && m_loss.points().back().x() >= round) {
        return; // told twice: by its notification and by the final account
    }
    const QJsonValue before = payload.value(QStringLiteral("loss_before"));
    if (m_loss.count() == 0 && before.isDouble()) {
        m_loss.append({ static_cast<double>(round - 1), before.toDouble() });
    }
    m_loss.append({ static_cast<double>(round),
        payload.value(QStringLiteral("loss_after")).toDouble(std::nan("")) });
    m_bytesSent += sum(payload.value(QStringLiteral("bytes_sent")));
    for (const QJsonValue& value : payload.value(QStringLiteral("refused")).toArray()) {
        QJsonObject refusal = value.toObject();
        refusal.insert(QStringLiteral("round"), round);
        refusal.insert(QStringLiteral("key"),
            QString::number(round) + refusal.value(QStringLiteral("node")).toString());
        m_refusals.upsert(refusal);
    }
    Q_EMIT changed();
}

void PracticeVm::takeResult(const QJsonObject& payload)
{
    if (m_stage != Running) {
        return;
    }
    applyPending();
    // Rounds whose notification did not arrive are in the final account.
    for (const QJsonValue& round : payload.value(QStringLiteral("rounds")).toArray()) {
        takeRound(round.toObject());
    }
    const QJsonArray nodes = payload.value(QStringLiteral("nodes")).toArray();
    m_results.setRecords(nodes);
    QJsonArray honest;
    for (const QJsonValue& value : nodes) {
        if (value.toObject().value(QStringLiteral("role")) != QLatin1String("byzantine")) {
            honest.append(value);
        }
    }
    m_seconds = payload.value(QStringLiteral("seconds")).toDouble();
    m_auditRoot = common(honest, QLatin1String("audit_root"));
    m_parametersHash = common(honest, QLatin1String("params_hash"));
    m_agreed = !m_auditRoot.isEmpty() && !m_parametersHash.isEmpty();
    if (!payload.value(QStringLiteral("ok")).toBool()) {
        const QString error = payload.value(QStringLiteral("error")).toString();
        fail(error.isEmpty() ? tr("The run did not finish.") : error);
        return;
    }
    m_stage = Succeeded;
    Q_EMIT changed();
    Q_EMIT finished(true);
}

} // namespace loam::desktop
