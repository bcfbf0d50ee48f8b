// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/policy.h"

#include <algorithm>
#include <cmath>

namespace loam::swarm {

namespace {

    using Seconds = std::chrono::duration<double>;

    constexpr Seconds kHalfLife{ 600 };
    constexpr std::chrono::minutes kBanTime{ 10 };
    constexpr std::size_t kMaxRecords = 4096;
    constexpr std::chrono::minutes kGeneration{ 10 };
    constexpr std::size_t kGenerationSize = 50'000;

} // namespace

TokenBucket::TokenBucket(double rate, double burst, base::MonotonicTime now)
    : m_rate{ rate }
    , m_burst{ burst }
    , m_tokens{ burst }
    , m_last{ now }
{
}

bool TokenBucket::take(double count, base::MonotonicTime now)
{
    if (now > m_last) {
        m_tokens = std::min(m_burst, m_tokens + m_rate * Seconds{ now - m_last }.count());
        m_last = now;
    }
    if (m_tokens < count) {
        return false;
    }
    m_tokens -= count;
    return true;
}

double PenaltyBook::decayed(const Record& record, base::MonotonicTime now)
{
    const double age = std::max(0.0, Seconds{ now - record.since }.count());
    return record.points * std::exp2(-age / kHalfLife.count());
}

void PenaltyBook::makeRoom(base::MonotonicTime now)
{
    if (m_records.size() < kMaxRecords) {
        return;
    }
    const auto best
        = std::min_element(m_records.begin(), m_records.end(), [now](const auto& a, const auto& b) {
              return decayed(a.second, now) < decayed(b.second, now);
          });
    m_records.erase(best);
}

void PenaltyBook::add(const base::PublicKey& id, double points, base::MonotonicTime now)
{
    if (!m_records.contains(id)) {
        makeRoom(now);
    }
    Record& record = m_records[id];
    record.points = decayed(record, now) + points;
    record.since = now;
    if (record.points >= kBanAt) {
        record.bannedUntil = std::max(record.bannedUntil.value_or(now), now + kBanTime);
    }
}

void PenaltyBook::ban(const base::PublicKey& id, base::MonotonicTime until)
{
    if (!m_records.contains(id)) {
        makeRoom(until);
    }
    Record& record = m_records[id];
    record.points = std::max(record.points, kBanAt);
    record.since = until;
    record.bannedUntil = until;
}

double PenaltyBook::points(const base::PublicKey& id, base::MonotonicTime now) const
{
    const auto found = m_records.find(id);
    return found == m_records.end() ? 0 : decayed(found->second, now);
}

bool PenaltyBook::isBanned(const base::PublicKey& id, base::MonotonicTime now) const
{
    const auto found = m_records.find(id);
    return found != m_records.end() && found->second.bannedUntil
        && now < *found->second.bannedUntil;
}

bool SeenCache::insert(const base::Hash256& hash, base::MonotonicTime now)
{
    if (!m_since) {
        m_since = now;
    }
    if (m_young.size() >= kGenerationSize || now - *m_since >= kGeneration) {
        m_old = std::move(m_young);
        m_young.clear();
        m_since = now;
    }
    if (m_young.contains(hash) || m_old.contains(hash)) {
        return false;
    }
    m_young.insert(hash);
    return true;
}

} // namespace loam::swarm
