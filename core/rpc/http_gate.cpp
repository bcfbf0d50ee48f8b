// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/http_gate.h"

#include "node/node.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QPointer>

#include <utility>

namespace loam::rpc {

using base::Errc;

namespace {

    QString text(const std::string& utf8)
    {
        return QString::fromStdString(utf8);
    }

    std::string textOf(const QJsonObject& object, const char* name)
    {
        return object.value(QLatin1String{ name }).toString().toStdString();
    }

    QJsonArray listOf(const std::vector<std::string>& texts)
    {
        QJsonArray out;
        for (const std::string& item : texts) {
            out.append(text(item));
        }
        return out;
    }

    QJsonObject jobFor(ApiCall call, const ApiRequest& request)
    {
        if (call == ApiCall::Embedding) {
            return { { QStringLiteral("job"), QStringLiteral("embed") },
                { QStringLiteral("inputs"), listOf(request.inputs) } };
        }
        QJsonObject job{ { QStringLiteral("job"), QStringLiteral("answer") },
            { QStringLiteral("max_tokens"), static_cast<qint64>(request.maxTokens) },
            { QStringLiteral("temperature"), request.temperature },
            { QStringLiteral("top_p"), request.topP },
            // The interface has no such filters.
            { QStringLiteral("top_k"), 0 }, { QStringLiteral("min_p"), 0 },
            { QStringLiteral("presence_penalty"), request.presencePenalty },
            { QStringLiteral("frequency_penalty"), request.frequencyPenalty },
            { QStringLiteral("stop"), listOf(request.stop) },
            { QStringLiteral("logprobs"), request.wantsLogprobs },
            { QStringLiteral("alternatives"), static_cast<qint64>(request.alternatives) } };
        if (request.seed) {
            job[QLatin1String{ "seed" }] = static_cast<qint64>(*request.seed);
        }
        if (call == ApiCall::Completion) {
            job[QLatin1String{ "prompt" }] = text(request.prompt);
            return job;
        }
        QJsonArray messages;
        for (const ApiMessage& message : request.messages) {
            messages.append(QJsonObject{ { QStringLiteral("role"), text(message.role) },
                { QStringLiteral("content"), text(message.content) } });
        }
        job[QLatin1String{ "messages" }] = messages;
        return job;
    }

    ApiPiece pieceOf(const QJsonObject& progress)
    {
        ApiPiece piece{ textOf(progress, "text"), {}, {} };
        for (const QJsonValue& value : progress.value(QLatin1String{ "embedding" }).toArray()) {
            piece.embedding.push_back(static_cast<float>(value.toDouble()));
        }
        for (const QJsonValue& value : progress.value(QLatin1String{ "tokens" }).toArray()) {
            const QJsonObject token = value.toObject();
            ApiToken out{ textOf(token, "token"),
                token.value(QLatin1String{ "logprob" }).toDouble(), {} };
            for (const QJsonValue& likely : token.value(QLatin1String{ "best" }).toArray()) {
                out.best.emplace_back(textOf(likely.toObject(), "token"),
                    likely.toObject().value(QLatin1String{ "logprob" }).toDouble());
            }
            piece.tokens.push_back(std::move(out));
        }
        return piece;
    }

    ApiEnd endOf(const QJsonObject& outcome)
    {
        const auto count = [&outcome](const char* name) {
            return static_cast<std::uint64_t>(
                std::max<qint64>(0, outcome.value(QLatin1String{ name }).toInteger()));
        };
        ApiEnd end{ textOf(outcome, "end"), count("prompt_tokens"), count("tokens") };
        return end;
    }

    ApiError errorOf(const base::Error& error)
    {
        switch (error.code) {
        case Errc::Invalid:
            return { 400, error.message, "invalid_request_error", {}, {} };
        case Errc::NotFound:
            return { 404, error.message, "invalid_request_error", "model", "model_not_found" };
        case Errc::Denied:
            return { 403, error.message, "permission_error", {}, {} };
        case Errc::Unavailable:
        case Errc::Cancelled:
        case Errc::Timeout:
            return { 503, error.message, "server_error", {}, "unavailable" };
        case Errc::Io:
        case Errc::Corrupt:
            break;
        }
        return { 500, error.message, "server_error", {}, {} };
    }

