// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/methods.h"
#include "rpc/params.h"

#include <algorithm>

namespace loam::rpc {

using base::Errc;
using Result = base::Result<QJsonObject>;

namespace {

    QJsonObject describe(node::Node& node, const node::ModelManifest& model)
    {
        QJsonObject out{ { QStringLiteral("id"), text(model.id) },
            { QStringLiteral("name"), text(model.name) },
            { QStringLiteral("architecture"), text(model.architecture) },
            { QStringLiteral("trainable"), node::isTrainable(model.architecture) },
            { QStringLiteral("parameters"), number(model.parameters) },
            { QStringLiteral("bytes"), number(model.bytes) },
            { QStringLiteral("licence"), text(model.licence) },
            { QStringLiteral("quantisation"), text(model.quantisation) },
            { QStringLiteral("context"), number(model.context) },
            { QStringLiteral("memory"), number(model.memory) },
            { QStringLiteral("fits"), node::ModelStore::fits(model) },
            { QStringLiteral("sha256"), text(model.sha256) },
            { QStringLiteral("parent"), text(model.parent) },
            { QStringLiteral("imported"), static_cast<qint64>(model.imported) },
            { QStringLiteral("linked"), model.isLinked },
            { QStringLiteral("source"), text(model.source) },
            { QStringLiteral("kind"), QStringLiteral("imported") },
            { QStringLiteral("shards"), static_cast<int>(model.parts.size()) },
            { QStringLiteral("magnet"), QString{} },
            { QStringLiteral("complete"), node.models().pathOf(model).has_value() } };
        for (const node::AnswerService::Loaded& loaded : node.answers().loaded()) {
            if (loaded.model == model.id) {
                out[QLatin1String{ "device" }] = text(loaded.device);
            }
        }
        return out;
    }

    /// The models that the network's runs train; none without a network.
    QJsonArray runModels(node::Node& node)
    {
        QJsonArray out;
        node::NetworkSession* const session = node.session();
        const auto runs = session == nullptr ? base::Result<std::vector<ledger::Run>>{}
                                             : session->ledger().runs();
        const auto shards
            = session == nullptr ? std::vector<swarm::ShardStatus>{} : session->swarm().shards();
        for (const ledger::Run& run : runs ? *runs : std::vector<ledger::Run>{}) {
            QJsonObject model{ { QStringLiteral("id"), hexText(run.id.view()) },
                { QStringLiteral("name"), text(run.name) },
                { QStringLiteral("architecture"), QStringLiteral("llama") },
                { QStringLiteral("trainable"), true },
                { QStringLiteral("kind"), QStringLiteral("run") }, { QStringLiteral("fits"), true },
                { QStringLiteral("params_hash"), hexText(run.params.view()) },
                { QStringLiteral("complete"), session->rounds().modelSource(run.id).has_value() },
                { QStringLiteral("magnet"), QString{} } };
            for (const swarm::ShardStatus& shard : shards) {
                if (!run.checkpoint.empty()
                    && shard.info.infoHashV2 == base::toHex(run.checkpoint)) {
                    model[QLatin1String{ "magnet" }] = text(shard.info.magnet);
                    model[QLatin1String{ "bytes" }] = number(shard.info.bytes);
                }
            }
            for (const node::AnswerService::Loaded& loaded : node.answers().loaded()) {
                if (loaded.model.starts_with(base::toHex(run.id.view()))) {
                    model[QLatin1String{ "device" }] = text(loaded.device);
                }
            }
            out.append(model);
        }
        return out;
    }

    QJsonObject list(node::Node& node)
    {
        QJsonArray models;
        for (const node::ModelManifest& model : node.models().models()) {
            models.append(describe(node, model));
        }
        for (const QJsonValue& model : runModels(node)) {
            models.append(model);
        }
        return { { QStringLiteral("models"), models } };
    }

