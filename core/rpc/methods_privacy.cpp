// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/epsilon.h"
#include "rpc/methods.h"
#include "rpc/params.h"

namespace loam::rpc {

using base::Errc;
using Result = base::Result<QJsonObject>;

namespace {

    base::Result<double> realParam(const QJsonObject& params, const char* name)
    {
        const QJsonValue value = params.value(QLatin1String{ name });
        if (!value.isDouble()) {
            return base::fail(Errc::Invalid, std::string{ name } + " must be given as a number");
        }
        return value.toDouble();
    }

    Result epsilon(const QJsonObject& params)
    {
        node::EpsilonQuestion question;
        TRY_ASSIGN(question.noise, realParam(params, "noise"));
        TRY_ASSIGN(question.rate, realParam(params, "rate"));
        TRY_ASSIGN(question.delta, realParam(params, "delta"));
        TRY_ASSIGN(const auto steps, integerParam(params, "steps", 1, 1, 1'000'000'000));
        question.steps = static_cast<std::uint64_t>(steps);
        if (const std::string method = textParam(params, "method"); !method.empty()) {
            question.method = method;
        }
        TRY_ASSIGN(const node::EpsilonReply reply, node::answerEpsilon(question));
        return QJsonObject{ { QStringLiteral("epsilon"), reply.epsilon },
            { QStringLiteral("rho"), reply.rho ? QJsonValue{ *reply.rho } : QJsonValue{} },
            { QStringLiteral("order"), reply.order },
            { QStringLiteral("method"), text(reply.method) },
            { QStringLiteral("sentence"), text(reply.sentence) } };
    }

} // namespace

void registerPrivacyMethods(Server& server)
{
    server.registerMethod(QStringLiteral("data.epsilon"),
        [](const QJsonObject& params, const Reply& reply) { reply.finish(epsilon(params)); });
}

} // namespace loam::rpc
