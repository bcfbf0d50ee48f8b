// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bech32m.h"
#include "base/clock.h"
#include "crypto/hash.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QString>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// What the parts of RoundDriver share; no other file includes this.
namespace loam::node {

/// What stands before the next round's clip, in millionths, at the end of a private round's rule.
inline constexpr std::string_view kClipInRule = ", next clip ";

inline QString hex(base::ByteView bytes)
{
    return QString::fromStdString(base::toHex(bytes));
}

inline QString pathText(const std::filesystem::path& path)
{
    return QString::fromStdString(path.string());
}

inline QString address(const base::PublicKey& key)
{
    return QString::fromStdString(base::toAddress(key));
}

/// Whether the file exists and has this SHA-256.
inline bool hasHash(const std::filesystem::path& path, const base::Hash256& expected)
{
    std::error_code code;
    if (!std::filesystem::exists(path, code)) {
        return false;
    }
    const auto found = crypto::sha256File(path.string());
    return found && *found == expected;
}

inline std::chrono::milliseconds since(const QElapsedTimer& timer)
{
    return std::chrono::milliseconds{ timer.elapsed() };
}

inline base::UnixTime wallTime()
{
    return base::SystemClock{}.now();
}

/// The text files of the folders a run trains on; Invalid when there are none.
base::Result<QJsonArray> textFiles(const std::vector<std::string>& folders);

} // namespace loam::node
