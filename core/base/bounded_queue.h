// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>

namespace loam::base {

/// A queue between threads that never grows past its capacity and can be closed for good.
template <class T> class BoundedQueue
{
public:
    explicit BoundedQueue(std::size_t capacity)
        : m_capacity{ capacity }
    {
    }

    /// Takes the value unless the queue is full or closed.
    [[nodiscard]] bool tryPush(T value)
    {
        {
            const std::lock_guard lock{ m_mutex };
            if (m_closed || m_values.size() >= m_capacity) {
                return false;
            }
            m_values.push_back(std::move(value));
        }
        m_filled.notify_one();
        return true;
    }

    /// Waits for a value; nothing once the queue is closed and empty.
    std::optional<T> pop()
    {
        std::unique_lock lock{ m_mutex };
        m_filled.wait(lock, [this] { return m_closed || !m_values.empty(); });
        if (m_values.empty()) {
            return std::nullopt;
        }
        std::optional<T> value{ std::move(m_values.front()) };
        m_values.pop_front();
        return value;
    }

    /// Refuses further values and wakes every waiter.
    void close()
    {
        {
            const std::lock_guard lock{ m_mutex };
            m_closed = true;
        }
        m_filled.notify_all();
    }

    std::size_t size() const
    {
        const std::lock_guard lock{ m_mutex };
        return m_values.size();
    }

private:
    const std::size_t m_capacity;
    mutable std::mutex m_mutex;
    std::condition_variable m_filled;
    std::deque<T> m_values;
    bool m_closed{ false };
};

} // namespace loam::base
