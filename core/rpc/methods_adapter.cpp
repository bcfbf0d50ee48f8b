// SPDX-License-Identifier: GPL-3.0-or-later
// Adapters of the owner's own text.
#include "rpc/data_params.h"
#include "rpc/methods.h"

namespace loam::rpc {

using base::Errc;
using Result = base::Result<QJsonObject>;

namespace {

    constexpr double kMaxDays = 3660;
    constexpr std::int64_t kMaxSteps = 100'000;
    constexpr std::int64_t kMaxRank = 256;

    QJsonObject describe(node::Node& node, const node::HomeAdapter& adapter)
    {
        QJsonArray sources;
        for (const auto& [number, path] : adapter.sources) {
            sources.append(QJsonObject{ { QStringLiteral("id"), static_cast<qint64>(number) },
                { QStringLiteral("path"), pathText(path) } });
        }
        const bool waits = adapter.state == node::AdapterState::Waiting
            || adapter.state == node::AdapterState::Training;
        QJsonObject out{ { QStringLiteral("id"), text(adapter.id) },
            { QStringLiteral("name"), text(adapter.name) },
            { QStringLiteral("base"), text(adapter.baseId) },
            { QStringLiteral("base_name"), text(adapter.baseName) },
            { QStringLiteral("sources"), sources },
            { QStringLiteral("grant"), text(adapter.grant) },
            { QStringLiteral("created"), static_cast<qint64>(adapter.created) },
            { QStringLiteral("trained"),
                adapter.trained == 0 ? QJsonValue{} : static_cast<qint64>(adapter.trained) },
            { QStringLiteral("state"), text(std::string{ adapterStateName(adapter.state) }) },
            { QStringLiteral("reason"), text(adapter.reason) },
            { QStringLiteral("waits_for"),
                waits && !adapter.isNow ? text(node.adapters().waitsFor()) : QString{} },
            { QStringLiteral("now"), adapter.isNow },
            { QStringLiteral("rank"), number(adapter.rank) },
            { QStringLiteral("step"), number(adapter.step) },
            { QStringLiteral("steps"), number(adapter.steps) },
            { QStringLiteral("best_step"), number(adapter.bestStep) },
            { QStringLiteral("attempts"), number(adapter.attempts) },
            { QStringLiteral("tokens"), number(adapter.tokens) },
            { QStringLiteral("parameters"), number(adapter.parameters) } };
        if (adapter.lossBefore > 0) {
            out[QLatin1String{ "loss_before" }] = adapter.lossBefore;
            out[QLatin1String{ "loss_after" }] = adapter.lossAfter;
        }
        for (const node::AnswerService::Loaded& loaded : node.answers().loaded()) {
            if (loaded.model == adapter.id) {
                out[QLatin1String{ "device" }] = text(loaded.device);
            }
        }
        return out;
    }

    QJsonObject list(node::Node& node)
    {
        QJsonArray adapters;
        for (const node::HomeAdapter& adapter : node.adapters().adapters()) {
            adapters.append(describe(node, adapter));
        }
        return { { QStringLiteral("adapters"), adapters } };
    }

    base::Result<node::HomeAdapterService::TrainRequest> trainParams(
        node::Node& node, const QJsonObject& params)
    {
        node::HomeAdapterService::TrainRequest out;
        TRY_ASSIGN(out.model, requiredText(params, "model"));
        out.name = textParam(params, "name");
        if (const std::string grant = textParam(params, "grant"); !grant.empty()) {
            auto id = base::fixedFromHex<consent::GrantId>(grant);
            if (!id) {
                return base::fail(Errc::Invalid,
                    "\"grant\" must be 32 hexadecimal digits; see `loamctl data grants`");
            }
            out.grant = *id;
        } else {
            TRY_ASSIGN(out.sources, sourcesParam(node, params));
        }
        TRY_ASSIGN(const double days, realParam(params, "days", 30, 0.001, kMaxDays));
        out.grantFor = std::chrono::milliseconds{ static_cast<std::int64_t>(days * 86'400'000.0) };
        TRY_ASSIGN(const auto steps, integerParam(params, "steps", 300, 1, kMaxSteps));
        TRY_ASSIGN(const auto rank, integerParam(params, "rank", 8, 1, kMaxRank));
        TRY_ASSIGN(out.learningRate, realParam(params, "learning_rate", 0.001, 1e-6, 1));
        out.steps = static_cast<std::uint32_t>(steps);
        out.rank = static_cast<std::uint32_t>(rank);
        out.isNow = params.value(QLatin1String{ "now" }).toBool();
        return out;
    }