    /// One value of the Prometheus text format 0.0.4 with its two head lines.
    std::string metric(const char* name, const char* kind, const char* help, double value)
    {
        return "# HELP " + std::string{ name } + ' ' + help + "\n# TYPE " + name + ' ' + kind + '\n'
            + name + ' ' + QString::number(value, 'g', 15).toStdString() + '\n';
    }

} // namespace

std::uint64_t HttpGate::ask(ApiCall call, ApiRequest request, Exchange exchange)
{
    const std::uint64_t number = m_nextNumber++;
    QMetaObject::invokeMethod(
        this,
        [this, number, call, wanted = std::move(request), to = std::move(exchange)] {
            begin(number, call, wanted, to);
        },
        Qt::QueuedConnection);
    return number;
}

void HttpGate::begin(
    std::uint64_t number, ApiCall call, const ApiRequest& request, const Exchange& to)
{
    m_running[number] = { 0, to };
    const std::uint64_t answer = m_node.answers().ask(
        { request.model, {}, jobFor(call, request) },
        [to](const QJsonObject& progress) { to->push(pieceOf(progress)); },
        [gate = QPointer<HttpGate>{ this }, number, to](const base::Result<QJsonObject>& outcome) {
            // An answer that is cancelled ends later, perhaps after the endpoint.
            if (gate) {
                gate->m_running.remove(number);
            }
            if (outcome) {
                to->push(endOf(*outcome));
            } else {
                to->push(errorOf(outcome.error()));
            }
        });
    if (const auto found = m_running.find(number); found != m_running.end()) {
        found->answer = answer;
    }
}

void HttpGate::leave(std::uint64_t number)
{
    QMetaObject::invokeMethod(
        this,
        [this, number] {
            if (const auto found = m_running.constFind(number); found != m_running.constEnd()) {
                m_node.answers().cancel(found->answer);
            }
        },
        Qt::QueuedConnection);
}

void HttpGate::askModels(Exchange exchange)
{
    QMetaObject::invokeMethod(
        this, [this, to = std::move(exchange)] { to->push(models()); }, Qt::QueuedConnection);
}

void HttpGate::askMetrics(Exchange exchange)
{
    QMetaObject::invokeMethod(
        this, [this, to = std::move(exchange)] { to->push(metrics()); }, Qt::QueuedConnection);
}

void HttpGate::close()
{
    for (const Running& running : std::exchange(m_running, {})) {
        m_node.answers().cancel(running.answer);
        running.exchange->push(
            ApiError{ 503, "the endpoint was switched off", "server_error", {}, "unavailable" });
    }
}

std::string HttpGate::models() const
{
    QJsonArray list;
    for (const node::ModelManifest& model : m_node.models().models()) {
        list.append(QJsonObject{ { QStringLiteral("id"), text(model.id) },
            { QStringLiteral("object"), QStringLiteral("model") },
            { QStringLiteral("created"), static_cast<qint64>(model.imported) },
            { QStringLiteral("owned_by"), QStringLiteral("local") } });
    }
    for (const node::HomeAdapter& adapter : m_node.adapters().adapters()) {
        if (adapter.trained != 0) {
            list.append(QJsonObject{ { QStringLiteral("id"), text(adapter.id) },
                { QStringLiteral("object"), QStringLiteral("model") },
                { QStringLiteral("created"), static_cast<qint64>(adapter.trained) },
                { QStringLiteral("owned_by"), QStringLiteral("local") },
                { QStringLiteral("parent"), text(adapter.baseId) } });
        }
    }
    node::NetworkSession* const session = m_node.session();
    const auto runs
        = session == nullptr ? base::Result<std::vector<ledger::Run>>{} : session->ledger().runs();
    for (const ledger::Run& run : runs ? *runs : std::vector<ledger::Run>{}) {
        if (session->rounds().modelSource(run.id)) {
            list.append(QJsonObject{ { QStringLiteral("id"), text(base::toHex(run.id.view())) },
                { QStringLiteral("object"), QStringLiteral("model") },
                { QStringLiteral("created"), 0 }, { QStringLiteral("owned_by"), text(run.name) } });
        }
    }
    return QJsonDocument{ QJsonObject{ { QStringLiteral("object"), QStringLiteral("list") },
                              { QStringLiteral("data"), list } } }
        .toJson(QJsonDocument::Compact)
        .toStdString();
}

std::string HttpGate::metrics() const
{
    const node::AnswerService::Counters& counters = m_node.answers().counters();
    std::size_t running = 0;
    std::size_t waiting = 0;
    std::size_t ready = 0;
    for (const node::AnswerService::Loaded& loaded : m_node.answers().loaded()) {
        running += loaded.running;
        waiting += loaded.waiting;
        ready += loaded.isReady ? 1 : 0;
    }
    const auto real = [](auto value) { return static_cast<double>(value); };
    return metric("loam_answers_total", "counter", "Answers and embeddings that were finished.",
               real(counters.answered))
        + metric("loam_answers_failed_total", "counter", "Requests that ended with an error.",
            real(counters.failed))
        + metric("loam_worker_crashes_total", "counter", "Workers that died while needed.",
            real(counters.crashes))
        + metric("loam_prompt_tokens_total", "counter", "Tokens of prompts.",
            real(counters.promptTokens))
        + metric("loam_answer_tokens_total", "counter", "Tokens that were generated.",
            real(counters.answerTokens))
        + metric("loam_prompt_seconds_total", "counter", "Time spent on prompts.",
            counters.promptSeconds)
        + metric("loam_answer_seconds_total", "counter", "Time spent generating.",
            counters.answerSeconds)
        + metric("loam_answers_running", "gauge", "Answers under way.", real(running))
        + metric("loam_answers_waiting", "gauge", "Questions that wait for a model.", real(waiting))
        + metric("loam_models_loaded", "gauge", "Models held by a device.", real(ready))
        + metric("loam_models_stored", "gauge", "Models on the disk.",
            real(m_node.models().models().size()));
}

} // namespace loam::rpc
