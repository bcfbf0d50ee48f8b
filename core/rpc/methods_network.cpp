// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/methods.h"
#include "rpc/params.h"

#include <algorithm>

namespace loam::rpc {

using base::Errc;
using Result = base::Result<QJsonObject>;

namespace {

    constexpr std::uint32_t kAnyNoiseRatio = 1'000'000'000;

    QJsonObject invitationOf(const node::Invitation& invitation)
    {
        QJsonArray endpoints;
        for (const swarm::Endpoint& endpoint : invitation.endpoints) {
            endpoints.append(text(endpoint.toString()));
        }
        return { { QStringLiteral("network"), hexText(invitation.network.view()) },
            { QStringLiteral("name"), text(invitation.name) },
            { QStringLiteral("endpoints"), endpoints },
            { QStringLiteral("invitation"), text(invitation.encode()) } };
    }

    Result create(node::Node& node, const QJsonObject& params)
    {
        node::NetworkRequest request;
        TRY_ASSIGN(request.name, requiredText(params, "name"));
        request.practice = params.value(QLatin1String{ "practice" }).toBool();
        for (const std::string& address : textListParam(params, "validators")) {
            TRY_ASSIGN(auto key, base::fromAddress(address));
            request.validators.push_back(key);
        }
        TRY_ASSIGN(const auto invitation, node.createNetwork(request));
        return invitationOf(invitation);
    }

    void join(node::Node& node, const QJsonObject& params, const Reply& reply)
    {
        const auto encoded = requiredText(params, "invitation");
        const auto invitation = encoded
            ? node::Invitation::parse(*encoded)
            : base::Result<node::Invitation>{ tl::unexpected{ encoded.error() } };
        if (!invitation) {
            reply.error(invitation.error());
            return;
        }
        node.joinNetwork(*invitation, [reply, joined = *invitation](base::Result<> done) {
            reply.finish(
                done ? Result{ invitationOf(joined) } : Result{ tl::unexpected{ done.error() } });
        });
    }

    Result invite(node::Node& node)
    {
        TRY_ASSIGN(auto* session, sessionOf(node));
        return invitationOf(session->invitation());
    }

    Result peers(node::Node& node)
    {
        TRY_ASSIGN(auto* session, sessionOf(node));
        QJsonArray out;
        for (const swarm::PeerInfo& peer : session->swarm().peers()) {
            out.append(QJsonObject{ { QStringLiteral("id"), addressText(peer.id) },
                { QStringLiteral("endpoint"), text(peer.endpoint.toString()) },
                { QStringLiteral("client"), text(peer.client) },
                { QStringLiteral("rtt"),
                    peer.rtt ? QJsonValue{ static_cast<double>(peer.rtt->count()) / 1e6 }
                             : QJsonValue{} },
                { QStringLiteral("since"), seconds(peer.since) },
                { QStringLiteral("bytes_sent"), number(peer.bytesSent) },
                { QStringLiteral("bytes_received"), number(peer.bytesReceived) } });
        }
        return QJsonObject{ { QStringLiteral("peers"), out } };
    }

    QJsonObject describeRun(node::Node& node, const ledger::Run& run)
    {
        ledger::Ledger& ledger = node.session()->ledger();
        const auto member = ledger.member(run.id, node.identity().publicKey());
        const char* phase = run.phase == ledger::RunPhase::Waiting ? "waiting"
            : run.phase == ledger::RunPhase::Open                  ? "open"
                                                                   : "finished";
        const auto joined = node.store().joinedRuns();
        const bool isJoined = joined
            && std::any_of(joined->begin(), joined->end(),
                [&run](const node::JoinedRun& one) { return one.run == run.id; });
        return { { QStringLiteral("id"), hexText(run.id.view()) },
            { QStringLiteral("name"), text(run.name) },
            { QStringLiteral("opener"), addressText(run.opener) },
            { QStringLiteral("state"), QLatin1String{ phase } },
            { QStringLiteral("joined"), isJoined }, { QStringLiteral("round"), number(run.round) },
            { QStringLiteral("rounds"), number(run.terms.roundsTotal) },
            { QStringLiteral("members"), static_cast<qint64>(run.members) },
            { QStringLiteral("expected"), static_cast<qint64>(run.expected) },
            { QStringLiteral("submitted"), static_cast<qint64>(run.submitted) },
            { QStringLiteral("quorum"), static_cast<qint64>(run.terms.quorum) },
            { QStringLiteral("emission"), amountText(run.terms.emissionPerRound) },
            { QStringLiteral("minted"), amountText(run.minted) },
            { QStringLiteral("loss"), static_cast<double>(run.lastLoss) / 1e6 },
            { QStringLiteral("params_hash"), hexText(run.params.view()) },
            { QStringLiteral("member"), member && member->status == ledger::Membership::Active } };
    }