    void train(node::Node& node, const QJsonObject& params, const Reply& reply)
    {
        const auto request = trainParams(node, params);
        if (!request) {
            reply.error(request.error());
            return;
        }
        node.adapters().train(*request, [&node, reply](base::Result<node::HomeAdapter> begun) {
            reply.finish(begun ? Result{ describe(node, *begun) }
                               : Result{ tl::unexpected{ begun.error() } });
        });
    }

    /// Does something to the adapter that is named and answers what it is then.
    template <class Action>
    Result change(node::Node& node, const QJsonObject& params, Action action)
    {
        TRY_ASSIGN(const std::string name, requiredText(params, "adapter"));
        TRY(action(name));
        TRY_ASSIGN(const node::HomeAdapter adapter, node.adapters().find(name));
        return describe(node, adapter);
    }

    Result remove(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const std::string name, requiredText(params, "adapter"));
        TRY_ASSIGN(const node::HomeAdapter adapter, node.adapters().find(name));
        TRY(node.adapters().remove(adapter.id));
        return QJsonObject{ { QStringLiteral("id"), text(adapter.id) },
            { QStringLiteral("name"), text(adapter.name) } };
    }

    base::Result<> exportTo(node::Node& node, const QJsonObject& params, const Reply& reply)
    {
        TRY_ASSIGN(const std::string name, requiredText(params, "adapter"));
        TRY_ASSIGN(const std::string out, requiredText(params, "out"));
        node.adapters().exportTo(
            name, out, textParam(params, "format"), [reply, out](base::Result<> done) {
                reply.finish(done
                        ? Result{ QJsonObject{ { QStringLiteral("out"), pathText(out) } } }
                        : Result{ tl::unexpected{ done.error() } });
            });
        return {};
    }

} // namespace

base::Result<std::string> modelToAnswer(node::Node& node, const QJsonObject& params)
{
    const std::string model = textParam(params, "model");
    const std::string name = textParam(params, "adapter");
    if (name.empty()) {
        return model;
    }
    TRY_ASSIGN(const node::HomeAdapter adapter, node.adapters().find(name));
    if (model.empty()) {
        return adapter.id;
    }
    const auto imported = node.models().find(model);
    const std::string id = imported ? imported->id : model;
    if (!adapter.baseId.starts_with(id) && adapter.baseName != model) {
        return base::fail(Errc::Invalid,
            "the adapter " + adapter.name + " belongs to the model " + adapter.baseName
                + ", not to " + model);
    }
    return adapter.id;
}

void registerAdapterMethods(Server& server, node::Node& node)
{
    server.registerMethod(QStringLiteral("adapter.list"),
        [&node](const QJsonObject&, const Reply& reply) { reply.result(list(node)); });
    server.registerMethod(QStringLiteral("adapter.train"),
        [&node](const QJsonObject& params, const Reply& reply) { train(node, params, reply); });
    server.registerMethod(
        QStringLiteral("adapter.start"), [&node](const QJsonObject& params, const Reply& reply) {
            const bool isNow = params.value(QLatin1String{ "now" }).toBool();
            reply.finish(change(node, params, [&node, isNow](const std::string& name) {
                return node.adapters().start(name, isNow);
            }));
        });
    server.registerMethod(
        QStringLiteral("adapter.stop"), [&node](const QJsonObject& params, const Reply& reply) {
            reply.finish(change(node, params,
                [&node](const std::string& name) { return node.adapters().stop(name); }));
        });
    server.registerMethod(
        QStringLiteral("adapter.export"), [&node](const QJsonObject& params, const Reply& reply) {
            if (const auto begun = exportTo(node, params, reply); !begun) {
                reply.error(begun.error());
            }
        });
    server.registerMethod(
        QStringLiteral("adapter.remove"), [&node](const QJsonObject& params, const Reply& reply) {
            reply.finish(remove(node, params));
        });
    QObject::connect(&node, &node::Node::adaptersChanged, &server, [&server, &node] {
        if (server.hasSubscribers(QStringLiteral("adapter"))) {
            server.notify(QStringLiteral("adapter.changed"), list(node), Delivery::Latest);
        }
    });
    QObject::connect(
        &node, &node::Node::adapterProgress, &server, [&server](const QJsonObject& progress) {
            server.notify(QStringLiteral("adapter.progress"), progress, Delivery::Latest);
        });
}

} // namespace loam::rpc
