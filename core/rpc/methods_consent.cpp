// SPDX-License-Identifier: GPL-3.0-or-later
// Consent itself: grants, their end, the budget, and what was done under them.
#include "rpc/data_params.h"
#include "rpc/methods.h"

#include <algorithm>
#include <cmath>

namespace loam::rpc {

using base::Errc;
using Result = base::Result<QJsonObject>;
using consent::SourceId;

namespace {

    constexpr std::int64_t kMaxPage = 1000;
    constexpr double kMaxDays = 3660;

    base::Result<consent::GrantId> grantParam(const QJsonObject& params)
    {
        TRY_ASSIGN(const std::string hex, requiredText(params, "grant"));
        auto id = base::fixedFromHex<consent::GrantId>(hex);
        if (!id) {
            return base::fail(Errc::Invalid,
                "\"grant\" must be 32 hexadecimal digits; see `loamctl data grants`");
        }
        return id;
    }

    QJsonObject describe(node::Node& node, const consent::GrantRecord& record)
    {
        const consent::Grant& grant = record.grant;
        QJsonArray sources;
        for (const SourceId source : grant.sources) {
            sources.append(static_cast<qint64>(source.value()));
        }
        const double delta = static_cast<double>(grant.deltaPerBillion) / 1e9;
        const bool isPrivate = grant.purpose == consent::Purpose::PrivateLane;
        const bool hasEnded = grant.until <= node.data().records().clock().now();
        return { { QStringLiteral("id"), hexText(grant.id.view()) },
            { QStringLiteral("version"), number(grant.version) },
            { QStringLiteral("purpose"), text(std::string{ purposeName(grant.purpose) }) },
            { QStringLiteral("run"), isPrivate ? hexText(grant.run.view()) : QString{} },
            { QStringLiteral("sources"), sources },
            { QStringLiteral("files"), number(grant.files) },
            { QStringLiteral("issued"), seconds(grant.issued) },
            { QStringLiteral("until"), seconds(grant.until) },
            { QStringLiteral("revoked"),
                record.revoked ? QJsonValue{ seconds(*record.revoked) } : QJsonValue{} },
            { QStringLiteral("state"),
                record.revoked ? QStringLiteral("revoked")
                    : hasEnded ? QStringLiteral("ended")
                               : QStringLiteral("active") },
            { QStringLiteral("epsilon_spent"), isPrivate ? epsilonOf(record.spent, delta) : 0.0 },
            { QStringLiteral("epsilon_cap"), static_cast<double>(grant.epsilonMilli) / 1e3 },
            { QStringLiteral("delta"), delta } };
    }

    base::Result<> grant(node::Node& node, const QJsonObject& params, const Reply& reply)
    {
        consent::Grant wanted;
        if (params.contains(QLatin1String{ "grant" })) {
            TRY_ASSIGN(wanted.id, grantParam(params));
        }
        const std::string purpose = textParam(params, "purpose");
        const auto known = consent::purposeFrom(purpose.empty() ? "adapter" : purpose);
        if (!known) {
            return base::fail(Errc::Invalid, "\"purpose\" must be adapter or private");
        }
        wanted.purpose = *known;
        TRY_ASSIGN(wanted.sources, sourcesParam(node, params));
        // A consent that the owner's own terms would void is not asked for.
        const consent::OwnerTerms terms = node.data().records().terms();
        if (wanted.purpose == consent::Purpose::Adapter ? !terms.adapters : !terms.privateLane) {
            return base::fail(Errc::Denied,
                wanted.purpose == consent::Purpose::Adapter
                    ? "first allow adapters at home: `loamctl data budget --adapters on`"
                    : "first allow private text in shared training: `loamctl data budget "
                      "--private-lane on`");
        }
        const double days = params.value(QLatin1String{ "days" }).toDouble(30);
        if (!(days > 0) || days > kMaxDays) {
            return base::fail(Errc::Invalid, "\"days\" must be more than 0 and at most 3660");
        }
        wanted.until = node.data().records().clock().now()
            + std::chrono::milliseconds{ static_cast<std::int64_t>(days * 86'400'000.0) };
        if (wanted.purpose == consent::Purpose::PrivateLane) {
            TRY_ASSIGN(wanted.run, hashParam(params, "run"));
            const double epsilon = params.value(QLatin1String{ "epsilon" }).toDouble(1);
            if (!(epsilon > 0) || epsilon > 1000) {
                return base::fail(
                    Errc::Invalid, "\"epsilon\" must be more than 0 and at most 1000");
            }
            wanted.epsilonMilli = static_cast<std::uint64_t>(std::floor(epsilon * 1e3));
            wanted.deltaPerBillion = node.data().records().terms().deltaPerBillion;
        }
        node.data().grant(wanted, [&node, reply](base::Result<consent::Grant> given) {
            if (!given) {
                reply.error(given.error());
                return;
            }
            const consent::GrantRecord* record = node.data().records().find(given->id);
            reply.result(record == nullptr ? QJsonObject{} : describe(node, *record));
        });
        return {};
    }

