// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/hash.h"
#include "ledger/transition.h"

#include <algorithm>
#include <array>

namespace loam::ledger {

using base::Amount;
using base::PublicKey;

namespace {

    constexpr std::chrono::hours kMaxWindow{ 7 * 24 };
    constexpr std::size_t kMaxRunsPerNode = 64;

    template <class Value> void insertSorted(std::vector<Value>& values, const Value& value)
    {
        values.insert(std::lower_bound(values.begin(), values.end(), value), value);
    }

    template <class Value> void eraseSorted(std::vector<Value>& values, const Value& value)
    {
        const auto found = std::lower_bound(values.begin(), values.end(), value);
        if (found != values.end() && *found == value) {
            values.erase(found);
        }
    }

} // namespace

Outcome<Run> Transition::findRun(const RunId& id) const
{
    std::optional<Run> run = m_state.run(id);
    if (!run) {
        return refuse(Reason::UnknownRun, "there is no run " + base::toHex(id.view()));
    }
    if (run->phase == RunPhase::Finished) {
        return refuse(Reason::RunFinished, "all rounds of the run are closed");
    }
    return std::move(*run);
}

Outcome<Run> Transition::findOpenRound(const RunId& id, std::uint64_t round) const
{
    TRY_ASSIGN(Run run, findRun(id));
    if (run.phase != RunPhase::Open) {
        return refuse(Reason::RoundNotOpen, "the run waits for members");
    }
    if (run.round != round) {
        return refuse(Reason::WrongRound, "the open round is " + std::to_string(run.round));
    }
    return run;
}

Outcome<> Transition::operator()(const RegisterNode& body)
{
    if (m_state.node(m_sender)) {
        return refuse(Reason::AlreadyRegistered, "the node is registered");
    }
    m_state.put(
        m_sender, NodeRecord{ .name = body.name, .registeredAt = m_context.height, .runs = {} });
    note(AuditKind::NodeRegistered, m_sender).reason = body.name;
    return {};
}

Outcome<> Transition::checkTerms(const RunTerms& terms) const
{
    const std::chrono::milliseconds none{ 0 };
    if (terms.quorum < 1 || terms.maxMembers < 1 || terms.maxMembers > kMaxRunMembers
        || terms.quorum > terms.maxMembers || terms.startMembers > terms.maxMembers) {
        return refuse(Reason::TermsInvalid,
            "needed: 1 <= quorum, start members <= maximum of members <= 1,000");
    }
    if (terms.window <= none || terms.window > kMaxWindow || terms.grace < none
        || terms.grace > kMaxWindow) {
        return refuse(Reason::TermsInvalid, "window and grace must be above zero, up to 7 days");
    }
    if (terms.emissionPerRound < Amount{}) {
        return refuse(Reason::TermsInvalid, "the emission is negative");
    }
    if (terms.emissionPerRound > Amount{} && !isValidator(m_sender)) {
        return refuse(Reason::EmissionNotAllowed, "only validators open runs that mint");
    }
    if (terms.emissionPerRound > m_context.genesis.maxEmissionPerRound) {
        return refuse(Reason::EmissionNotAllowed,
            "a round mints at most " + m_context.genesis.maxEmissionPerRound.toString() + " LOAM");
    }
    return {};
}

Outcome<> Transition::operator()(const OpenRun& body)
{
    TRY(checkTerms(body.terms));
    Run run;
    run.id = m_transaction.value_or(RunId{});
    run.opener = m_sender;
    run.name = body.name;
    run.terms = body.terms;
    run.params = body.terms.initialParams;
    m_state.put(run);
    m_state.putManifest(run.id, body.manifest);
    AuditEntry& entry = note(AuditKind::RunOpened, m_sender);
    entry.run = run.id;
    entry.hash = run.params;
    entry.reason = body.name;
    const RunTerms& terms = body.terms;
    entry.details.emplace_back("emission", terms.emissionPerRound.toString());
    entry.details.emplace_back("quorum", std::to_string(terms.quorum));
    entry.details.emplace_back("window_ms", std::to_string(terms.window.count()));
    entry.details.emplace_back("grace_ms", std::to_string(terms.grace.count()));
    entry.details.emplace_back("rounds", std::to_string(terms.roundsTotal));
    entry.details.emplace_back(
        "manifest_sha256", base::toHex(crypto::sha256(body.manifest).view()));
    return {};
}

Outcome<> Transition::operator()(const JoinRun& body)
{
    std::optional<NodeRecord> node = m_state.node(m_sender);
    if (!node) {
        return refuse(Reason::NotRegistered, "register the node before it joins a run");
    }
    TRY_ASSIGN(Run run, findRun(body.run));
    const std::optional<Member> before = m_state.member(run.id, m_sender);
    if (before && before->status != Membership::Left) {
        return refuse(Reason::AlreadyMember, "the node is a member of the run");
    }
    if (before && run.round <= before->leftRound) {
        return refuse(Reason::RejoinTooSoon,
            "the node left in round " + std::to_string(before->leftRound)
                + " and may return in a later one");
    }
    if (run.members >= run.terms.maxMembers) {
        return refuse(Reason::RunFull, "the run has all the members it takes");
    }
    if (node->runs.size() >= kMaxRunsPerNode) {
        return refuse(Reason::RunFull, "a node is a member of at most 64 runs");
    }
    Member member;
    member.node = m_sender;
    member.firstRound = run.phase == RunPhase::Open ? run.round + 1 : run.round;
    m_state.put(run.id, member);
    insertSorted(node->runs, run.id);
    m_state.put(m_sender, *node);
    std::vector<PublicKey> members = m_state.members(run.id);
    insertSorted(members, m_sender);
    m_state.putMembers(run.id, members);
    ++run.members;
    AuditEntry& entry = note(AuditKind::RunJoined, m_sender);
    entry.run = run.id;
    entry.round = member.firstRound;
    if (run.phase == RunPhase::Waiting && run.members >= run.membersToStart()) {
        openRound(run);
    }
    m_state.put(run);
    return {};
}

void Transition::openRound(Run& run)
{
    std::array<std::byte, 8> number{};
    for (std::size_t i = 0; i < number.size(); ++i) {
        number[i] = static_cast<std::byte>((run.round >> (8U * (number.size() - 1 - i))) & 0xFFU);
    }
    run.phase = RunPhase::Open;
    run.beacon = crypto::Sha256{}
                     .update(m_context.parent.view())
                     .update(run.id.view())
                     .update(number)
                     .finish();
    run.openedAt = m_context.time;
    run.expected = run.members;
    run.submitted = 0;
    AuditEntry& entry = note(AuditKind::RoundOpened, PublicKey{});
    entry.run = run.id;
    entry.round = run.round;
    entry.hash = run.beacon;
    entry.details.emplace_back("members", std::to_string(run.expected));
    entry.details.emplace_back(
        "deadline_ms", std::to_string(run.deadline().time_since_epoch().count()));
}

void Transition::forgetRun(const PublicKey& key, const RunId& run)
{
    if (std::optional<NodeRecord> node = m_state.node(key)) {
        eraseSorted(node->runs, run);
        m_state.put(key, *node);
    }
}

void Transition::removeMember(Run& run, Member& member, Membership status)
{
    member.status = status;
    m_state.put(run.id, member);
    std::vector<PublicKey> members = m_state.members(run.id);
    eraseSorted(members, member.node);
    m_state.putMembers(run.id, members);
    --run.members;
    forgetRun(member.node, run.id);
}

Outcome<> Transition::operator()(const LeaveRun& body)
{
    TRY_ASSIGN(Run run, findRun(body.run));
    std::optional<Member> member = m_state.member(run.id, m_sender);
    if (!member || member->status != Membership::Active) {
        return refuse(Reason::NotMember, "the node is not a member of the run");
    }
    member->leftRound = run.round;
    const bool isInRound = run.phase == RunPhase::Open && member->firstRound <= run.round;
    if (isInRound && member->hasSubmitted(run.round)) {
        member->status = Membership::Leaving;
        m_state.put(run.id, *member);
    } else {
        run.expected -= isInRound ? 1U : 0U;
        removeMember(run, *member, Membership::Left);
        m_state.put(run);
    }
    AuditEntry& entry = note(AuditKind::RunLeft, m_sender);
    entry.run = run.id;
    entry.round = run.round;
    return {};
}

Outcome<> Transition::operator()(const SubmitUpdate& body)
{
    TRY_ASSIGN(Run run, findOpenRound(body.run, body.round));
    std::optional<Member> member = m_state.member(run.id, m_sender);
    if (!member || member->status == Membership::Left || member->status == Membership::Excluded) {
        return refuse(Reason::NotMember, "the node is not a member of the run");
    }
    if (member->firstRound > run.round) {
        return refuse(Reason::NotInRound,
            "the node takes part from round " + std::to_string(member->firstRound));
    }
    if (member->hasSubmitted(run.round)) {
        return refuse(Reason::AlreadySubmitted, "the node submitted its update of this round");
    }
    if (m_context.time > run.deadline()) {
        return refuse(Reason::TooLate, "window and grace of the round are over");
    }
    member->last = Submission{ .round = run.round,
        .commitment = body.commitment,
        .bytes = body.bytes,
        .tokens = body.tokens };
    m_state.put(run.id, *member);
    ++run.submitted;
    m_state.put(run);
    AuditEntry& entry = note(AuditKind::UpdateSubmitted, m_sender);
    entry.run = run.id;
    entry.round = run.round;
    entry.hash = body.commitment;
    entry.details.emplace_back("bytes", std::to_string(body.bytes));
    entry.details.emplace_back("tokens", std::to_string(body.tokens));
    return {};
}

void Transition::exclude(const PublicKey& node, const RunId& id)
{
    std::optional<Run> run = m_state.run(id);
    std::optional<Member> member = m_state.member(id, node);
    if (!run || !member) {
        return;
    }
    member->leftRound = run->round;
    const bool isInRound = run->phase == RunPhase::Open && member->firstRound <= run->round;
    if (isInRound && member->hasSubmitted(run->round)) {
        // Stays until the round closes, where its update must be named and refused.
        member->status = Membership::Excluded;
        m_state.put(id, *member);
        return;
    }
    run->expected -= isInRound ? 1U : 0U;
    removeMember(*run, *member, Membership::Excluded);
    m_state.put(*run);
}

} // namespace loam::ledger
