// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/records.h"

#include "base/require.h"
#include "codec/cbor.h"

#include <algorithm>

namespace loam::ledger {

using base::Amount;
using base::Result;

namespace {

    std::uint64_t toMilliseconds(base::UnixTime time)
    {
        return static_cast<std::uint64_t>(time.time_since_epoch().count());
    }

    Result<base::UnixTime> readTime(codec::Reader& in)
    {
        TRY_ASSIGN(const std::uint64_t value, in.unsignedInt());
        return base::UnixTime{ std::chrono::milliseconds{ static_cast<std::int64_t>(value) } };
    }

    Result<std::chrono::milliseconds> readDuration(codec::Reader& in)
    {
        TRY_ASSIGN(const std::uint64_t value, in.unsignedInt());
        return std::chrono::milliseconds{ static_cast<std::int64_t>(value) };
    }

    Result<std::uint32_t> readCount(codec::Reader& in)
    {
        TRY_ASSIGN(const std::uint64_t value, in.unsignedInt());
        return static_cast<std::uint32_t>(value);
    }

    Result<Amount> readAmount(codec::Reader& in)
    {
        TRY_ASSIGN(const std::int64_t micro, in.signedInt());
        return Amount::fromMicro(micro);
    }

} // namespace

Amount Account::vestingTotal() const
{
    Amount sum;
    for (const VestingPart& part : vesting) {
        // All money there is fits into 64 bits (Totals), so no part of it can overflow.
        const std::optional<Amount> next = sum.add(part.amount);
        ASSERT(next.has_value());
        sum = *next;
    }
    return sum;
}

base::Bytes Account::encode() const
{
    codec::Writer out;
    out.array(4).signedInt(balance.micro()).signedInt(bonded.micro()).unsignedInt(nextSequence);
    out.array(vesting.size());
    for (const VestingPart& part : vesting) {
        out.array(3).bytes(part.run.view()).unsignedInt(part.dueRound);
        out.signedInt(part.amount.micro());
    }
    return out.take();
}

Result<Account> Account::decode(base::ByteView bytes)
{
    codec::Reader in{ bytes };
    Account out;
    TRY(in.array(4));
    TRY_ASSIGN(out.balance, readAmount(in));
    TRY_ASSIGN(out.bonded, readAmount(in));
    TRY_ASSIGN(out.nextSequence, in.unsignedInt());
    TRY_ASSIGN(const std::size_t count, in.array());
    for (std::size_t i = 0; i < count; ++i) {
        VestingPart part;
        TRY(in.array(3));
        TRY_ASSIGN(part.run, in.fixed<base::Hash256>());
        TRY_ASSIGN(part.dueRound, in.unsignedInt());
        TRY_ASSIGN(part.amount, readAmount(in));
        out.vesting.push_back(part);
    }
    TRY(in.finish());
    return out;
}

base::Bytes NodeRecord::encode() const
{
    codec::Writer out;
    out.array(3).text(name).unsignedInt(registeredAt).array(runs.size());
    for (const RunId& run : runs) {
        out.bytes(run.view());
    }
    return out.take();
}

Result<NodeRecord> NodeRecord::decode(base::ByteView bytes)
{
    codec::Reader in{ bytes };
    NodeRecord out;
    TRY(in.array(3));
    TRY_ASSIGN(const std::string_view name, in.text());
    out.name = std::string{ name };
    TRY_ASSIGN(out.registeredAt, in.unsignedInt());
    TRY_ASSIGN(const std::size_t count, in.array());
    for (std::size_t i = 0; i < count; ++i) {
        TRY_ASSIGN(const auto run, in.fixed<base::Hash256>());
        out.runs.push_back(run);
    }
    TRY(in.finish());
    return out;
}

base::Bytes SlashRecord::encode() const
{
    codec::Writer out;
    out.array(4).unsignedInt(height).unsignedInt(offenceHeight);
    out.signedInt(bond.micro()).signedInt(vesting.micro());
    return out.take();
}

Result<SlashRecord> SlashRecord::decode(base::ByteView bytes)
{
    codec::Reader in{ bytes };
    SlashRecord out;
    TRY(in.array(4));
    TRY_ASSIGN(out.height, in.unsignedInt());
    TRY_ASSIGN(out.offenceHeight, in.unsignedInt());
    TRY_ASSIGN(out.bond, readAmount(in));
    TRY_ASSIGN(out.vesting, readAmount(in));
    TRY(in.finish());
    return out;
}

std::uint32_t Run::membersToStart() const
{
    // Only the first round waits for startMembers; later ones go on with whoever is left.
    return round == 0 ? std::max(terms.quorum, terms.startMembers) : terms.quorum;
}

base::Bytes Run::encode() const
{
    codec::Writer out;
    out.array(22).bytes(opener.view()).text(name);
    out.signedInt(terms.emissionPerRound.micro()).unsignedInt(terms.quorum);
    out.unsignedInt(terms.startMembers);
    out.unsignedInt(static_cast<std::uint64_t>(terms.window.count()));
    out.unsignedInt(static_cast<std::uint64_t>(terms.grace.count()));
    out.unsignedInt(terms.roundsTotal).unsignedInt(terms.maxMembers);
    out.bytes(terms.initialParams.view());
    out.unsignedInt(static_cast<std::uint64_t>(phase)).unsignedInt(round).bytes(beacon.view());
    out.unsignedInt(toMilliseconds(openedAt)).unsignedInt(members).unsignedInt(expected);
    out.unsignedInt(submitted).bytes(params.view()).bytes(checkpoint).unsignedInt(voidRounds);
    out.signedInt(minted.micro()).signedInt(lastLoss);
    return out.take();
}

Result<Run> Run::decode(const RunId& id, base::ByteView bytes)
{
    codec::Reader in{ bytes };
    Run out;
    out.id = id;
    TRY(in.array(22));
    TRY_ASSIGN(out.opener, in.fixed<base::PublicKey>());
    TRY_ASSIGN(const std::string_view name, in.text());
    out.name = std::string{ name };
    TRY_ASSIGN(out.terms.emissionPerRound, readAmount(in));
    TRY_ASSIGN(out.terms.quorum, readCount(in));
    TRY_ASSIGN(out.terms.startMembers, readCount(in));
    TRY_ASSIGN(out.terms.window, readDuration(in));
    TRY_ASSIGN(out.terms.grace, readDuration(in));
    TRY_ASSIGN(out.terms.roundsTotal, in.unsignedInt());
    TRY_ASSIGN(out.terms.maxMembers, readCount(in));
    TRY_ASSIGN(out.terms.initialParams, in.fixed<base::Hash256>());
    TRY_ASSIGN(const std::uint64_t phase, in.unsignedInt());
    out.phase = static_cast<RunPhase>(phase);
    TRY_ASSIGN(out.round, in.unsignedInt());
    TRY_ASSIGN(out.beacon, in.fixed<base::Hash256>());
    TRY_ASSIGN(out.openedAt, readTime(in));
    TRY_ASSIGN(out.members, readCount(in));
    TRY_ASSIGN(out.expected, readCount(in));
    TRY_ASSIGN(out.submitted, readCount(in));
    TRY_ASSIGN(out.params, in.fixed<base::Hash256>());
    TRY_ASSIGN(const base::ByteView checkpoint, in.bytes());
    out.checkpoint = base::toBytes(checkpoint);
    TRY_ASSIGN(out.voidRounds, in.unsignedInt());
    TRY_ASSIGN(out.minted, readAmount(in));
    TRY_ASSIGN(out.lastLoss, in.signedInt());
    TRY(in.finish());
    return out;
}

base::Bytes Member::encode() const
{
    codec::Writer out;
    out.array(4).unsignedInt(static_cast<std::uint64_t>(status)).unsignedInt(firstRound);
    out.unsignedInt(leftRound);
    if (!last) {
        out.array(0);
        return out.take();
    }
    out.array(4).unsignedInt(last->round).bytes(last->commitment.view());
    out.unsignedInt(last->bytes).unsignedInt(last->tokens);
    return out.take();
}

Result<Member> Member::decode(const base::PublicKey& node, base::ByteView bytes)
{
    codec::Reader in{ bytes };
    Member out;
    out.node = node;
    TRY(in.array(4));
    TRY_ASSIGN(const std::uint64_t status, in.unsignedInt());
    out.status = static_cast<Membership>(status);
    TRY_ASSIGN(out.firstRound, in.unsignedInt());
    TRY_ASSIGN(out.leftRound, in.unsignedInt());
    TRY_ASSIGN(const std::size_t fields, in.array());
    if (fields == 4) {
        Submission last;
        TRY_ASSIGN(last.round, in.unsignedInt());
        TRY_ASSIGN(last.commitment, in.fixed<base::Hash256>());
        TRY_ASSIGN(last.bytes, in.unsignedInt());
        TRY_ASSIGN(last.tokens, in.unsignedInt());
        out.last = last;
    }
    TRY(in.finish());
    return out;
}

base::Bytes Totals::encode() const
{
    codec::Writer out;
    out.array(3).signedInt(initial.micro()).signedInt(minted.micro()).signedInt(burned.micro());
    return out.take();
}

Result<Totals> Totals::decode(base::ByteView bytes)
{
    codec::Reader in{ bytes };
    Totals out;
    TRY(in.array(3));
    TRY_ASSIGN(out.initial, readAmount(in));
    TRY_ASSIGN(out.minted, readAmount(in));
    TRY_ASSIGN(out.burned, readAmount(in));
    TRY(in.finish());
    return out;
}

} // namespace loam::ledger
