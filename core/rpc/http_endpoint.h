// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QObject>
#include <QString>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace loam::node {
class Node;
}

namespace loam::rpc {

/// Bounds of the endpoint; tests make them small.
struct HttpLimits
{
    std::size_t bodyBytes{ std::size_t{ 8 } << 20U };
    std::size_t clients{ 32 }; ///< connections served side by side; further ones wait
    std::size_t answers{ 16 }; ///< under way at once; further ones are refused with 429
    std::chrono::seconds patience{ 20 }; ///< for a client that neither sends nor reads
    std::chrono::seconds longest{ 3600 }; ///< for one answer
};

/// The OpenAI-style HTTP interface of docs/user-guide/api.md on 127.0.0.1: models, completions,
/// chats, embeddings and Prometheus metrics for programs that know the key. Requests are parsed
/// and answers written on threads of its own; only values go between them and the event loop,
/// where the object lives and the node is asked.
class HttpEndpoint final : public QObject
{
    Q_OBJECT
public:
    /// The node outlives it.
    explicit HttpEndpoint(node::Node& node, HttpLimits limits = {});
    /// Ends every answer under way.
    ~HttpEndpoint() override;

    /// Opens the port (0: any free one); clients must show the key whose SHA-256 is given.
    /// Unavailable when another program has the port.
    base::Result<> start(std::uint16_t port, const std::string& keyHash);
    void stop();
    /// The old key stops working at once.
    void setKeyHash(const std::string& keyHash);

    bool isRunning() const;
    std::uint16_t port() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace loam::rpc
