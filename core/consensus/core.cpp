// SPDX-License-Identifier: GPL-3.0-or-later
#include "consensus/core.h"

#include <algorithm>

namespace loam::consensus {

using base::Errc;
using base::fail;
using std::chrono::milliseconds;

namespace {

    /// Own votes repeated by one retransmission at most.
    constexpr std::size_t kRepeatedVotes = 16;
    /// Up to this many validators certificates go to everyone, above it along a sparse graph.
    constexpr std::size_t kSmallSet = 16;
    /// The timer's growth stops at this multiple of its first value.
    constexpr int kMaxGrowth = 8;

} // namespace

Simplex::Core::Core(Config config, std::optional<ValidatorIndex> self)
    : m_config{ std::move(config) }
    , m_book{ m_config.validators, m_config.network, m_config.verify }
    , m_self{ self }
{
}

base::Result<> Simplex::Core::recover(const Recovered& recovered)
{
    m_finalHeight = recovered.finalizedHeight;
    m_finalHash = recovered.finalizedBlock;
    m_finalBy = recovered.finalizedBy;
    m_height = m_finalHeight + 1;
    std::vector<Evidence> evidence;
    for (const Vote& vote : recovered.votes) {
        if (vote.height <= m_finalHeight) {
            continue;
        }
        if (!m_self || vote.voter != *m_self || !m_book.add(round(vote.height), vote, evidence)) {
            return fail(Errc::Corrupt,
                "a stored vote of height " + std::to_string(vote.height) + " is not ours");
        }
    }
    for (const Certificate& certificate : recovered.certificates) {
        if (certificate.height <= m_finalHeight) {
            continue;
        }
        if (!m_book.add(round(certificate.height), certificate, evidence)) {
            return fail(Errc::Corrupt,
                "the stored certificate of height " + std::to_string(certificate.height)
                    + " is wrong");
        }
        m_height = std::max(m_height, certificate.height + 1);
    }
    if (!evidence.empty()) {
        return fail(Errc::Corrupt, "stored votes contradict each other");
    }
    // Bodies are stored only when they were certified, perhaps by a block on top of them.
    for (const Block& block : recovered.blocks) {
        if (block.height > m_finalHeight) {
            HashedBlock held = HashedBlock::of(block);
            m_blocks.emplace(held.hash, std::move(held.block));
        }
    }
    rebuildMissing();
    return {};
}

void Simplex::Core::start()
{
    enter(m_height);
    sendStatus(nullptr);
    if (m_self) {
        retransmit();
    }
    advance();
}

void Simplex::Core::received(const base::PublicKey& sender, base::ByteView message)
{
    const base::Result<Message> decoded = decodeMessage(message);
    if (!decoded) {
        fault(sender, decoded.error());
        return;
    }
    const Overloaded take{
        [&](const Vote& vote) { takeVote(sender, vote); },
        [&](const Certificate& certificate) { takeCertificate(sender, certificate, Forward::Yes); },
        [&](const Proposal& proposal) { takeProposal(sender, proposal); },
        [&](const Fetch& fetch) { takeFetch(sender, fetch); },
        [&](const Answer& answer) { takeAnswer(sender, answer); },
        [&](const Status& status) { takeStatus(sender, status); },
        [&](const WakeHint& hint) { takeHint(sender, hint); },
    };
    std::visit(take, *decoded);
    advance();
}

void Simplex::Core::fault(const base::PublicKey& peer, base::Error error)
{
    act(PeerFault{ peer, std::move(error) });
}

// ---- From height to height

void Simplex::Core::advance()
{
    // Each step may enable another: our own vote may complete a certificate, a certificate end
    // the height, a new height call for a proposal that is here already.
    while (tryFinalize() || tryLeave() || castFinalizeVotes()) { }
    considerProposal();
    considerProposing();
    if (tryFinalize() || tryLeave()) {
        advance();
        return;
    }
    if (!m_awake && m_timer && !isUnsettled()) {
        stopTimer();
    }
    sync();
}

bool Simplex::Core::tryFinalize()
{
    for (auto it = m_rounds.rbegin(); it != m_rounds.rend(); ++it) {
        if (!it->second.finalized) {
            continue;
        }
        const Certificate certificate = *it->second.finalized;
        std::optional<std::vector<BlockPtr>> chain = chainTo(certificate.block);
        if (!chain || chain->empty()) {
            continue;
        }
        m_finalHeight = certificate.height;
        m_finalHash = certificate.block;
        m_finalBy = certificate;
        m_timeouts = 0;
        act(Finalized{ *std::move(chain), m_finalHash, certificate });
        prune();
        return true;
    }
    return false;
}

void Simplex::Core::prune()
{
    if (m_height <= m_finalHeight) {
        enter(m_finalHeight + 1);
    }
    m_rounds.erase(m_rounds.begin(), m_rounds.upper_bound(m_finalHeight));
    std::erase_if(
        m_blocks, [this](const auto& held) { return held.second->height <= m_finalHeight; });
    rebuildMissing();
}

bool Simplex::Core::tryLeave()
{
    // A certificate of any height shows that a notarised chain leads there, so nothing is gained
    // by passing through the heights below.
    for (auto it = m_rounds.rbegin(); it != m_rounds.rend() && it->first >= m_height; ++it) {
        const Round& decided = it->second;
        if (!decided.isDecided()) {
            continue;
        }
        if (ownVote(m_height, VoteKind::Nullify) != nullptr) {
            ++m_timeouts;
        }
        const bool isBlock = decided.notarized || decided.finalized;
        const bool votedBlock = ownVote(m_height, VoteKind::Notarize) != nullptr;
        if (!isBlock) {
            m_wanted = m_wanted || m_awake;
        } else if (!votedBlock) {
            // The application asks again after Finalized if this block did not hold everything.
            m_wanted = false;
        }
        enter(it->first + 1);
        return true;
    }
    return false;
}

void Simplex::Core::enter(Height height)
{
    m_height = height;
    m_awake = false;
    m_firings = 0;
    stopTimer();
    const Round* known = findRound(height);
    if (m_wanted) {
        awaken();
        hintLeader();
    } else if (known != nullptr && known->hasActivity()) {
        awaken();
    } else if (m_self && isUnsettled()) {
        startTimer(timeout());
    }
}

void Simplex::Core::awaken()
{
    if (m_awake || !m_self) {
        return;
    }
    m_awake = true;
    m_firings = 0;
    startTimer(timeout());
}

void Simplex::Core::hintLeader()
{
    const ValidatorIndex leader = m_config.validators.leader(m_height);
    if (m_self && leader != *m_self) {
        act(SendTo{ m_config.validators.members[leader],
            encodeMessage(WakeHint{ m_config.validators.epoch, m_height }) });
    }
}

void Simplex::Core::wake()
{
    m_wanted = true;
    if (m_self && !m_awake) {
        awaken();
        hintLeader();
    }
    advance();
}

bool Simplex::Core::isUnsettled() const
{
    return std::any_of(m_rounds.begin(), m_rounds.end(),
        [](const auto& entry) { return entry.second.notarized || entry.second.finalized; });
}

// ---- Timers

milliseconds Simplex::Core::timeout() const
{
    const milliseconds first = 3 * m_config.delta;
    milliseconds out = first;
    for (unsigned i = 0; i < m_timeouts && out < kMaxGrowth * first; ++i) {
        out = out * 3 / 2;
    }
    return std::min(out, kMaxGrowth * first);
}

void Simplex::Core::startTimer(milliseconds duration)
{
    stopTimer();
    m_timer = m_nextToken++;
    act(SetTimer{ m_height, duration, *m_timer });
}

void Simplex::Core::stopTimer()
{
    if (m_timer) {
        act(CancelTimer{ *m_timer });
        m_timer.reset();
    }
}

void Simplex::Core::timerFired(TimerToken token)
{
    if (m_syncTimer == token) {
        syncTimerFired();
        return;
    }
    if (m_timer != token || !m_self) {
        return;
    }
    m_timer.reset();
    ++m_firings;
    if (!m_awake) {
        // A block waits to become final. Votes may be lost: repeat them. If that does not help,
        // too few may vote for it any more: a block on top makes it final.
        if (m_firings > 1) {
            awaken();
            hintLeader();
        } else {
            startTimer(timeout());
        }
        retransmit();
        sendStatus(nullptr);
        advance();
        return;
    }
    startTimer(timeout());
    if (m_firings > 1) {
        retransmit();
    }
    if (ownVote(m_height, VoteKind::Nullify) == nullptr) {
        const Vote vote = castVote(VoteKind::Nullify, m_height, {});
        act(Broadcast{ encodeMessage(vote) });
    }
    sendStatus(nullptr);
    advance();
}

void Simplex::Core::sendStatus(const base::PublicKey* peer)
{
    const Status status{ m_config.validators.epoch, m_finalHeight, m_height,
        peer != nullptr ? 0 : m_attempt++ };
    if (peer != nullptr) {
        act(SendTo{ *peer, encodeMessage(status) });
    } else {
        act(Broadcast{ encodeMessage(status) });
    }
}

void Simplex::Core::connected(const base::PublicKey& peer)
{
    sendStatus(&peer);
}

void Simplex::Core::retransmit()
{
    const Round* current = findRound(m_height);
    if (const Vote* vote = ownVote(m_height, VoteKind::Notarize)) {
        const bool isOwnBlock
            = isLeader() && current->proposal && current->proposal->hash == vote->block;
        act(Broadcast{
            isOwnBlock ? encodeMessage(proposalMessage(m_height)) : encodeMessage(*vote) });
    }
    if (const Vote* vote = ownVote(m_height, VoteKind::Nullify)) {
        act(Broadcast{ encodeMessage(*vote) });
    }
    std::size_t repeated = 0;
    for (auto it = m_rounds.rbegin(); it != m_rounds.rend() && repeated < kRepeatedVotes; ++it) {
        if (const Vote* vote = ownVote(it->first, VoteKind::Finalize)) {
            act(Broadcast{ encodeMessage(*vote) });
            ++repeated;
        }
    }
    // In a large set whoever is behind says so by Status and is answered.
    if (m_config.validators.members.size() > kSmallSet) {
        return;
    }
    if (const Round* last = findRound(m_height - 1)) {
        for (const VoteKind kind : { VoteKind::Notarize, VoteKind::Nullify, VoteKind::Finalize }) {
            if (const std::optional<Certificate>& held = last->certificate(kind)) {
                act(Broadcast{ encodeMessage(*held) });
            }
        }
    } else if (m_finalBy) {
        act(Broadcast{ encodeMessage(*m_finalBy) });
    }
}

void Simplex::Core::forwardCertificate(const Certificate& certificate)
{
    if (!m_self) {
        return;
    }
    const base::Bytes message = encodeMessage(certificate);
    const std::vector<base::PublicKey>& members = m_config.validators.members;
    if (members.size() <= kSmallSet) {
        act(Broadcast{ message });
        return;
    }
    // Everyone sees the votes anyway; steps of 1, 2, 4, ... reach all in log2(n) hops where a
    // liar sent his vote to a few only, and Status mends what is left.
    for (std::size_t step = 1; step < members.size(); step *= 2) {
        act(SendTo{ members[(*m_self + step) % members.size()], message });
    }
}

// ---- Chains

bool Simplex::Core::isCertified(const base::Hash256& hash) const
{
    return hash == m_finalHash || m_blocks.count(hash) != 0;
}

std::optional<std::vector<BlockPtr>> Simplex::Core::chainTo(const base::Hash256& tip) const
{
    std::vector<BlockPtr> chain;
    base::Hash256 at = tip;
    while (at != m_finalHash) {
        const auto held = m_blocks.find(at);
        // Heights fall along a chain, so that it ends; a rise means a chain of liars.
        if (held == m_blocks.end()
            || (!chain.empty() && held->second->height >= chain.back()->height)) {
            return std::nullopt;
        }
        chain.push_back(held->second);
        at = held->second->parent;
    }
    std::reverse(chain.begin(), chain.end());
    return chain;
}

bool Simplex::Core::areDummies(Height after, Height before) const
{
    for (Height height = before; height-- > after + 1;) {
        const Round* known = findRound(height);
        if (known == nullptr || !known->nullified) {
            return false;
        }
    }
    return true;
}

std::optional<std::pair<Height, base::Hash256>> Simplex::Core::bestParent() const
{
    for (Height height = m_height - 1; height > m_finalHeight; --height) {
        const Round* known = findRound(height);
        for (const auto& [hash, block] : m_blocks) {
            if (block->height == height && chainTo(hash)) {
                return std::pair{ height, hash };
            }
        }
        if (known == nullptr || !known->nullified) {
            return std::nullopt;
        }
    }
    return std::pair{ m_finalHeight, m_finalHash };
}

std::size_t Simplex::Core::itemsHeld() const
{
    std::size_t count = m_blocks.size() + m_missing.size() + m_candidates.size() + m_reads.size();
    for (const auto& [height, known] : m_rounds) {
        count += known.itemsHeld();
    }
    return count;
}

} // namespace loam::consensus
