// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"

#include <tl/expected.hpp>

#include <utility>

namespace loam::base {

/// A value or the reason why there is none.
template <class T = void> using Result = tl::expected<T, Error>;

/// Shorthand for returning a failure: `return fail(Errc::NotFound, "no such run");`
inline tl::unexpected<Error> fail(Errc code, std::string message)
{
    return tl::unexpected<Error>{ Error{ code, std::move(message) } };
}

} // namespace loam::base

#define LOAM_CAT_(a, b) a##b
#define LOAM_CAT(a, b) LOAM_CAT_(a, b)

/// Returns from the calling function with the error of `expr`, if it failed.
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        if (auto try_ = (expr); !try_) {                                                           \
            return ::tl::unexpected{ std::move(try_).error() };                                    \
        }                                                                                          \
    } while (false)

/// Evaluates `expr`; on success moves its value into `decl`, else returns its error.
#define TRY_ASSIGN(decl, expr) TRY_ASSIGN_(LOAM_CAT(try_, __LINE__), decl, expr)
#define TRY_ASSIGN_(tmp, decl, expr)                                                               \
    auto tmp = (expr);                                                                             \
    if (!tmp) {                                                                                    \
        return ::tl::unexpected{ std::move(tmp).error() };                                         \
    }                                                                                              \
    decl = std::move(*tmp)
