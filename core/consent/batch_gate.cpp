// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/batch_gate.h"

#include "base/utf8.h"
#include "crypto/hash.h"

#include <algorithm>
#include <iterator>

namespace loam::consent {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    /// A file larger than a round gets a part of one only if that is a quarter of it at least.
    constexpr std::uint64_t kLeastPart = 4;

    /// One of the parts of a text that is larger than a round: at most `tokens` of it, cut at a
    /// line's end where there is one. `number` counts through them over and over.
    std::string partOf(std::string_view text, std::uint64_t tokens, std::uint64_t number)
    {
        std::vector<std::string_view> parts;
        while (!text.empty()) {
            std::size_t end = text.size();
            if (estimateTokens(text) > tokens) {
                end = base::wholeCharacters(text, static_cast<std::size_t>(tokens) * 4);
                const std::size_t line = text.rfind('\n', end - 1);
                end = line == std::string_view::npos ? end : line + 1;
            }
            parts.push_back(text.substr(0, end));
            text.remove_prefix(end);
        }
        return std::string{ parts[number % parts.size()] };
    }

} // namespace

Result<BatchGate::Permit> BatchGate::decide(const GrantId& id, const RunTerms& run)
{
    const GrantRecord* record = m_records.find(id);
    if (record == nullptr) {
        return fail(Errc::Denied, "there is no such grant");
    }
    // What counts is what was signed, not what a table says.
    TRY_ASSIGN(Grant grant, openGrant(record->envelope, m_records.owner()));
    TRY_ASSIGN(const EffectiveTerms terms, strictest(m_records.terms(), grant, run));
    Permit permit{ std::move(grant), terms };
    TRY(check(permit));
    return permit;
}

Result<BatchGate::Permit> BatchGate::admit(const GrantId& id, const RunTerms& run)
{
    Result<Permit> permit = decide(id, run);
    if (!permit) {
        UseEntry entry;
        entry.time = m_records.clock().now();
        entry.kind = UseKind::Refused;
        entry.grant = id;
        entry.run = run.run;
        entry.note = permit.error().message;
        TRY(m_records.log({ entry }));
    }
    return permit;
}

Result<> BatchGate::check(const Permit& permit)
{
    const GrantRecord* record = m_records.find(permit.m_grant.id);
    if (record == nullptr || record->revoked) {
        return fail(Errc::Denied, "the grant was revoked");
    }
    if (record->grant.version != permit.m_grant.version) {
        return fail(Errc::Denied, "the grant was changed; ask for admission again");
    }
    const base::UnixTime now = m_records.clock().now();
    if (now >= permit.m_grant.until || now + std::chrono::hours{ 24 } < permit.m_grant.issued) {
        return fail(Errc::Denied, "the grant has ended");
    }
    const OwnerTerms terms = m_records.terms();
    if (permit.m_terms.purpose == Purpose::PrivateLane ? !terms.privateLane : !terms.adapters) {
        return fail(Errc::Denied, "you have switched this kind of use off");
    }
    TRY_ASSIGN(const std::vector<Source> sources, m_records.sources());
    for (const SourceId id : permit.m_grant.sources) {
        if (std::ranges::find(sources, id, &Source::id) == sources.end()) {
            return fail(Errc::Denied, "a source of the grant was removed");
        }
    }
    return {};
}

Result<> BatchGate::charge(Permit& permit, std::uint64_t round, MicroRho cost)
{
    permit.m_openRound.reset();
    TRY(check(permit));
    if (permit.m_terms.purpose == Purpose::PrivateLane) {
        if (cost <= MicroRho{}) {
            return fail(Errc::Denied, "a round of the private lane cannot be free of privacy cost");
        }
        // The owner may have lowered his cap since admission.
        EffectiveTerms terms = permit.m_terms;
        terms.sourceCap = std::min(terms.sourceCap,
            capFor(static_cast<double>(m_records.terms().sourceEpsilonMilli) / 1e3,
                static_cast<double>(terms.deltaPerBillion) / 1e9));
        TRY(m_records.charge(permit.m_grant, round, cost, terms));
    }
    permit.m_openRound = round;
    permit.m_tokensOfRound = 0;
    return {};
}

