// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/http_endpoint.h"

#include "node/api_key.h"
#include "node/log.h"
#include "rpc/http_gate.h"
#include "rpc/peer_watch.h"

#include <atomic>
#include <httplib.h>
#include <mutex>
#include <thread>

namespace loam::rpc {

using base::Errc;
using namespace std::chrono_literals;

namespace {

    constexpr auto kWritePatience = 5s;
    constexpr auto kGlance = 250ms; ///< between two looks whether the client is still there
    constexpr const char* kJson = "application/json";

    void refuse(httplib::Response& response, const ApiError& error)
    {
        response.status = error.status;
        response.set_content(errorBody(error), kJson);
    }

    std::int64_t unixNow()
    {
        return std::chrono::duration_cast<std::chrono::seconds>(
            std::chrono::system_clock::now().time_since_epoch())
            .count();
    }

    std::string freshId(ApiCall call)
    {
        return (call == ApiCall::Chat ? "chatcmpl-" : "cmpl-") + node::randomHex(12);
    }

    /// Only names of this very machine: a web page that had its own name point here is refused.
    bool isLocalHost(std::string host)
    {
        if (const std::size_t colon = host.rfind(':');
            colon != std::string::npos && host.find(']', colon) == std::string::npos) {
            host.resize(colon);
        }
        return host == "127.0.0.1" || host == "localhost" || host == "[::1]";
    }

} // namespace

struct HttpEndpoint::Private
{
    using Clock = std::chrono::steady_clock;

    Private(node::Node& node, HttpLimits bounds)
        : gate{ node }
        , limits{ bounds }
    {
    }

    void route();
    bool isAllowed(const httplib::Request& request, httplib::Response& response);
    void serve(ApiCall call, const httplib::Request& request, httplib::Response& response);
    void answerWhole(ApiReply reply, std::uint64_t number, const HttpGate::Exchange& exchange,
        const httplib::Request& request, httplib::Response& response);
    void answerStream(ApiReply reply, std::uint64_t number, const HttpGate::Exchange& exchange,
        ApiEvent first, httplib::Response& response);
    void document(httplib::Response& response, const char* type,
        const std::function<void(HttpGate::Exchange)>& ask);

