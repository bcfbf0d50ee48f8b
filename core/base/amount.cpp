// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/amount.h"

namespace loam::base {

namespace {
    __extension__ using Wide = __int128;
}

Result<Amount> Amount::parse(std::string_view text)
{
    const std::string quoted = '"' + std::string{ text } + '"';
    const bool negative = text.starts_with('-');
    if (negative) {
        text.remove_prefix(1);
    }
    const std::size_t dot = text.find('.');
    const std::string_view whole = text.substr(0, dot);
    const std::string_view decimals
        = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
    if (whole.empty() || (dot != std::string_view::npos && decimals.empty())) {
        return fail(Errc::Invalid, quoted + " is not an amount; write it like 12.5");
    }
    if (decimals.size() > 6) {
        return fail(Errc::Invalid, quoted + " has more than six decimals");
    }
    std::string digits{ whole };
    digits += decimals;
    digits.append(6 - decimals.size(), '0');
    std::int64_t micro = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') {
            return fail(Errc::Invalid, quoted + " is not an amount; write it like 12.5");
        }
        const int digit = negative ? -(c - '0') : c - '0';
        if (__builtin_mul_overflow(micro, std::int64_t{ 10 }, &micro)
            || __builtin_add_overflow(micro, std::int64_t{ digit }, &micro)) {
            return fail(Errc::Invalid, quoted + " is larger than any amount can be");
        }
    }
    return Amount{ micro };
}

std::optional<Amount> Amount::add(Amount other) const
{
    std::int64_t sum = 0;
    if (__builtin_add_overflow(m_micro, other.m_micro, &sum)) {
        return std::nullopt;
    }
    return Amount{ sum };
}

std::optional<Amount> Amount::sub(Amount other) const
{
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(m_micro, other.m_micro, &difference)) {
        return std::nullopt;
    }
    return Amount{ difference };
}

std::optional<Amount> Amount::scale(std::int64_t numerator, std::int64_t denominator) const
{
    if (m_micro < 0 || numerator < 0 || denominator <= 0) {
        return std::nullopt;
    }
    const Wide product = static_cast<Wide>(m_micro) * numerator / denominator;
    if (product > INT64_MAX) {
        return std::nullopt;
    }
    return Amount{ static_cast<std::int64_t>(product) };
}

std::string Amount::toString() const
{
    // Through unsigned arithmetic, so that the smallest value has a text too.
    const auto magnitude = m_micro < 0 ? 0 - static_cast<std::uint64_t>(m_micro)
                                       : static_cast<std::uint64_t>(m_micro);
    const auto unit = static_cast<std::uint64_t>(kMicroPerLoam);
    std::string out = (m_micro < 0 ? "-" : "") + std::to_string(magnitude / unit);
    std::string decimals = std::to_string(magnitude % unit);
    decimals.insert(0, 6 - decimals.size(), '0');
    decimals.erase(decimals.find_last_not_of('0') + 1);
    return decimals.empty() ? out : out + '.' + decimals;
}

} // namespace loam::base
