// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>

namespace loam::base {

/// Read side of a cancellation: copyable, cheap to ask, safe from any thread.
class CancelToken
{
public:
    bool isCancelled() const { return m_flag->load(std::memory_order_relaxed); }

private:
    friend class CancelSource;
    explicit CancelToken(std::shared_ptr<const std::atomic<bool>> flag)
        : m_flag{ std::move(flag) }
    {
    }
    std::shared_ptr<const std::atomic<bool>> m_flag;
};

/// Write side of a cancellation; once cancelled it stays so.
class CancelSource
{
public:
    CancelToken token() const { return CancelToken{ m_flag }; }
    void cancel() { m_flag->store(true, std::memory_order_relaxed); }

private:
    std::shared_ptr<std::atomic<bool>> m_flag{ std::make_shared<std::atomic<bool>>(false) };
};

} // namespace loam::base