    void import(node::Node& node, const QJsonObject& params, const Reply& reply)
    {
        const auto path = requiredText(params, "path");
        if (!path || !std::filesystem::path{ *path }.is_absolute()) {
            reply.invalidParams(QStringLiteral("path must be an absolute path"));
            return;
        }
        node::ImportRequest request;
        request.path = *path;
        request.name = textParam(params, "name");
        request.placement = params.value(QLatin1String{ "link" }).toBool() ? node::Placement::Link
                                                                           : node::Placement::Copy;
        request.isForced = params.value(QLatin1String{ "force" }).toBool();
        const bool waits = params.value(QLatin1String{ "wait" }).toBool(true);
        const int started
            = node.models().import(std::move(request), [&node, reply, waits](const auto& imported) {
                  if (waits) {
                      reply.finish(imported ? Result{ describe(node, *imported) }
                                            : Result{ tl::unexpected{ imported.error() } });
                  }
              });
        if (!waits) {
            reply.result({ { QStringLiteral("import"), started } });
        }
    }

    void exportModel(
        Server& server, node::Node& node, const QJsonObject& params, const Reply& reply)
    {
        const auto model = requiredText(params, "model");
        const auto output = requiredText(params, "out");
        if (!model || !output) {
            reply.invalidParams(QStringLiteral("model and out are needed"));
            return;
        }
        const node::ExportRequest request{ *output, textParam(params, "format"),
            textParam(params, "type") };
        const bool waits = params.value(QLatin1String{ "wait" }).toBool(true);
        if (!waits) {
            reply.result({});
        }
        node.exportModel(
            *model, request, [&server, reply, waits, out = text(*output)](Result done) {
                if (done) {
                    done->remove(QLatin1String{ "id" });
                    done->remove(QLatin1String{ "ok" });
                }
                QJsonObject outcome = done
                    ? *done
                    : QJsonObject{ { QStringLiteral("message"), messageOf(done.error()) } };
                outcome[QLatin1String{ "out" }] = out;
                server.notify(QStringLiteral("model.exported"), outcome, Delivery::Every);
                if (waits) {
                    reply.finish(done ? Result{ outcome } : Result{ std::move(done) });
                }
            });
    }

    Result remove(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const std::string name, requiredText(params, "model"));
        TRY_ASSIGN(const node::ModelManifest model, node.models().find(name));
        node.answers().unload(model.id);
        TRY(node.models().remove(model.id));
        return QJsonObject{ { QStringLiteral("id"), text(model.id) },
            { QStringLiteral("name"), text(model.name) } };
    }

} // namespace

void registerModelMethods(Server& server, node::Node& node)
{
    server.registerMethod(QStringLiteral("model.list"),
        [&node](const QJsonObject&, const Reply& reply) { reply.result(list(node)); });
    server.registerMethod(QStringLiteral("model.import"),
        [&node](const QJsonObject& params, const Reply& reply) { import(node, params, reply); });
    server.registerMethod(
        QStringLiteral("model.cancel"), [&node](const QJsonObject& params, const Reply& reply) {
            node.models().cancelImport(params.value(QLatin1String{ "import" }).toInt());
            reply.result({});
        });
    server.registerMethod(QStringLiteral("model.export"),
        [&server, &node](const QJsonObject& params, const Reply& reply) {
            exportModel(server, node, params, reply);
        });
    server.registerMethod(
        QStringLiteral("model.remove"), [&node](const QJsonObject& params, const Reply& reply) {
            reply.finish(remove(node, params));
        });
    server.registerMethod(
        QStringLiteral("model.devices"), [&node](const QJsonObject&, const Reply& reply) {
            node.answers().refreshDevices([&node, reply] {
                reply.result({ { QStringLiteral("devices"), node.answers().devices() } });
            });
        });
    const auto tellList = [&server, &node] {
        if (server.hasSubscribers(QStringLiteral("model"))) {
            server.notify(QStringLiteral("model.changed"), list(node), Delivery::Latest);
        }
    };
    QObject::connect(&node.models(), &node::ModelStore::changed, &server, tellList);
    QObject::connect(&node.answers(), &node::AnswerService::changed, &server, tellList);
    QObject::connect(&node.models(), &node::ModelStore::importProgress, &server,
        [&server](const QJsonObject& progress) {
            server.notify(QStringLiteral("model.importing"), progress, Delivery::Latest);
        });
    QObject::connect(&node.models(), &node::ModelStore::importFinished, &server,
        [&server](const QJsonObject& outcome) {
            server.notify(QStringLiteral("model.imported"), outcome, Delivery::Every);
        });
}

} // namespace loam::rpc
