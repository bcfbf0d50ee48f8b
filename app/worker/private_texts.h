// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loam::worker {

/// Private texts on their way from loamd to one training job: they come in pieces over the pipe,
/// are in this process's memory only, and are wiped when the object goes or other texts begin.
class PrivateTexts
{
public:
    /// What one job gets at most.
    static constexpr std::size_t kMostBytes = std::size_t{ 64 } << 20U;

    PrivateTexts() = default;
    PrivateTexts(const PrivateTexts&) = delete;
    PrivateTexts& operator=(const PrivateTexts&) = delete;
    PrivateTexts(PrivateTexts&&) = default;
    PrivateTexts& operator=(PrivateTexts&& other) noexcept;
    ~PrivateTexts();

    /// Part 0 of a key begins anew; `ends`: the text at hand is complete. Invalid out of order.
    base::Result<> add(std::string_view key, std::uint64_t part, std::string_view text, bool ends);
    /// Hands the texts over, complete. Unavailable when they are others or pieces are missing.
    base::Result<PrivateTexts> take(std::string_view key, std::uint64_t parts);

    std::span<const std::string> texts() const { return m_texts; }

private:
    void wipe();

    std::string m_key;
    std::uint64_t m_parts{ 0 };
    std::size_t m_bytes{ 0 };
    bool m_isOpen{ false }; ///< the last text goes on
    std::vector<std::string> m_texts;
};

} // namespace loam::worker
