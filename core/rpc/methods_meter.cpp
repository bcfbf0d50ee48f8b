// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/methods.h"
#include "rpc/params.h"

#include <filesystem>

namespace loam::rpc {

using base::Errc;
using Result = base::Result<QJsonObject>;

namespace {

    /// What the promise of a private run has cost this owner so far, beside what was measured.
    void addPromise(node::Node& node, const ledger::RunId& run, QJsonObject& report)
    {
        const consent::Records& records = node.data().records();
        const double delta = static_cast<double>(records.terms().deltaPerBillion) / 1e9;
        double epsilon = 0;
        for (const consent::GrantRecord& record : records.grants()) {
            if (record.grant.run == run && record.grant.purpose == consent::Purpose::PrivateLane) {
                epsilon += epsilonOf(record.spent, delta);
            }
        }
        report[QLatin1String{ "epsilon_promised" }]
            = epsilon > 0 ? QJsonValue{ epsilon } : QJsonValue{};
    }

    base::Result<node::MeterService::Request> requestOf(node::Node& node, const QJsonObject& params)
    {
        if (const std::string adapter = textParam(params, "adapter"); !adapter.empty()) {
            return node.adapters().measured(adapter);
        }
        TRY_ASSIGN(const ledger::Run run, chosenRun(node, params));
        node::MeterService::Request request;
        TRY_ASSIGN(request.model, node.session()->rounds().modelSource(run.id));
        request.subject = { { QStringLiteral("subject"), QStringLiteral("run") },
            { QStringLiteral("run"), hexText(run.id.view()) },
            { QStringLiteral("name"), text(run.name) } };
        // The public text that every node judges a round by.
        request.probe = std::filesystem::path{ request.model.value(QLatin1String{ "tokenizer" })
                                                   .toString()
                                                   .toStdString() }
                            .parent_path()
            / "probe.txt";
        const std::string peft = textParam(params, "peft");
        if (!peft.empty()) {
            if (!std::filesystem::path{ peft }.is_absolute()) {
                return base::fail(Errc::Invalid, "\"peft\" must be the absolute path of a folder");
            }
            request.model[QLatin1String{ "adapter" }] = text(peft);
            request.subject[QLatin1String{ "subject" }] = QStringLiteral("peft");
        }
        return request;
    }

    /// Adds the promise where the report is of a run.
    void addPromise(node::Node& node, QJsonObject& report)
    {
        const auto run = base::fixedFromHex<base::Hash256>(
            report.value(QLatin1String{ "run" }).toString().toStdString());
        if (run) {
            addPromise(node, *run, report);
        }
    }

    void measure(node::Node& node, const QJsonObject& params, const Reply& reply)
    {
        const auto request = requestOf(node, params);
        if (!request) {
            reply.error(request.error());
            return;
        }
        node.meter().measure(*request, [&node, reply](Result report) {
            if (report) {
                addPromise(node, *report);
            }
            reply.finish(std::move(report));
        });
    }

    Result last(node::Node& node)
    {
        QJsonObject report = node.meter().last().value_or(QJsonObject{});
        report[QLatin1String{ "known" }] = node.meter().last().has_value();
        report[QLatin1String{ "busy" }] = node.meter().isBusy();
        addPromise(node, report);
        return report;
    }

} // namespace

void registerMeterMethods(Server& server, node::Node& node)
{
    server.registerMethod(QStringLiteral("meter.measure"),
        [&node](const QJsonObject& params, const Reply& reply) { measure(node, params, reply); });
    server.registerMethod(QStringLiteral("meter.last"),
        [&node](const QJsonObject&, const Reply& reply) { reply.finish(last(node)); });
    QObject::connect(&node, &node::Node::meterChanged, &server,
        [&server] { server.notify(QStringLiteral("meter.changed"), {}, Delivery::Latest); });
}

} // namespace loam::rpc
