// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "rpc/api_exchange.h"

#include <QHash>
#include <QJsonObject>
#include <QObject>

#include <atomic>
#include <cstdint>
#include <memory>

namespace loam::node {
class Node;
}

namespace loam::rpc {

/// The event loop's half of the HTTP endpoint: asks the node what HTTP threads want to know and
/// hands the outcome to their exchanges. All methods but those named for threads run on the loop.
class HttpGate final : public QObject
{
    Q_OBJECT
public:
    using Exchange = std::shared_ptr<ApiExchange>;

    explicit HttpGate(node::Node& node)
        : m_node{ node }
    {
    }

    /// From any thread: begins an answer or embedding; the number ends it early.
    std::uint64_t ask(ApiCall call, ApiRequest request, Exchange exchange);
    /// From any thread.
    void leave(std::uint64_t number);
    void askModels(Exchange exchange);
    void askMetrics(Exchange exchange);

    /// Ends what is under way; waiting threads hear an error.
    void close();

private:
    struct Running
    {
        std::uint64_t answer{ 0 };
        Exchange exchange;
    };

    void begin(std::uint64_t number, ApiCall call, const ApiRequest& request, const Exchange& to);
    std::string models() const;
    std::string metrics() const;

    node::Node& m_node;
    std::atomic<std::uint64_t> m_nextNumber{ 1 };
    QHash<quint64, Running> m_running;
};

} // namespace loam::rpc