Result<std::optional<std::string>> BatchGate::reasonAgainst(
    const Permit& permit, const OfferedFile& file)
{
    using Reason = std::optional<std::string>;
    const auto& granted = permit.m_grant.sources;
    if (std::ranges::find(granted, file.source) == granted.end()) {
        return Reason{ "its source is not part of the grant" };
    }
    if (m_records.isStruck(file.source, file.path)) {
        return Reason{ "you struck it" };
    }
    TRY_ASSIGN(const std::optional<FileSeen> seen, m_records.seen(file.source, file.path));
    if (!seen) {
        return Reason{ "you have not seen it yet" };
    }
    if (seen->contents != file.contents) {
        return Reason{ "it changed since you saw it" };
    }
    // The text in hand is hashed here: nothing that was computed elsewhere is believed.
    const base::Hash256 hash = crypto::sha256(base::asBytes(file.used));
    if (hash != file.usedHash || hash != seen->used) {
        return Reason{ "what would be used of it changed since you saw it" };
    }
    if (permit.m_terms.onlyGoodText && file.quality.verdict != Verdict::Good) {
        return Reason{ file.quality.reason.empty() ? std::string{ "it was judged poor" }
                                                   : file.quality.reason };
    }
    return Reason{};
}

Result<BatchGate::Sifted> BatchGate::sift(
    const Permit& permit, std::uint64_t round, std::vector<OfferedFile> files)
{
    const std::uint64_t before = permit.m_openRound == round ? permit.m_tokensOfRound : 0;
    Sifted out;
    for (OfferedFile& file : files) {
        TRY_ASSIGN(std::optional<std::string> reason, reasonAgainst(permit, file));
        const std::uint64_t most = permit.m_terms.tokensPerRound;
        const std::uint64_t left = most - std::min(most, before + out.batch.tokens);
        if (!reason && estimateTokens(file.used) > most && left >= most / kLeastPart) {
            // Adapters read from the beginning; rounds go through the whole file in turn.
            const bool isShared = permit.m_grant.purpose == Purpose::PrivateLane;
            file.used = partOf(file.used, left, isShared ? round : 0);
        }
        const std::uint64_t tokens = estimateTokens(file.used);
        if (!reason && tokens > left) {
            reason = "the round has its tokens already";
        }
        UseEntry entry;
        entry.time = m_records.clock().now();
        entry.grant = permit.m_grant.id;
        entry.run = permit.m_grant.run;
        entry.round = round;
        entry.source = file.source;
        entry.path = file.path;
        entry.contents = file.contents;
        if (reason) {
            entry.kind = UseKind::Refused;
            entry.note = *reason;
            out.refused.push_back(std::move(entry));
            out.batch.refused.push_back({ file.source, file.path, std::move(*reason) });
            continue;
        }
        entry.kind = UseKind::Used;
        entry.tokens = tokens;
        out.used.push_back(std::move(entry));
        out.batch.tokens += tokens;
        out.batch.texts.push_back(std::move(file.used));
        out.batch.contents.push_back(file.contents);
    }
    return out;
}

Result<ReleasedBatch> BatchGate::release(
    Permit& permit, std::uint64_t round, std::vector<OfferedFile> files)
{
    TRY(check(permit));
    if (permit.m_openRound != round) {
        return fail(Errc::Denied, "the round was not charged; nothing is released before");
    }
    TRY_ASSIGN(Sifted sifted, sift(permit, round, std::move(files)));
    std::ranges::move(sifted.refused, std::back_inserter(sifted.used));
    TRY(m_records.log(std::move(sifted.used)));
    permit.m_tokensOfRound += sifted.batch.tokens;
    return std::move(sifted.batch);
}

Result<ReleasedBatch> BatchGate::serve(
    Permit& permit, const Order& order, std::vector<OfferedFile> files)
{
    TRY(check(permit));
    permit.m_openRound.reset();
    TRY_ASSIGN(Sifted sifted, sift(permit, order.round, std::move(files)));
    if (sifted.batch.tokens < order.leastTokens) {
        std::string why = "what may be used of the granted sources now comes to "
            + std::to_string(sifted.batch.tokens) + " tokens, the round needs "
            + std::to_string(order.leastTokens);
        if (!sifted.refused.empty()) {
            why += "; \"" + sifted.refused.front().path + "\": " + sifted.refused.front().note;
        }
        TRY(m_records.log(std::move(sifted.refused)));
        return fail(Errc::Denied, std::move(why));
    }
    TRY(charge(permit, order.round, order.cost));
    std::ranges::move(sifted.refused, std::back_inserter(sifted.used));
    TRY(m_records.log(std::move(sifted.used)));
    permit.m_tokensOfRound = sifted.batch.tokens;
    return std::move(sifted.batch);
}

} // namespace loam::consent
