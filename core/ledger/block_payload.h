// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "base/clock.h"

#include <vector>

namespace loam::ledger {

/// What the ledger puts into consensus::Block::payload.
struct BlockPayload
{
    static constexpr std::size_t kMaxBytes = 512U * 1024U;
    static constexpr std::size_t kMaxTransactions = 4096;

    base::UnixTime time{}; ///< not before the parent's
    std::vector<base::Bytes> transactions; ///< envelopes as received, in order of execution
    base::Hash256 stateRoot; ///< of the state after this block
    base::Hash256 auditRoot; ///< of the audit log after this block
    std::uint64_t auditSize{ 0 }; ///< leaves of the audit log after this block

    bool operator==(const BlockPayload&) const = default;

    /// Deterministic CBOR: [time ms, [transaction, ...], state root, audit root, audit size].
    base::Bytes encode() const;
    static base::Result<BlockPayload> decode(base::ByteView bytes);
};

} // namespace loam::ledger