    Result listRuns(node::Node& node)
    {
        TRY_ASSIGN(auto* session, sessionOf(node));
        TRY_ASSIGN(const auto runs, session->ledger().runs());
        QJsonArray out;
        for (const ledger::Run& run : runs) {
            out.append(describeRun(node, run));
        }
        return QJsonObject{ { QStringLiteral("runs"), out } };
    }

    /// The run named, or the only one there is.
    /// What the log says of the run's closed rounds, newest first.
    base::Result<QJsonArray> closedRounds(node::Node& node, const ledger::Run& run)
    {
        ledger::AuditQuery query;
        query.search = "round.";
        query.limit = 1000;
        TRY_ASSIGN(const auto entries, node.session()->ledger().audit().entries(query));
        QJsonArray out;
        for (const ledger::AuditEntry& entry : entries) {
            const bool isVoid = entry.kind == ledger::AuditKind::RoundVoided;
            if (entry.run != run.id || (!isVoid && entry.kind != ledger::AuditKind::RoundClosed)) {
                continue;
            }
            QJsonObject round{ { QStringLiteral("round"), number(entry.round.value_or(0)) },
                { QStringLiteral("state"),
                    isVoid ? QStringLiteral("void") : QStringLiteral("closed") },
                { QStringLiteral("entry"), number(entry.index) } };
            for (const auto& [name, value] : entry.details) {
                if (name == "loss_before" || name == "loss_after" || name == "accepted"
                    || name == "submitted") {
                    round[text(name)] = text(value).toDouble();
                }
            }
            out.append(round);
        }
        return out;
    }

    Result runStatus(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const auto run, chosenRun(node, params));
        QJsonObject out = describeRun(node, run);
        QJsonArray members;
        for (const ledger::Member& member : node.session()->ledger().members(run.id)) {
            members.append(QJsonObject{ { QStringLiteral("node"), addressText(member.node) },
                { QStringLiteral("active"), member.status == ledger::Membership::Active },
                { QStringLiteral("submitted"), member.hasSubmitted(run.round) } });
        }
        out[QLatin1String{ "member_list" }] = members;
        TRY_ASSIGN(const auto rounds, closedRounds(node, run));
        out[QLatin1String{ "closed" }] = rounds;
        return out;
    }