    Result grants(node::Node& node, const QJsonObject&)
    {
        QJsonArray out;
        for (const consent::GrantRecord& record : node.data().records().grants()) {
            out.append(describe(node, record));
        }
        return QJsonObject{ { QStringLiteral("grants"), out } };
    }

    Result revoke(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const consent::GrantId id, grantParam(params));
        TRY(node.data().revoke(id));
        return describe(node, *node.data().records().find(id));
    }

    Result used(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const auto offset, integerParam(params, "offset", 0, 0, INT64_MAX - 1));
        TRY_ASSIGN(const auto limit, integerParam(params, "limit", 100, 1, kMaxPage));
        consent::UseLog& log = node.data().records().uses();
        TRY_ASSIGN(const auto found,
            log.entries({ .offset = static_cast<std::uint64_t>(offset),
                .limit = static_cast<std::uint64_t>(limit),
                .oldestFirst = textParam(params, "order") == "oldest" }));
        QJsonArray entries;
        for (const consent::UseEntry& entry : found) {
            entries.append(QJsonObject{ { QStringLiteral("index"), number(entry.index) },
                { QStringLiteral("time"), seconds(entry.time) },
                { QStringLiteral("kind"), text(std::string{ useKindName(entry.kind) }) },
                { QStringLiteral("grant"),
                    entry.grant == consent::GrantId{} ? QString{} : hexText(entry.grant.view()) },
                { QStringLiteral("run"),
                    entry.run == consent::RunId{} ? QString{} : hexText(entry.run.view()) },
                { QStringLiteral("round"), number(entry.round) },
                { QStringLiteral("source"), static_cast<qint64>(entry.source.value()) },
                { QStringLiteral("path"), pathText(entry.path) },
                { QStringLiteral("hash"),
                    entry.contents == base::Hash256{} ? QString{}
                                                      : hexText(entry.contents.view()) },
                { QStringLiteral("tokens"), number(entry.tokens) },
                { QStringLiteral("rho"), entry.cost.rho() },
                { QStringLiteral("note"), text(entry.note) } });
        }
        const bool checks = params.value(QLatin1String{ "verify" }).toBool();
        if (checks) {
            TRY(log.verify());
        }
        return QJsonObject{ { QStringLiteral("total"), number(log.size()) },
            { QStringLiteral("root"), hexText(log.root().view()) },
            { QStringLiteral("verified"), checks }, { QStringLiteral("entries"), entries } };
    }

    QJsonObject describe(const consent::OwnerTerms& terms)
    {
        return { { QStringLiteral("private_lane"), terms.privateLane },
            { QStringLiteral("adapters"), terms.adapters },
            { QStringLiteral("asked_private_lane"), terms.askedPrivateLane },
            { QStringLiteral("asked_adapters"), terms.askedAdapters },
            { QStringLiteral("epsilon_cap"), static_cast<double>(terms.sourceEpsilonMilli) / 1e3 },
            { QStringLiteral("delta"), static_cast<double>(terms.deltaPerBillion) / 1e9 },
            { QStringLiteral("minimum_group"), static_cast<qint64>(terms.minimumGroup) },
            { QStringLiteral("minimum_cohort"), static_cast<qint64>(terms.minimumCohort) },
            { QStringLiteral("tokens_per_round"), number(terms.maximumTokensPerRound) },
            { QStringLiteral("only_good_text"), terms.onlyGoodText } };
    }

    Result budget(node::Node& node, const QJsonObject& params)
    {
        consent::Records& records = node.data().records();
        consent::OwnerTerms terms = records.terms();
        const auto real = [&params](const char* name, double present) {
            return params.value(QLatin1String{ name }).toDouble(present);
        };
        terms.privateLane = flagParam(params, "private_lane", terms.privateLane);
        terms.adapters = flagParam(params, "adapters", terms.adapters);
        terms.askedPrivateLane
            = terms.askedPrivateLane || params.contains(QLatin1String{ "private_lane" });
        terms.askedAdapters = terms.askedAdapters || params.contains(QLatin1String{ "adapters" });
        terms.onlyGoodText = flagParam(params, "only_good_text", terms.onlyGoodText);
        const double cap = real("epsilon_cap", static_cast<double>(terms.sourceEpsilonMilli) / 1e3);
        const double delta = real("delta", static_cast<double>(terms.deltaPerBillion) / 1e9);
        if (!(cap >= 0) || cap > 1000 || !(delta > 0) || delta > 0.1) {
            return base::fail(Errc::Invalid,
                "\"epsilon_cap\" must be from 0 to 1000, \"delta\" above 0 and at most 0.1");
        }
        terms.sourceEpsilonMilli = static_cast<std::uint64_t>(std::floor(cap * 1e3 + 1e-6));
        terms.deltaPerBillion = static_cast<std::uint64_t>(std::llround(delta * 1e9));
        TRY_ASSIGN(const auto group,
            integerParam(params, "minimum_group", terms.minimumGroup, 2, 100'000));
        TRY_ASSIGN(const auto cohort,
            integerParam(params, "minimum_cohort", terms.minimumCohort, 2, 100'000));
        terms.minimumGroup = static_cast<std::uint32_t>(group);
        terms.minimumCohort = static_cast<std::uint32_t>(cohort);
        if (!(terms == records.terms())) {
            TRY(records.setTerms(terms));
            Q_EMIT node.data().changed();
        }
        QJsonObject out = describe(records.terms());
        TRY_ASSIGN(const auto sources, records.sources());
        QJsonArray rows;
        double most = 0;
        for (const consent::Source& source : sources) {
            const consent::MicroRho spent = records.spentOn(source.id);
            const double epsilon = epsilonOf(spent, deltaOf(node));
            most = std::max(most, epsilon);
            rows.append(
                QJsonObject{ { QStringLiteral("id"), static_cast<qint64>(source.id.value()) },
                    { QStringLiteral("path"), pathText(source.path.string()) },
                    { QStringLiteral("rho"), spent.rho() },
                    { QStringLiteral("epsilon_spent"), epsilon },
                    { QStringLiteral("epsilon_cap"), out.value(QLatin1String{ "epsilon_cap" }) } });
        }
        out[QLatin1String{ "sources" }] = rows;
        out[QLatin1String{ "epsilon_spent" }] = most;
        return out;
    }

    Result exportAll(node::Node& node, const QJsonObject&)
    {
        TRY_ASSIGN(const std::string receipts, exportReceipts(node.data().records()));
        return QJsonObject{ { QStringLiteral("receipts"), text(receipts) } };
    }

} // namespace

void registerConsentMethods(Server& server, node::Node& node)
{
    using Method = Result (*)(node::Node&, const QJsonObject&);
    const auto now = [&server, &node](const QString& name, Method method) {
        server.registerMethod(name, [&node, method](const QJsonObject& params, const Reply& reply) {
            reply.finish(method(node, params));
        });
    };
    now(QStringLiteral("data.grants"), grants);
    now(QStringLiteral("data.revoke"), revoke);
    now(QStringLiteral("data.used"), used);
    now(QStringLiteral("data.budget"), budget);
    now(QStringLiteral("data.export"), exportAll);
    server.registerMethod(
        QStringLiteral("data.grant"), [&node](const QJsonObject& params, const Reply& reply) {
            if (const auto begun = grant(node, params, reply); !begun) {
                reply.error(begun.error());
            }
        });
}

} // namespace loam::rpc