    HttpGate gate;
    const HttpLimits limits;
    std::unique_ptr<httplib::Server> server;
    std::thread thread;
    std::uint16_t port{ 0 };
    std::atomic<std::size_t> underWay{ 0 };
    std::atomic<bool> isClosing{ false };
    std::mutex mutex;
    std::string keyHash; ///< guarded
};

HttpEndpoint::HttpEndpoint(node::Node& node, HttpLimits limits)
    : d{ std::make_unique<Private>(node, limits) }
{
}

HttpEndpoint::~HttpEndpoint()
{
    stop();
}

bool HttpEndpoint::isRunning() const
{
    return d->server != nullptr;
}

std::uint16_t HttpEndpoint::port() const
{
    return d->port;
}

void HttpEndpoint::setKeyHash(const std::string& keyHash)
{
    const std::lock_guard lock{ d->mutex };
    d->keyHash = keyHash;
}

base::Result<> HttpEndpoint::start(std::uint16_t port, const std::string& keyHash)
{
    stop();
    setKeyHash(keyHash);
    d->isClosing = false;
    d->server = std::make_unique<httplib::Server>();
    httplib::Server& server = *d->server;
    server.set_payload_max_length(d->limits.bodyBytes);
    server.set_read_timeout(d->limits.patience);
    // Short: switching off waits for a client that does not read.
    server.set_write_timeout(kWritePatience);
    server.set_keep_alive_timeout(5);
    server.set_tcp_nodelay(true);
    server.set_address_family(AF_INET);
    // httplib's default lets two programs share a port, which would hide that it is taken.
    server.set_socket_options([](socket_t socket) {
        const int yes = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server.new_task_queue
        = [clients = d->limits.clients] { return new httplib::ThreadPool(clients); };
    d->route();
    int bound = port;
    if (port == 0) {
        bound = server.bind_to_any_port("127.0.0.1");
    } else if (!server.bind_to_port("127.0.0.1", port)) {
        bound = -1;
    }
    if (bound <= 0) {
        d->server.reset();
        return base::fail(Errc::Unavailable,
            "port " + std::to_string(port)
                + " of 127.0.0.1 is taken by another program; choose another with --port");
    }
    d->port = static_cast<std::uint16_t>(bound);
    d->thread = std::thread{ [raw = d->server.get()] { raw->listen_after_bind(); } };
    // A server that has not begun to listen would not hear stop().
    while (!server.is_running()) {
        std::this_thread::yield();
    }
    qCInfo(node::lcNode) << "the local interface listens on 127.0.0.1 port" << d->port;
    return {};
}

void HttpEndpoint::stop()
{
    if (!d->server) {
        return;
    }
    d->isClosing = true;
    d->gate.close();
    d->server->stop();
    d->thread.join();
    d->server.reset();
    d->port = 0;
}

void HttpEndpoint::Private::route()
{
    using httplib::Request;
    using httplib::Response;
    server->set_pre_routing_handler([this](const Request& request, Response& response) {
        // Before the body is read.
        return isAllowed(request, response) ? httplib::Server::HandlerResponse::Unhandled
                                            : httplib::Server::HandlerResponse::Handled;
    });
    const httplib::Server::HandlerWithResponse onError = [](const Request& request,
                                                             Response& response) {
        if (!response.body.empty()) {
            return httplib::Server::HandlerResponse::Unhandled;
        }
        ApiError error{ response.status, "the request could not be read", "invalid_request_error",
            {}, {} };
        if (response.status == 404) {
            error.message = "there is no " + request.method + ' ' + request.path.substr(0, 128)
                + " here; see /v1/models, /v1/completions, /v1/chat/completions, /v1/embeddings";
            error.code = "unknown_url";
        } else if (response.status == 413) {
            error.message = "the body is too long";
        }
        response.set_content(errorBody(error), kJson);
        return httplib::Server::HandlerResponse::Handled;
    };
    server->set_error_handler(onError);
    server->set_exception_handler([](const Request&, Response& response, std::exception_ptr) {
        refuse(response, { 500, "the request failed inside Loam", "server_error", {}, {} });
    });
    server->Get("/v1/models", [this](const Request&, Response& response) {
        document(response, kJson, [this](auto exchange) { gate.askModels(std::move(exchange)); });
    });
    server->Get("/metrics", [this](const Request&, Response& response) {
        document(response, "text/plain; version=0.0.4",
            [this](auto exchange) { gate.askMetrics(std::move(exchange)); });
    });
    const auto post = [this](const char* path, ApiCall call) {
        server->Post(path, [this, call](const Request& request, Response& response) {
            serve(call, request, response);
        });
    };
    post("/v1/completions", ApiCall::Completion);
    post("/v1/chat/completions", ApiCall::Chat);
    post("/v1/embeddings", ApiCall::Embedding);
}

bool HttpEndpoint::Private::isAllowed(const httplib::Request& request, httplib::Response& response)
{
    if (!isLocalHost(request.get_header_value("Host"))) {
        refuse(response,
            { 403, "this interface answers to 127.0.0.1 and localhost only", "permission_error", {},
                "wrong_host" });
        return false;
    }
    const std::string given = request.get_header_value("Authorization");
    constexpr std::string_view kScheme = "Bearer ";
    std::string hash;
    {
        const std::lock_guard lock{ mutex };
        hash = keyHash;
    }
    if (!given.starts_with(kScheme)
        || !node::ApiKey::fits(std::string_view{ given }.substr(kScheme.size()), hash)) {
        response.set_header("WWW-Authenticate", "Bearer");
        refuse(response,
            { 401,
                "the key is missing or wrong; `loamctl api key` makes a new one, to be sent as "
                "\"Authorization: Bearer KEY\"",
                "invalid_request_error", {}, "invalid_api_key" });
        return false;
    }
    return true;
}

void HttpEndpoint::Private::document(httplib::Response& response, const char* type,
    const std::function<void(HttpGate::Exchange)>& ask)
{
    const auto exchange = std::make_shared<ApiExchange>();
    ask(exchange);
    const auto deadline = Clock::now() + limits.patience;
    while (Clock::now() < deadline && !isClosing) {
        if (const auto event = exchange->wait(kGlance)) {
            response.set_content(std::get<std::string>(*event), type);
            return;
        }
    }
    refuse(response, { 503, "Loam's node is too busy", "server_error", {}, "unavailable" });
}

void HttpEndpoint::Private::serve(
    ApiCall call, const httplib::Request& request, httplib::Response& response)
{
    auto wanted = readApiRequest(call, request.body);
    if (!wanted) {
        refuse(response, wanted.error());
        return;
    }
    if (underWay.fetch_add(1) >= limits.answers) {
        --underWay;
        response.set_header("Retry-After", "2");
        refuse(response,
            { 429, std::to_string(limits.answers) + " answers are under way already",
                "rate_limit_error", {}, "rate_limit_exceeded" });
        return;
    }
    const auto exchange = std::make_shared<ApiExchange>();
    ApiReply reply{ call, *wanted, freshId(call), unixNow() };
    const bool streams = wanted->streams;
    const std::uint64_t number = gate.ask(call, std::move(*wanted), exchange);
    if (!streams) {
        answerWhole(std::move(reply), number, exchange, request, response);
        --underWay;
        return;
    }
    // The status line must wait for the first event: it may be an error.
    const PeerWatch peer{ request.local_port, request.remote_port };
    const auto deadline = Clock::now() + limits.longest;
    for (;;) {
        if (auto event = exchange->wait(kGlance)) {
            if (const auto* error = std::get_if<ApiError>(&*event)) {
                --underWay;
                refuse(response, *error);
                return;
            }
            answerStream(std::move(reply), number, exchange, std::move(*event), response);
            return;
        }
        if (peer.isGone() || isClosing || Clock::now() > deadline) {
            --underWay;
            gate.leave(number);
            refuse(response, { 503, "the answer was given up", "server_error", {}, "unavailable" });
            return;
        }
    }
}

void HttpEndpoint::Private::answerWhole(ApiReply reply, std::uint64_t number,
    const HttpGate::Exchange& exchange, const httplib::Request& request,
    httplib::Response& response)
{
    const PeerWatch peer{ request.local_port, request.remote_port };
    const auto deadline = Clock::now() + limits.longest;
    while (!isClosing && !peer.isGone() && Clock::now() < deadline) {
        const auto event = exchange->wait(kGlance);
        if (!event) {
            continue;
        }
        if (const auto* piece = std::get_if<ApiPiece>(&*event)) {
            reply.add(*piece);
        } else if (const auto* end = std::get_if<ApiEnd>(&*event)) {
            response.set_content(reply.whole(*end), kJson);
            return;
        } else if (const auto* error = std::get_if<ApiError>(&*event)) {
            refuse(response, *error);
            return;
        }
    }
    gate.leave(number);
    refuse(response, { 503, "the answer was given up", "server_error", {}, "unavailable" });
}

void HttpEndpoint::Private::answerStream(ApiReply reply, std::uint64_t number,
    const HttpGate::Exchange& exchange, ApiEvent first, httplib::Response& response)
{
    struct Stream
    {
        ApiReply reply;
        std::optional<ApiEvent> next;
        bool isOpened{ false };
        bool isEnded{ false };
        Clock::time_point deadline;
    };
    const auto stream = std::make_shared<Stream>(
        Stream{ std::move(reply), std::move(first), false, false, Clock::now() + limits.longest });
    response.set_header("Cache-Control", "no-cache");
    response.set_chunked_content_provider(
        "text/event-stream",
        [this, stream, exchange](std::size_t, httplib::DataSink& sink) {
            if (isClosing || Clock::now() > stream->deadline || !sink.is_writable()) {
                return false;
            }
            if (!stream->next) {
                stream->next = exchange->wait(kGlance);
            }
            if (!stream->next) {
                return true; // asked again: a look whether the client is there
            }
            const ApiEvent event = std::move(*std::exchange(stream->next, std::nullopt));
            std::string out = std::exchange(stream->isOpened, true) ? "" : stream->reply.opening();
            if (const auto* piece = std::get_if<ApiPiece>(&event)) {
                out += stream->reply.event(*piece);
            } else if (const auto* end = std::get_if<ApiEnd>(&event)) {
                out += stream->reply.closing(*end);
                stream->isEnded = true;
            } else if (const auto* error = std::get_if<ApiError>(&event)) {
                out += ApiReply::failure(*error);
                stream->isEnded = true;
            }
            const bool isWritten = out.empty() || sink.write(out.data(), out.size());
            if (isWritten && stream->isEnded) {
                sink.done();
            }
            return isWritten;
        },
        [this, stream, number](bool) {
            --underWay;
            if (!stream->isEnded) {
                gate.leave(number);
            }
        });
}

} // namespace loam::rpc
