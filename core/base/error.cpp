// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/error.h"

namespace loam::base {

std::string_view errcName(Errc code)
{
    switch (code) {
    case Errc::Invalid:
        return "invalid";
    case Errc::NotFound:
        return "not_found";
    case Errc::Io:
        return "io";
    case Errc::Corrupt:
        return "corrupt";
    case Errc::Denied:
        return "denied";
    case Errc::Unavailable:
        return "unavailable";
    case Errc::Cancelled:
        return "cancelled";
    case Errc::Timeout:
        return "timeout";
    }
    return "unknown";
}

Error Error::context(std::string_view what) &&
{
    message.insert(0, ": ").insert(0, what);
    return std::move(*this);
}

} // namespace loam::base
