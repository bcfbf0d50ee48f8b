// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/block_payload.h"

#include "codec/cbor.h"
#include "ledger/plain_text.h"

namespace loam::ledger {

using base::Errc;
using base::fail;

base::Bytes BlockPayload::encode() const
{
    codec::Writer out;
    out.array(5).unsignedInt(static_cast<std::uint64_t>(time.time_since_epoch().count()));
    out.array(transactions.size());
    for (const base::Bytes& transaction : transactions) {
        out.bytes(transaction);
    }
    out.bytes(stateRoot.view()).bytes(auditRoot.view()).unsignedInt(auditSize);
    return out.take();
}

base::Result<BlockPayload> BlockPayload::decode(base::ByteView bytes)
{
    if (bytes.size() > kMaxBytes) {
        return fail(Errc::Invalid, "block payload: larger than 512 KiB");
    }
    codec::Reader in{ bytes };
    BlockPayload out;
    TRY(in.array(5));
    TRY_ASSIGN(const std::uint64_t milliseconds, in.unsignedInt());
    if (milliseconds > kMaxMilliseconds) {
        return fail(Errc::Invalid, "block payload: time is out of range");
    }
    out.time
        = base::UnixTime{ std::chrono::milliseconds{ static_cast<std::int64_t>(milliseconds) } };
    TRY_ASSIGN(const std::size_t count, in.array());
    if (count > kMaxTransactions) {
        return fail(Errc::Invalid, "block payload: more than 4,096 transactions");
    }
    for (std::size_t i = 0; i < count; ++i) {
        TRY_ASSIGN(const base::ByteView transaction, in.bytes());
        out.transactions.push_back(base::toBytes(transaction));
    }
    TRY_ASSIGN(out.stateRoot, in.fixed<base::Hash256>());
    TRY_ASSIGN(out.auditRoot, in.fixed<base::Hash256>());
    TRY_ASSIGN(out.auditSize, in.unsignedInt());
    TRY(in.finish());
    return out;
}

} // namespace loam::ledger
