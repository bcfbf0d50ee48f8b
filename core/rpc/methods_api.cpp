// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/api_key.h"
#include "node/log.h"
#include "rpc/http_endpoint.h"
#include "rpc/methods.h"
#include "rpc/params.h"

namespace loam::rpc {

using Result = base::Result<QJsonObject>;

namespace {

    QJsonObject statusOf(node::Node& node, const HttpEndpoint& endpoint)
    {
        const node::Settings::Api& api = node.settings().api;
        const int port = endpoint.isRunning() ? endpoint.port() : api.port;
        return { { QStringLiteral("on"), endpoint.isRunning() }, { QStringLiteral("port"), port },
            { QStringLiteral("url"), QStringLiteral("http://127.0.0.1:%1/v1").arg(port) },
            { QStringLiteral("has_key"), !api.keyHash.empty() } };
    }

    /// Stores a new key's hash and gives the key itself, the only time it is shown.
    Result newKey(node::Node& node, HttpEndpoint& endpoint)
    {
        const std::string key = node::ApiKey::make();
        node::Settings::Api api = node.settings().api;
        api.keyHash = node::ApiKey::hashOf(key);
        TRY(node.setApi(api));
        endpoint.setKeyHash(api.keyHash);
        QJsonObject out = statusOf(node, endpoint);
        out[QLatin1String{ "key" }] = text(key);
        return out;
    }

    Result switchOn(node::Node& node, HttpEndpoint& endpoint, const QJsonObject& params)
    {
        node::Settings::Api api = node.settings().api;
        TRY_ASSIGN(const auto port, integerParam(params, "port", api.port, 0, 65535));
        const bool isFirst = api.keyHash.empty();
        if (isFirst) {
            TRY(newKey(node, endpoint));
        }
        api = node.settings().api;
        if (!endpoint.isRunning() || port != api.port) {
            TRY(endpoint.start(static_cast<std::uint16_t>(port), api.keyHash));
        }
        api.on = true;
        api.port = static_cast<std::uint16_t>(port);
        TRY(node.setApi(api));
        // The key made a moment ago was shown to nobody.
        return isFirst ? newKey(node, endpoint) : Result{ statusOf(node, endpoint) };
    }

    Result switchOff(node::Node& node, HttpEndpoint& endpoint)
    {
        endpoint.stop();
        node::Settings::Api api = node.settings().api;
        api.on = false;
        TRY(node.setApi(api));
        return statusOf(node, endpoint);
    }

} // namespace

void registerApiMethods(Server& server, node::Node& node, HttpEndpoint& endpoint)
{
    const auto offer = [&server, &node, &endpoint](const char* name, auto body) {
        server.registerMethod(QLatin1String{ name },
            [&server, &node, &endpoint, body](const QJsonObject& params, const Reply& reply) {
                const Result outcome = body(params);
                reply.finish(outcome);
                server.notify(
                    QStringLiteral("api.changed"), statusOf(node, endpoint), Delivery::Latest);
            });
    };
    offer("api.on",
        [&node, &endpoint](const QJsonObject& params) { return switchOn(node, endpoint, params); });
    offer("api.off", [&node, &endpoint](const QJsonObject&) { return switchOff(node, endpoint); });
    offer("api.key", [&node, &endpoint](const QJsonObject&) { return newKey(node, endpoint); });
    server.registerMethod(
        QStringLiteral("api.status"), [&node, &endpoint](const QJsonObject&, const Reply& reply) {
            reply.result(statusOf(node, endpoint));
        });
    const node::Settings::Api& api = node.settings().api;
    if (api.on && !api.keyHash.empty()) {
        if (const auto started = endpoint.start(api.port, api.keyHash); !started) {
            qCWarning(node::lcNode).noquote() << messageOf(started.error());
        }
    }
}

} // namespace loam::rpc
