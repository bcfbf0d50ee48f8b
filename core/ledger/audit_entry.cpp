// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/audit_entry.h"

#include "base/bech32m.h"
#include "codec/cbor.h"

#include <algorithm>
#include <array>

namespace loam::ledger {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kMaxSearchBytes = 600;
    constexpr std::array<std::string_view, 18> kNames{ "genesis", "transferred", "bonded",
        "unbonded", "node.registered", "run.opened", "run.joined", "run.left", "round.opened",
        "update.submitted", "update.accepted", "update.refused", "round.closed", "round.voided",
        "reward.vested", "run.ended", "node.slashed", "fees.collected" };
    static_assert(kNames.size() == static_cast<std::size_t>(AuditKind::FeesCollected) + 1);

    template <class Fixed> void writeOptional(codec::Writer& out, const std::optional<Fixed>& value)
    {
        out.bytes(value ? value->view() : base::ByteView{});
    }

    template <class Fixed> Result<std::optional<Fixed>> readOptional(codec::Reader& in)
    {
        TRY_ASSIGN(const base::ByteView bytes, in.bytes());
        if (bytes.empty()) {
            return std::optional<Fixed>{};
        }
        TRY_ASSIGN(const Fixed value, Fixed::from(bytes));
        return std::optional<Fixed>{ value };
    }

    bool isZero(const base::PublicKey& key)
    {
        return key == base::PublicKey{};
    }

} // namespace

std::string_view auditKindName(AuditKind kind)
{
    return kNames.at(static_cast<std::size_t>(kind));
}

std::optional<AuditKind> auditKindFromName(std::string_view name)
{
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end()) {
        return std::nullopt;
    }
    return static_cast<AuditKind>(found - kNames.begin());
}

base::Bytes AuditEntry::encode() const
{
    codec::Writer out;
    out.array(13).unsignedInt(index).unsignedInt(height);
    out.unsignedInt(static_cast<std::uint64_t>(time.time_since_epoch().count()));
    out.text(auditKindName(kind)).bytes(isZero(subject) ? base::ByteView{} : subject.view());
    writeOptional(out, peer);
    writeOptional(out, run);
    if (round) {
        out.array(1).unsignedInt(*round);
    } else {
        out.array(0);
    }
    out.signedInt(amount.micro());
    writeOptional(out, hash);
    writeOptional(out, transaction);
    out.text(reason).array(details.size());
    for (const auto& [name, value] : details) {
        out.array(2).text(name).text(value);
    }
    return out.take();
}

Result<AuditEntry> AuditEntry::decode(base::ByteView bytes)
{
    codec::Reader in{ bytes };
    AuditEntry out;
    TRY(in.array(13));
    TRY_ASSIGN(out.index, in.unsignedInt());
    TRY_ASSIGN(out.height, in.unsignedInt());
    TRY_ASSIGN(const std::uint64_t milliseconds, in.unsignedInt());
    out.time
        = base::UnixTime{ std::chrono::milliseconds{ static_cast<std::int64_t>(milliseconds) } };
    TRY_ASSIGN(const std::string_view name, in.text());
    const std::optional<AuditKind> kind = auditKindFromName(name);
    if (!kind) {
        return fail(Errc::Invalid, "audit entry: unknown kind");
    }
    out.kind = *kind;
    TRY_ASSIGN(const auto subject, readOptional<base::PublicKey>(in));
    out.subject = subject.value_or(base::PublicKey{});
    TRY_ASSIGN(out.peer, readOptional<base::PublicKey>(in));
    TRY_ASSIGN(out.run, readOptional<base::Hash256>(in));
    TRY_ASSIGN(const std::size_t hasRound, in.array());
    if (hasRound > 1) {
        return fail(Errc::Invalid, "audit entry: more than one round");
    }
    if (hasRound == 1) {
        TRY_ASSIGN(const std::uint64_t round, in.unsignedInt());
        out.round = round;
    }
    TRY_ASSIGN(const std::int64_t micro, in.signedInt());
    out.amount = base::Amount::fromMicro(micro);
    TRY_ASSIGN(out.hash, readOptional<base::Hash256>(in));
    TRY_ASSIGN(out.transaction, readOptional<base::Hash256>(in));
    TRY_ASSIGN(const std::string_view reason, in.text());
    out.reason = std::string{ reason };
    TRY_ASSIGN(const std::size_t count, in.array());
    for (std::size_t i = 0; i < count; ++i) {
        TRY(in.array(2));
        TRY_ASSIGN(const std::string_view detail, in.text());
        TRY_ASSIGN(const std::string_view value, in.text());
        out.details.emplace_back(detail, value);
    }
    TRY(in.finish());
    return out;
}

std::string AuditEntry::searchText() const
{
    std::string out{ auditKindName(kind) };
    const auto append = [&out](std::string_view text) {
        out += ' ';
        out += text;
    };
    if (!isZero(subject)) {
        append(base::toAddress(subject));
    }
    if (peer) {
        append(base::toAddress(*peer));
    }
    if (!reason.empty()) {
        append(reason);
    }
    if (amount != base::Amount{}) {
        append(amount.toString());
    }
    for (const auto& identity : { run, hash, transaction }) {
        if (identity) {
            append(base::toHex(identity->view()));
        }
    }
    for (const auto& [name, value] : details) {
        append(name);
        append(value);
    }
    out.resize(std::min(out.size(), kMaxSearchBytes));
    return out;
}

} // namespace loam::ledger
