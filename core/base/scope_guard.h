// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>

namespace loam::base {

/// Runs a callable at the end of the scope unless dismissed.
template <class Callable> class [[nodiscard]] ScopeGuard
{
public:
    explicit ScopeGuard(Callable callable)
        : m_callable{ std::move(callable) }
    {
    }
    ScopeGuard(const ScopeGuard&) = delete;
    ScopeGuard& operator=(const ScopeGuard&) = delete;
    ~ScopeGuard()
    {
        if (m_armed) {
            m_callable();
        }
    }
    void dismiss() { m_armed = false; }

private:
    Callable m_callable;
    bool m_armed{ true };
};

} // namespace loam::base
