// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consent/pattern.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loam::consent {

/// What a piece of text was taken out for. The order is that of precedence where two overlap.
enum class SpanKind : std::uint8_t {
    Struck, ///< the owner struck this passage
    Own, ///< a pattern of the owner's
    PrivateKey, ///< a PEM or OpenPGP block of private key material
    Secret, ///< API key, token, password in an assignment
    UrlPassword, ///< the password of scheme://user:password@host
    Mail, ///< mail address
    Iban, ///< bank account, check digits right
    Card, ///< payment card, Luhn digit right
    IpAddress, ///< IPv4 or IPv6 address outside loopback
    Phone, ///< telephone number
};
inline constexpr std::size_t kSpanKinds = 10;

/// Stable lower-case name ("mail", "card", ...).
std::string_view spanKindName(SpanKind kind);

/// Bytes [begin, end) of a text.
struct Span
{
    std::size_t begin{ 0 };
    std::size_t end{ 0 };
    SpanKind kind{ SpanKind::Own };
    friend bool operator==(const Span&, const Span&) = default;
};

using SpanCounts = std::array<std::uint32_t, kSpanKinds>;

/// Everything in the text that is not to be used, sorted, without overlaps: where detectors
/// overlap, their union takes the kind of highest precedence. Time grows linearly with the text.
/// docs/redaction.md has the measured precision and recall.
std::vector<Span> findPrivateSpans(std::string_view text, std::span<const TextPattern> own);

/// Sorts spans and joins overlapping ones as described above.
std::vector<Span> joinSpans(std::vector<Span> spans);

SpanCounts countSpans(std::span<const Span> spans);

} // namespace loam::consent
