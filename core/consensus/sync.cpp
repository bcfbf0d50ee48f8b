// SPDX-License-Identifier: GPL-3.0-or-later
#include "consensus/core.h"

#include <algorithm>

namespace loam::consensus {

namespace {

    /// Peers remembered as sources at most.
    constexpr std::size_t kMaxCandidates = 32;
    /// Peers for whom the host reads final blocks at the same time at most.
    constexpr std::size_t kMaxReads = 64;
    /// Pauses between questions that nobody could answer stop growing here.
    constexpr unsigned kMaxPauseShift = 3;
    /// About so many validators answer one broadcast Status.
    constexpr std::size_t kStatusAnswers = 8;
    /// A block's bytes besides its payload, rounded up.
    constexpr std::size_t kBlockOverhead = 64;

} // namespace

// ---- Bodies

void Simplex::Core::certify(const base::Hash256& hash)
{
    if (isCertified(hash) || !m_missing.insert(hash).second) {
        return;
    }
    for (const auto& [height, known] : m_rounds) {
        if (known.proposal && known.proposal->hash == hash) {
            const HashedBlock body = *known.proposal;
            takeBody(body);
            return;
        }
    }
}

bool Simplex::Core::takeBody(const HashedBlock& body)
{
    if (body.block->height <= m_finalHeight || m_missing.erase(body.hash) == 0) {
        return false;
    }
    ++m_progress;
    m_blocks.emplace(body.hash, body.block);
    act(PersistBlock{ body.block, body.hash });
    // Whoever notarised the block had checked that its parent is notarised.
    certify(body.block->parent);
    return true;
}

void Simplex::Core::rebuildMissing()
{
    m_missing.clear();
    std::vector<base::Hash256> needed;
    for (const auto& [height, known] : m_rounds) {
        for (const auto* certificate : { &known.notarized, &known.finalized }) {
            if (*certificate) {
                needed.push_back((*certificate)->block);
            }
        }
    }
    for (const auto& [hash, block] : m_blocks) {
        needed.push_back(block->parent);
    }
    for (const base::Hash256& hash : needed) {
        certify(hash);
    }
}

// ---- Asking

void Simplex::Core::addCandidate(const base::PublicKey& peer, Height height)
{
    if (m_self && peer == m_config.validators.members[*m_self]) {
        return;
    }
    for (Candidate& known : m_candidates) {
        if (known.peer == peer) {
            known.height = std::max(known.height, height);
            return;
        }
    }
    if (m_candidates.size() < kMaxCandidates) {
        m_candidates.push_back({ peer, height });
    }
}

std::optional<base::Hash256> Simplex::Core::missingParent() const
{
    const Round* known = findRound(m_height);
    if (known == nullptr || !known->proposal || isCertified(known->proposal->block->parent)) {
        return std::nullopt;
    }
    return known->proposal->block->parent;
}

Height Simplex::Core::firstGap() const
{
    // A height is settled by its dummy, by a block's body, or by lying between a block and its
    // parent: intervals (low, high].
    std::vector<std::pair<Height, Height>> settled;
    for (const auto& [height, known] : m_rounds) {
        if (known.nullified) {
            settled.emplace_back(height - 1, height);
        }
    }
    for (const auto& [hash, block] : m_blocks) {
        const auto parent = m_blocks.find(block->parent);
        const Height low = block->parent == m_finalHash ? m_finalHeight
            : parent != m_blocks.end()                  ? parent->second->height
                                                        : block->height - 1;
        settled.emplace_back(low, block->height);
    }
    std::sort(settled.begin(), settled.end());
    Height reached = m_finalHeight;
    for (const auto& [low, high] : settled) {
        if (low > reached) {
            break;
        }
        reached = std::max(reached, high);
    }
    return std::min(reached + 1, m_height);
}

Height Simplex::Core::askFrom() const
{
    Height from = firstGap();
    std::size_t named = 0;
    for (const auto& [height, known] : m_rounds) {
        for (const auto* certificate : { &known.notarized, &known.finalized }) {
            if (*certificate && m_missing.count((*certificate)->block) != 0) {
                from = std::min(from, height);
                ++named;
                break;
            }
        }
    }
    // A block known by its child alone may lie anywhere above the final one, even at a height that
    // a dummy fills for us: a final chain may pass through it.
    const bool hasUnplaced = named < m_missing.size() || missingParent().has_value();
    return hasUnplaced ? m_finalHeight + 1 : from;
}

bool Simplex::Core::isBehind() const
{
    return !m_missing.empty() || firstGap() < m_height || missingParent().has_value()
        || std::any_of(m_candidates.begin(), m_candidates.end(),
            [this](const Candidate& known) { return known.height > m_height; });
}

void Simplex::Core::sync()
{
    if (m_asked) {
        return;
    }
    const bool cannotPropose
        = isLeader() && m_awake && m_requested != m_height && m_syncFailures == 0 && !bestParent();
    if (!isBehind() && !cannotPropose) {
        m_candidates.clear();
        m_syncFailures = 0;
        if (m_syncTimer) {
            act(CancelTimer{ *m_syncTimer });
            m_syncTimer.reset();
        }
        return;
    }
    if (!m_candidates.empty() || cannotPropose) {
        ask();
        return;
    }
    if (!m_syncTimer) {
        // The body may be on its way already: give it one delay.
        startSyncTimer(m_config.delta);
    }
}

void Simplex::Core::startSyncTimer(std::chrono::milliseconds base)
{
    if (m_syncTimer) {
        act(CancelTimer{ *m_syncTimer });
    }
    m_syncTimer = m_nextToken++;
    const auto duration = base * (1U << std::min(m_syncFailures, kMaxPauseShift));
    act(SetTimer{ m_height, duration, *m_syncTimer });
}

void Simplex::Core::ask()
{
    const std::vector<base::PublicKey>& members = m_config.validators.members;
    std::optional<base::PublicKey> peer;
    if (!m_candidates.empty()) {
        peer = m_candidates.front().peer;
    } else {
        m_nextValidator = (m_nextValidator + 1) % members.size();
        if (m_self == m_nextValidator) {
            m_nextValidator = (m_nextValidator + 1) % members.size();
        }
        if (m_self != m_nextValidator) {
            peer = members[m_nextValidator];
        }
    }
    startSyncTimer(2 * m_config.delta);
    if (!peer) {
        return;
    }
    Fetch fetch{ m_config.validators.epoch, m_finalHeight, askFrom(), {} };
    if (const auto parent = missingParent(); parent && m_missing.count(*parent) == 0) {
        fetch.wanted.push_back(*parent);
    }
    for (const base::Hash256& hash : m_missing) {
        if (fetch.wanted.size() < kMaxWanted) {
            fetch.wanted.push_back(hash);
        }
    }
    m_asked = Asked{ *peer, 0 };
    act(SendTo{ *peer, encodeMessage(fetch) });
}

void Simplex::Core::endQuestion(bool success)
{
    const base::PublicKey peer = m_asked->peer;
    m_asked.reset();
    if (success) {
        // A peer that helped is asked again; one that did not leaves its place to the next.
        m_syncFailures = 0;
        addCandidate(peer, 0);
        return;
    }
    ++m_syncFailures;
    std::erase_if(m_candidates, [&](const Candidate& known) { return known.peer == peer; });
}

void Simplex::Core::syncTimerFired()
{
    m_syncTimer.reset();
    if (m_asked) {
        endQuestion(false);
    }
    if (isBehind()) {
        ask();
    }
    advance();
}

void Simplex::Core::takeAnswer(const base::PublicKey& sender, const Answer& answer)
{
    if (answer.epoch != m_config.validators.epoch || !m_asked || m_asked->peer != sender) {
        return;
    }
    const std::uint64_t before = m_progress;
    for (const Certificate& certificate : answer.certificates) {
        if (!takeCertificate(sender, certificate, Forward::No)) {
            endQuestion(false);
            return;
        }
    }
    // Downwards, since each block names its parent.
    std::vector<HashedBlock> blocks = answer.blocks;
    std::stable_sort(blocks.begin(), blocks.end(), [](const HashedBlock& a, const HashedBlock& b) {
        return a.block->height > b.block->height;
    });
    for (const HashedBlock& block : blocks) {
        takeBody(block);
    }
    m_asked->progress += m_progress - before;
    if (answer.isLast) {
        endQuestion(m_asked->progress > 0);
        if (m_candidates.empty() && m_syncTimer) {
            startSyncTimer(m_config.delta);
        }
    }
}

// ---- Answering

void Simplex::Core::takeFetch(const base::PublicKey& sender, const Fetch& fetch)
{
    if (fetch.epoch != m_config.validators.epoch) {
        return;
    }
    if (fetch.from > m_finalHeight) {
        answerLive(sender, fetch);
        return;
    }
    if (m_reads.size() < kMaxReads && m_reads.insert(sender).second) {
        act(ReadFinalized{ sender, std::max<Height>(fetch.from, 1) });
    }
}

void Simplex::Core::answerLive(const base::PublicKey& peer, const Fetch& fetch)
{
    Answer answer{ m_config.validators.epoch, true, {}, {} };
    std::unordered_set<base::Hash256> sent;
    std::size_t bytes = 0;
    const auto addBody = [&](const base::Hash256& hash, const BlockPtr& block) {
        if (sent.insert(hash).second) {
            bytes += block->payload.size() + kBlockOverhead;
            answer.blocks.push_back({ block, hash });
        }
    };
    if (m_finalBy && fetch.finalized < m_finalHeight) {
        answer.certificates.push_back(*m_finalBy);
    }
    for (const base::Hash256& hash : fetch.wanted) {
        const auto held = m_blocks.find(hash);
        if (held == m_blocks.end() || bytes > kFetchBytes) {
            continue;
        }
        addBody(hash, held->second);
        const Round* known = findRound(held->second->height);
        if (held->second->height < fetch.from && known != nullptr && known->notarized) {
            answer.certificates.push_back(*known->notarized);
        }
    }
    for (auto it = m_rounds.lower_bound(fetch.from); it != m_rounds.end(); ++it) {
        if (bytes > kFetchBytes || answer.certificates.size() + 3 > kMaxCertificates) {
            break;
        }
        const Round& known = it->second;
        for (const auto* certificate : { &known.notarized, &known.nullified, &known.finalized }) {
            if (*certificate) {
                answer.certificates.push_back(**certificate);
            }
        }
        if (!known.notarized) {
            continue;
        }
        const auto held = m_blocks.find(known.notarized->block);
        if (held != m_blocks.end()) {
            addBody(held->first, held->second);
        }
    }
    act(SendTo{ peer, encodeMessage(answer) });
}

void Simplex::Core::finalizedRead(const base::PublicKey& peer, std::span<const BlockPtr> blocks,
    const std::optional<Certificate>& certificate)
{
    if (m_reads.erase(peer) == 0) {
        return;
    }
    Answer part{ m_config.validators.epoch, false, {}, {} };
    if (certificate && !blocks.empty()) {
        part.certificates.push_back(*certificate);
        std::size_t bytes = 0;
        // The newest first: the certificate vouches for it, and each block for its parent.
        for (std::size_t i = blocks.size(); i-- > 0;) {
            const std::size_t size = blocks[i]->payload.size() + kBlockOverhead;
            if (!part.blocks.empty()
                && (bytes + size > kFetchBytes || part.blocks.size() == kMaxAnswerBlocks)) {
                act(SendTo{ peer, encodeMessage(part) });
                part.blocks.clear();
                part.certificates.clear();
                bytes = 0;
            }
            bytes += size;
            part.blocks.push_back({ blocks[i], {} });
        }
    }
    part.isLast = true;
    act(SendTo{ peer, encodeMessage(part) });
}

void Simplex::Core::takeStatus(const base::PublicKey& sender, const Status& status)
{
    if (status.epoch != m_config.validators.epoch) {
        return;
    }
    if (status.height > m_height || status.finalized > m_finalHeight) {
        addCandidate(sender, std::max(status.height, status.finalized + 1));
    }
    const std::size_t size = m_config.validators.members.size();
    const std::size_t stride = std::max<std::size_t>(size / kStatusAnswers, 1);
    const bool isSelected
        = status.attempt == 0 || (m_self && (*m_self + status.attempt) % stride == 0);
    if (!isSelected) {
        return;
    }
    const bool knowsFinal = status.finalized >= m_finalHeight;
    if (m_finalBy && !knowsFinal) {
        act(SendTo{ sender, encodeMessage(*m_finalBy) });
    }
    const Round* last = findRound(m_height - 1);
    if (status.height >= m_height || last == nullptr) {
        return;
    }
    for (const VoteKind kind : { VoteKind::Notarize, VoteKind::Nullify }) {
        if (const std::optional<Certificate>& held = last->certificate(kind)) {
            act(SendTo{ sender, encodeMessage(*held) });
        }
    }
}

void Simplex::Core::takeHint(const base::PublicKey& sender, const WakeHint& hint)
{
    const std::vector<base::PublicKey>& members = m_config.validators.members;
    // Not signed, so only an authenticated validator is believed; he could wake us by a vote too.
    if (hint.epoch == m_config.validators.epoch && hint.height == m_height
        && std::find(members.begin(), members.end(), sender) != members.end()) {
        awaken();
    }
}

} // namespace loam::consensus
