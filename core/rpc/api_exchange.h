// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "rpc/openai_reply.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <variant>

namespace loam::rpc {

/// What happens to a request of the HTTP endpoint: text of a document (models, metrics), pieces of
/// an answer, its end, or an error.
using ApiEvent = std::variant<std::string, ApiPiece, ApiEnd, ApiError>;

/// The values that travel from the event loop to the HTTP thread that serves one request. The loop
/// never waits: what a slow client does not fetch is bounded by the length of its answer.
class ApiExchange
{
public:
    /// From the event loop.
    void push(ApiEvent event)
    {
        {
            const std::lock_guard lock{ m_mutex };
            m_events.push_back(std::move(event));
        }
        m_filled.notify_one();
    }

    /// From the HTTP thread: the next event, or nothing when none came in time.
    std::optional<ApiEvent> wait(std::chrono::milliseconds time)
    {
        std::unique_lock lock{ m_mutex };
        m_filled.wait_for(lock, time, [this] { return !m_events.empty(); });
        if (m_events.empty()) {
            return std::nullopt;
        }
        std::optional<ApiEvent> event{ std::move(m_events.front()) };
        m_events.pop_front();
        return event;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_filled;
    std::deque<ApiEvent> m_events;
};

} // namespace loam::rpc
