// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "base/clock.h"

#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace loam::swarm {

/// Lets `rate` units a second pass, and `burst` at once after a quiet time.
class TokenBucket
{
public:
    TokenBucket(double rate, double burst, base::MonotonicTime now);
    /// Takes `count` if that many are there.
    bool take(double count, base::MonotonicTime now);

private:
    double m_rate;
    double m_burst;
    double m_tokens;
    base::MonotonicTime m_last;
};

/// Remembers misbehaviour by node key. Points halve every ten minutes; at kBanAt the key is
/// refused for ten minutes. Holds at most a few thousand keys and forgets the best behaved first.
class PenaltyBook
{
public:
    static constexpr double kBanAt = 100;

    void add(const base::PublicKey& id, double points, base::MonotonicTime now);
    void ban(const base::PublicKey& id, base::MonotonicTime until);
    double points(const base::PublicKey& id, base::MonotonicTime now) const;
    bool isBanned(const base::PublicKey& id, base::MonotonicTime now) const;

private:
    struct Record
    {
        double points{ 0 };
        base::MonotonicTime since;
        std::optional<base::MonotonicTime> bannedUntil;
    };
    static double decayed(const Record& record, base::MonotonicTime now);
    void makeRoom(base::MonotonicTime now);

    std::unordered_map<base::PublicKey, Record> m_records;
};

/// Set of recent hashes in two generations, so that forgetting costs nothing: an entry lives for
/// one to two generations, each of ten minutes or 50,000 entries.
class SeenCache
{
public:
    /// True when the hash is new.
    bool insert(const base::Hash256& hash, base::MonotonicTime now);

private:
    std::unordered_set<base::Hash256> m_young;
    std::unordered_set<base::Hash256> m_old;
    std::optional<base::MonotonicTime> m_since;
};

} // namespace loam::swarm
