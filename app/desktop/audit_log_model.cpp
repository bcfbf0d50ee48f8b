// SPDX-License-Identifier: GPL-3.0-or-later
#include "audit_log_model.h"

#include <QJsonArray>

namespace loam::desktop {

QStringList namesFrom(const QJsonValue& value)
{
    QStringList names;
    for (const QJsonValue& item : value.toArray()) {
        const QJsonObject object = item.toObject();
        const QString name = item.isObject()
            ? object
                  .value(object.contains(QLatin1String("name")) ? QLatin1String("name")
                                                                : QLatin1String("id"))
                  .toString()
            : item.toString();
        if (!name.isEmpty()) {
            names.append(name);
        }
    }
    return names;
}

AuditLogModel::AuditLogModel(NodeApi& node, QObject* parent)
    : PagedModel{ node, QStringLiteral("audit.list"),
        {
            // "index" is taken by the view itself, "text" by its delegate.
            { "entry", QStringLiteral("index") },
            { "time", QStringLiteral("time") },
            { "height", QStringLiteral("height") },
            { "kind", QStringLiteral("kind") },
            { "node", QStringLiteral("node") },
            { "run", QStringLiteral("run") },
            { "round", QStringLiteral("round") },
            { "amount", QStringLiteral("amount") },
            { "message", QStringLiteral("text") },
            { "reason", QStringLiteral("reason") },
        },
        parent }
{
    connect(&node, &NodeApi::notified, this, [this](const QString& topic) {
        if (topic == QLatin1String("block.finalized")) {
            markStale();
        }
    });
}

void AuditLogModel::readAnswer(const QJsonObject& answer)
{
    m_size = answer.value(QStringLiteral("size")).toDouble();
    m_root = answer.value(QStringLiteral("root")).toString();
    m_cosigners = namesFrom(answer.value(QStringLiteral("cosigners")));
    m_consistent = answer.value(QStringLiteral("consistent")).toBool(true);
    Q_EMIT summaryChanged();
}

WalletHistoryModel::WalletHistoryModel(NodeApi& node, QObject* parent)
    : PagedModel{ node, QStringLiteral("wallet.history"),
        {
            { "time", QStringLiteral("time") },
            { "kind", QStringLiteral("kind") },
            { "amount", QStringLiteral("amount") },
            { "balance", QStringLiteral("balance") },
            { "peer", QStringLiteral("peer") },
            { "memo", QStringLiteral("memo") },
            { "reason", QStringLiteral("reason") },
            { "entry", QStringLiteral("entry") },
        },
        parent }
{
    connect(&node, &NodeApi::notified, this, [this](const QString& topic) {
        if (topic == QLatin1String("wallet.changed")) {
            markStale();
        }
    });
}

} // namespace loam::desktop
