// SPDX-License-Identifier: GPL-3.0-or-later
#include "api_vm.h"

namespace loam::desktop {

ApiVm::ApiVm(NodeApi& node, QObject* parent)
    : QObject{ parent }
    , m_node{ node }
{
    m_node.subscribe({ QStringLiteral("api") });
    connect(&m_node, &NodeApi::connectedChanged, this, [this](bool connected) {
        if (connected) {
            call(QStringLiteral("api.status"));
        }
    });
    connect(&m_node, &NodeApi::notified, this,
        [this](const QString& method, const QJsonObject& payload) {
            if (method == QLatin1String("api.changed")) {
                take(payload);
                Q_EMIT changed();
            }
        });
    if (m_node.isConnected()) {
        call(QStringLiteral("api.status"));
    }
}

void ApiVm::call(const QString& method)
{
    m_node.call(method, {}, this, [this](const NodeReply& reply) {
        m_errorText = reply.error;
        if (reply.isOk()) {
            take(reply.result);
        }
        // Also after a refusal: a switch that was flipped falls back.
        Q_EMIT changed();
    });
}

void ApiVm::take(const QJsonObject& status)
{
    m_on = status.value(QStringLiteral("on")).toBool();
    m_url = status.value(QStringLiteral("url")).toString();
    m_hasKey = status.value(QStringLiteral("has_key")).toBool();
    if (const QString key = status.value(QStringLiteral("key")).toString(); !key.isEmpty()) {
        m_key = key;
    }
}

void ApiVm::setOn(bool on)
{
    if (on != m_on) {
        call(on ? QStringLiteral("api.on") : QStringLiteral("api.off"));
    }
}

void ApiVm::makeKey()
{
    call(QStringLiteral("api.key"));
}

void ApiVm::hideKey()
{
    m_key.clear();
    Q_EMIT changed();
}

} // namespace loam::desktop