    /// Terms of a private run: "private" is an object with the fields of docs/rpc.md. Empty for the
    /// open lane.
    base::Result<std::optional<training::PrivateTerms>> privateTerms(const QJsonObject& params)
    {
        const std::string lane = textParam(params, "lane");
        if (lane.empty() || lane == "open") {
            return std::nullopt;
        }
        if (lane != "private") {
            return base::fail(Errc::Invalid, "lane must be open or private");
        }
        training::PrivateTerms terms;
        terms.practice = params.value(QLatin1String{ "practice" }).toBool();
        const auto micro = [&params](const char* name, std::uint32_t fallback) {
            const double value = params.value(QLatin1String{ name }).toDouble(fallback / 1e6);
            return static_cast<std::uint32_t>(std::clamp(value * 1e6 + 0.5, 0.0, 4e9));
        };
        terms.noiseMicro = micro("noise", terms.noiseMicro);
        terms.clipMicro = micro("clip", terms.clipMicro);
        terms.epsilonMicro = micro("epsilon", terms.epsilonMicro);
        // A practice makes no promise, so its noise need not leave anything to be learnt.
        terms.noiseRatioMicro
            = micro("noise_ratio", terms.practice ? kAnyNoiseRatio : terms.noiseRatioMicro);
        TRY_ASSIGN(
            const auto rounds, integerParam(params, "private_rounds", terms.rounds, 1, 100'000));
        TRY_ASSIGN(const auto least, integerParam(params, "group_least", terms.groupLeast, 2, 64));
        TRY_ASSIGN(const auto rank, integerParam(params, "rank", terms.rank, 1, 64));
        terms.rounds = static_cast<std::uint32_t>(rounds);
        terms.groupLeast = static_cast<std::uint16_t>(least);
        terms.rank = static_cast<std::uint8_t>(rank);
        TRY(terms.validate());
        return terms;
    }

    base::Result<node::RunRequest> runRequest(const QJsonObject& params)
    {
        node::RunRequest request;
        request.name = textParam(params, "name");
        request.corpora = textListParam(params, "corpora");
        request.probe = textParam(params, "probe");
        if (request.name.empty()) {
            request.name = "run";
        }
        if (request.corpora.empty()) {
            return base::fail(Errc::Invalid,
                "name at least one folder of public text for the vocabulary, with --corpus FOLDER");
        }
        TRY_ASSIGN(const auto rounds, integerParam(params, "rounds", 0, 0, 1'000'000));
        TRY_ASSIGN(const auto sparsity, integerParam(params, "sparsity", 512, 1, 4096));
        TRY_ASSIGN(const auto quorum, integerParam(params, "quorum", 1, 1, 1000));
        TRY_ASSIGN(const auto start, integerParam(params, "members", quorum, quorum, 1000));
        TRY_ASSIGN(const auto steps, integerParam(params, "steps", 30, 8, 1000));
        TRY_ASSIGN(const auto window, integerParam(params, "window", 180, 10, 86'400));
        request.rounds = static_cast<std::uint32_t>(rounds);
        request.keepPerChunk = static_cast<std::uint16_t>(sparsity);
        request.innerSteps = static_cast<std::uint32_t>(steps);
        request.quorum = static_cast<std::uint32_t>(quorum);
        request.startMembers = static_cast<std::uint32_t>(start);
        request.windowSeconds = static_cast<std::uint32_t>(window);
        TRY_ASSIGN(request.privacy, privateTerms(params));
        if (const std::string emission = textParam(params, "emission"); !emission.empty()) {
            TRY_ASSIGN(request.emission, base::Amount::parse(emission));
        }
        return request;
    }

    void openRun(node::Node& node, const QJsonObject& params, const Reply& reply)
    {
        const auto request = runRequest(params);
        if (!request) {
            reply.error(request.error());
            return;
        }
        // Nobody can have granted a private run anything before it is there.
        const bool joins = params.value(QLatin1String{ "join" }).toBool(true) && !request->privacy;
        node.openRun(*request,
            [&node, reply, joins, corpora = request->corpora](
                base::Result<std::pair<ledger::RunId, std::int64_t>> opened) {
                if (!opened) {
                    reply.error(opened.error());
                    return;
                }
                // Who opens an open run takes part in it, unless he says otherwise.
                if (auto joined = joins ? node.joinRun(opened->first, corpora) : base::Result<>{};
                    !joined) {
                    reply.error(joined.error());
                    return;
                }
                QJsonObject out;
                if (const auto run = node.session()->ledger().run(opened->first)) {
                    out = describeRun(node, *run);
                }
                out[QLatin1String{ "parameters" }] = static_cast<qint64>(opened->second);
                reply.result(out);
            });
    }

} // namespace

void registerNetworkMethods(Server& server, node::Node& node)
{
    server.registerMethod(
        QStringLiteral("net.create"), [&node](const QJsonObject& params, const Reply& reply) {
            reply.finish(create(node, params));
        });
    server.registerMethod(QStringLiteral("net.join"),
        [&node](const QJsonObject& params, const Reply& reply) { join(node, params, reply); });
    server.registerMethod(
        QStringLiteral("net.leave"), [&node](const QJsonObject&, const Reply& reply) {
            const auto left = node.leaveNetwork();
            reply.finish(left ? Result{ QJsonObject{} } : Result{ tl::unexpected{ left.error() } });
        });
    server.registerMethod(QStringLiteral("net.invite"),
        [&node](const QJsonObject&, const Reply& reply) { reply.finish(invite(node)); });
    server.registerMethod(QStringLiteral("net.peers"),
        [&node](const QJsonObject&, const Reply& reply) { reply.finish(peers(node)); });
    server.registerMethod(QStringLiteral("run.list"),
        [&node](const QJsonObject&, const Reply& reply) { reply.finish(listRuns(node)); });
    server.registerMethod(
        QStringLiteral("run.status"), [&node](const QJsonObject& params, const Reply& reply) {
            reply.finish(runStatus(node, params));
        });
    server.registerMethod(QStringLiteral("run.open"),
        [&node](const QJsonObject& params, const Reply& reply) { openRun(node, params, reply); });
    const auto joinRun = [&node](const QJsonObject& params) -> Result {
        TRY_ASSIGN(const auto run, chosenRun(node, params));
        TRY(node.joinRun(run.id, textListParam(params, "corpora")));
        return describeRun(node, run);
    };
    server.registerMethod(
        QStringLiteral("run.join"), [joinRun](const QJsonObject& params, const Reply& reply) {
            reply.finish(joinRun(params));
        });
    const auto leaveRun = [&node](const QJsonObject& params) -> Result {
        TRY_ASSIGN(const auto run, chosenRun(node, params));
        TRY(node.leaveRun(run.id));
        return describeRun(node, run);
    };
    server.registerMethod(
        QStringLiteral("run.leave"), [leaveRun](const QJsonObject& params, const Reply& reply) {
            reply.finish(leaveRun(params));
        });
}

} // namespace loam::rpc
