// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <string>

/// What loamd and loam-extractor say to each other over a SOCK_SEQPACKET socket, one CBOR array a
/// message. docs/protocol-consent.md describes it.
namespace loam::codec {

/// Number of the descriptor the extractor finds its socket at.
inline constexpr int kExtractorSocket = 3;

/// Sent with two descriptors: the document, readable, and a pipe, writable.
struct ExtractionRequest
{
    static constexpr std::size_t kMaxBytes = 64;
    std::uint8_t kind{ 0 }; ///< consent::DocumentKind
    std::uint64_t textBytes{ 0 };
    std::uint64_t memoryBytes{ 0 };
    std::uint64_t seconds{ 0 };

    base::Bytes encode() const;
    static base::Result<ExtractionRequest> decode(base::ByteView bytes);
};

/// The outcome. Also the first message of all, which says that the sandbox stands.
struct ExtractionReply
{
    enum class Status : std::uint8_t {
        Done = 0,
        Damaged = 1, ///< not a well-formed document of its kind
        Locked = 2, ///< needs a password
        TooSlow = 3,
        TooLarge = 4, ///< of memory
        Cut = 5, ///< done, but there was more text than asked for
    };
    static constexpr std::size_t kMaxBytes = 512;
    Status status{ Status::Done };
    std::string message; ///< for Damaged: what is wrong with it

    base::Bytes encode() const;
    static base::Result<ExtractionReply> decode(base::ByteView bytes);
};

} // namespace loam::codec
