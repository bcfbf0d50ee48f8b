// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The pieces of MIME that text needs. Everything here accepts anything and is linear in it.
namespace loam::worker::mime {

/// The header lines at the beginning of a message or part, unfolded, names in lower case.
class Headers
{
public:
    static constexpr std::size_t kMaxHeaders = 1000;

    static Headers read(std::string_view part);
    /// The first of that name; empty when there is none.
    std::string_view value(std::string_view name) const;
    bool isEmpty() const { return m_fields.empty(); }
    /// Bytes up to the body.
    std::size_t size() const { return m_size; }

private:
    std::vector<std::pair<std::string, std::string>> m_fields;
    std::size_t m_size{ 0 };
};

struct ContentType
{
    std::string name{ "text/plain" }; ///< lower case
    std::string charset; ///< lower case
    std::string boundary;
};

ContentType contentTypeOf(const Headers& headers);
bool isAttachment(const Headers& headers);

/// By base64 or quoted-printable; other encodings leave the body as it is. What is malformed in it
/// is passed over.
std::string decodeBody(std::string_view body, std::string_view encoding);
/// UTF-8, ASCII, Latin-1 and Windows-1252; other character sets count as UTF-8 and are repaired.
std::string toUtf8(std::string bytes, std::string_view charset);
/// "=?charset?Q?...?=" of RFC 2047.
std::string decodeWords(std::string_view text);

} // namespace loam::worker::mime
