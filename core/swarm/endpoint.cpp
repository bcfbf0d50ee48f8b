// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/types.h"

#include <arpa/inet.h>
#include <charconv>

namespace loam::swarm {

using base::Errc;
using base::fail;

namespace {

    bool isAddress(int family, const std::string& text)
    {
        std::array<std::byte, sizeof(in6_addr)> out{};
        return inet_pton(family, text.c_str(), out.data()) == 1;
    }

} // namespace

std::string Endpoint::toString() const
{
    const bool six = address.find(':') != std::string::npos;
    return (six ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

base::Result<Endpoint> Endpoint::parse(std::string_view text)
{
    const auto bad = [text] {
        return fail(Errc::Invalid,
            "\"" + std::string{ text.substr(0, 80) }
                + "\" is not an endpoint such as 192.0.2.1:6881 or [2001:db8::1]:6881");
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) {
        return bad();
    }
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) {
        host = host.substr(1, host.size() - 2);
    }
    Endpoint out{ std::string{ host }, 0 };
    if (!isAddress(bracketed ? AF_INET6 : AF_INET, out.address)) {
        return bad();
    }
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, out.port);
    if (error != std::errc{} || stop != end || out.port == 0) {
        return bad();
    }
    return out;
}

} // namespace loam::swarm
