// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/methods.h"
#include "rpc/params.h"

#include <QHash>

#include <memory>

namespace loam::rpc {

using base::Errc;
using Result = base::Result<QJsonObject>;

namespace {

    constexpr std::int64_t kMaxTokens = 100'000;
    constexpr double kMaxSeed = 9e15;

    /// The worker's job for a request of this door.
    Result answerJob(const QJsonObject& params)
    {
        QJsonObject job{ { QStringLiteral("job"), QStringLiteral("answer") } };
        if (params.value(QLatin1String{ "messages" }).isArray()) {
            job[QLatin1String{ "messages" }] = params.value(QLatin1String{ "messages" });
        } else {
            TRY_ASSIGN(const std::string prompt, requiredText(params, "prompt"));
            job[QLatin1String{ "prompt" }] = text(prompt);
        }
        TRY_ASSIGN(const auto tokens, integerParam(params, "max_tokens", 64, 1, kMaxTokens));
        TRY_ASSIGN(const double temperature, realParam(params, "temperature", 0, 0, 10));
        TRY_ASSIGN(const double topP, realParam(params, "top_p", 1, 0, 1));
        TRY_ASSIGN(const double minP, realParam(params, "min_p", 0, 0, 1));
        TRY_ASSIGN(const auto topK, integerParam(params, "top_k", 0, 0, 1'000'000));
        TRY_ASSIGN(const auto seed,
            integerParam(params, "seed", 1, 0, static_cast<std::int64_t>(kMaxSeed)));
        job[QLatin1String{ "max_tokens" }] = static_cast<qint64>(tokens);
        job[QLatin1String{ "temperature" }] = temperature;
        job[QLatin1String{ "top_p" }] = topP;
        job[QLatin1String{ "min_p" }] = minP;
        job[QLatin1String{ "top_k" }] = static_cast<qint64>(topK);
        job[QLatin1String{ "seed" }] = static_cast<qint64>(seed);
        job[QLatin1String{ "stop" }] = params.value(QLatin1String{ "stop" }).toArray();
        job[QLatin1String{ "logprobs" }] = params.value(QLatin1String{ "logprobs" }).toBool();
        return job;
    }

    double rate(const QJsonObject& fields, const char* tokens, const char* seconds)
    {
        const double spent = fields.value(QLatin1String{ seconds }).toDouble();
        return spent > 0 ? fields.value(QLatin1String{ tokens }).toDouble() / spent : 0;
    }

    /// What is put together of an answer while it comes.
    struct Gathered
    {
        QString text;
        QJsonArray logprobs;
    };

    QJsonObject describe(const QJsonObject& outcome, const Gathered& gathered)
    {
        QJsonObject out{ { QStringLiteral("text"), gathered.text },
            { QStringLiteral("tokens"), outcome.value(QLatin1String{ "tokens" }) },
            { QStringLiteral("prompt_tokens"), outcome.value(QLatin1String{ "prompt_tokens" }) },
            { QStringLiteral("tokens_per_second"), rate(outcome, "tokens", "answer_seconds") },
            { QStringLiteral("prompt_tokens_per_second"),
                rate(outcome, "computed_tokens", "prompt_seconds") },
            { QStringLiteral("end"), outcome.value(QLatin1String{ "end" }) },
            { QStringLiteral("model"), outcome.value(QLatin1String{ "model" }) },
            { QStringLiteral("device"), outcome.value(QLatin1String{ "device" }) } };
        if (!gathered.logprobs.isEmpty()) {
            out[QLatin1String{ "logprobs" }] = gathered.logprobs;
        }
        return out;
    }

    /// Numbers of the answers that can be cancelled, by the caller's own names for them.
    using Running = QHash<QString, std::uint64_t>;

    void generate(node::Node& node, const std::shared_ptr<Running>& running,
        const QJsonObject& params, const Reply& reply)
    {
        const auto model = modelToAnswer(node, params);
        if (!model) {
            reply.error(model.error());
            return;
        }
        auto job = answerJob(params);
        if (!job) {
            reply.error(job.error());
            return;
        }
        const bool streams = params.value(QLatin1String{ "stream" }).toBool();
        const QString name = params.value(QLatin1String{ "request" }).toString();
        const auto gathered = std::make_shared<Gathered>();
        const auto number = std::make_shared<std::uint64_t>(0);
        *number = node.answers().ask(
            { *model, textParam(params, "device"), *job },
            [&node, reply, gathered, number, streams, name](const QJsonObject& piece) {
                if (!reply.isAwaited()) {
                    node.answers().cancel(*number);
                    return;
                }
                const QString fresh = piece.value(QLatin1String{ "text" }).toString();
                gathered->text += fresh;
                for (const QJsonValue& token : piece.value(QLatin1String{ "tokens" }).toArray()) {
                    gathered->logprobs.append(token);
                }
                if (streams && !fresh.isEmpty()) {
                    reply.notify(QStringLiteral("generate.delta"),
                        { { QStringLiteral("request"), name }, { QStringLiteral("text"), fresh } });
                }
            },
            [reply, gathered, running, name](const Result& done) {
                running->remove(name);
                reply.finish(done ? Result{ describe(*done, *gathered) } : done);
            });
        if (!name.isEmpty()) {
            running->insert(name, *number);
        }
    }

} // namespace

void registerGenerateMethods(Server& server, node::Node& node)
{
    const auto running = std::make_shared<Running>();
    server.registerMethod(QStringLiteral("generate.text"),
        [&node, running](const QJsonObject& params, const Reply& reply) {
            generate(node, running, params, reply);
        });
    server.registerMethod(QStringLiteral("generate.cancel"),
        [&node, running](const QJsonObject& params, const Reply& reply) {
            const auto found
                = running->constFind(params.value(QLatin1String{ "request" }).toString());
            if (found != running->constEnd()) {
                node.answers().cancel(*found);
            }
            reply.result({ { QStringLiteral("cancelled"), found != running->constEnd() } });
        });
}

} // namespace loam::rpc
