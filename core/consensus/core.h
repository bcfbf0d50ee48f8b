// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consensus/message.h"
#include "consensus/round.h"
#include "consensus/simplex.h"

#include <deque>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace loam::consensus {

/// Future heights whose votes are kept: bounds memory to 3 votes a validator and height.
inline constexpr Height kVoteWindow = 16;
/// Future heights whose proposals are kept; each may hold a payload of kMaxPayload.
inline constexpr Height kProposalWindow = 8;

/// The state machine behind Simplex. Three files: core.cpp moves from height to height, vote.cpp
/// takes votes, certificates and proposals, sync.cpp brings back whoever is behind.
class Simplex::Core
{
public:
    Core(Config config, std::optional<ValidatorIndex> self);
    base::Result<> recover(const Recovered& recovered);

    void start();
    void timerFired(TimerToken token);
    void received(const base::PublicKey& sender, base::ByteView message);
    void connected(const base::PublicKey& peer);
    void proposalReady(Height height, const base::Hash256& parent, base::Bytes payload);
    void validated(const base::Hash256& block, bool ok);
    void finalizedRead(const base::PublicKey& peer, std::span<const BlockPtr> blocks,
        const std::optional<Certificate>& certificate);
    void wake();

    Actions takeActions() { return std::exchange(m_actions, {}); }
    Height finalHeight() const { return m_finalHeight; }
    const base::Hash256& finalHash() const { return m_finalHash; }
    const std::optional<Certificate>& finalBy() const { return m_finalBy; }
    Height height() const { return m_height; }
    bool isAwake() const { return m_awake; }
    bool isValidator() const { return m_self.has_value(); }
    std::size_t itemsHeld() const;

private:
    /// The question under way to a peer, and what its answer has brought so far.
    struct Asked
    {
        base::PublicKey peer;
        std::uint64_t progress;
    };
    /// A peer that may know more than we do: it showed or claimed to be at this height.
    struct Candidate
    {
        base::PublicKey peer;
        Height height;
    };

    template <class T> void act(T action) { m_actions.emplace_back(std::move(action)); }
    void fault(const base::PublicKey& peer, base::Error error);

    // core.cpp: heights, timers, quiescence
    void advance();
    bool tryFinalize();
    bool tryLeave();
    void enter(Height height);
    void prune();
    void awaken();
    void hintLeader();
    bool isUnsettled() const;
    void startTimer(std::chrono::milliseconds duration);
    void stopTimer();
    std::chrono::milliseconds timeout() const;
    void retransmit();
    void sendStatus(const base::PublicKey* peer);

    // core.cpp: chains of certified blocks
    bool isCertified(const base::Hash256& hash) const;
    /// Not yet final blocks from the oldest to `tip`; nothing when one of them is missing.
    std::optional<std::vector<BlockPtr>> chainTo(const base::Hash256& tip) const;
    bool areDummies(Height after, Height before) const;
    /// The best parent for a block of the current height.
    std::optional<std::pair<Height, base::Hash256>> bestParent() const;

    // vote.cpp
    bool isLeader() const;
    Round& round(Height height) { return m_rounds[height]; }
    const Round* findRound(Height height) const;
    const Vote* ownVote(Height height, VoteKind kind) const;
    bool takeVote(const base::PublicKey& sender, const Vote& vote);
    enum class Forward { No, Yes };
    bool takeCertificate(
        const base::PublicKey& sender, const Certificate& certificate, Forward forward);
    void takeProposal(const base::PublicKey& sender, const Proposal& proposal);
    void heardOf(Height height, const base::PublicKey& sender);
    void afterVote(Height height, VoteKind kind, const base::Hash256& block);
    void filed(Certificate certificate, Forward forward);
    void forwardCertificate(const Certificate& certificate);
    void report(const std::vector<Evidence>& evidence);
    Vote castVote(VoteKind kind, Height height, const base::Hash256& block);
    bool castFinalizeVotes();
    void considerProposal();
    void considerProposing();
    Proposal proposalMessage(Height height) const;

    // sync.cpp
    void certify(const base::Hash256& hash);
    bool takeBody(const HashedBlock& block);
    void rebuildMissing();
    void addCandidate(const base::PublicKey& peer, Height height);
    void sync();
    void ask();
    void endQuestion(bool success);
    void syncTimerFired();
    void startSyncTimer(std::chrono::milliseconds base);
    bool isBehind() const;
    /// The lowest height above the final one that neither block nor dummy fills, at most ours.
    Height firstGap() const;
    /// From where on a peer should answer.
    Height askFrom() const;
    std::optional<base::Hash256> missingParent() const;
    void takeFetch(const base::PublicKey& sender, const Fetch& fetch);
    void answerLive(const base::PublicKey& peer, const Fetch& fetch);
    void takeAnswer(const base::PublicKey& sender, const Answer& answer);
    void takeStatus(const base::PublicKey& sender, const Status& status);
    void takeHint(const base::PublicKey& sender, const WakeHint& hint);

    Config m_config;
    VoteBook m_book;
    std::optional<ValidatorIndex> m_self;
    Actions m_actions;

    Height m_finalHeight{ 0 };
    base::Hash256 m_finalHash;
    std::optional<Certificate> m_finalBy;
    std::map<Height, Round> m_rounds;
    std::unordered_map<base::Hash256, BlockPtr> m_blocks; ///< certified, above the final one
    std::unordered_set<base::Hash256> m_missing; ///< certified, body not here

    Height m_height{ 1 };
    bool m_awake{ false };
    bool m_wanted{ false }; ///< something to order that no voted block holds
    Height m_requested{ 0 }; ///< height of the last RequestProposal
    base::Hash256 m_requestedParent;
    std::optional<TimerToken> m_timer;
    unsigned m_firings{ 0 }; ///< of the timer in this height
    unsigned m_timeouts{ 0 }; ///< heights that timed out since a block became final
    TimerToken m_nextToken{ 1 };
    std::uint64_t m_attempt{ 1 };

    std::deque<Candidate> m_candidates;
    std::optional<Asked> m_asked;
    std::optional<TimerToken> m_syncTimer;
    unsigned m_syncFailures{ 0 };
    std::size_t m_nextValidator{ 0 };
    std::uint64_t m_progress{ 0 }; ///< counts certificates and bodies learnt
    std::unordered_set<base::PublicKey> m_reads; ///< ReadFinalized under way
};

} // namespace loam::consensus
