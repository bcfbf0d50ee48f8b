// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consent/records.h"

#include <string>

namespace loam::consent {

/// One file's text as it was just extracted, redacted and judged.
struct OfferedFile
{
    SourceId source{ 0 };
    std::string path;
    base::Hash256 contents; ///< SHA-256 of the bytes it was extracted from
    Quality quality; ///< as the index has it, duplicates included
    std::string used; ///< PreparedText::used
    base::Hash256 usedHash;
};

/// What a trainer gets.
struct ReleasedBatch
{
    struct Refused
    {
        SourceId source{ 0 };
        std::string path;
        std::string reason;
    };
    std::vector<std::string> texts;
    std::vector<base::Hash256> contents; ///< of each text: SHA-256 of its file, as logged
    std::uint64_t tokens{ 0 };
    std::vector<Refused> refused;
};

/// The only way from the owner's text to a trainer. Per run: admit() once; per round charge(), then
/// release(); check() before each local step. Every decision is made on what is on disk by then, so
/// that a kill at any moment never leaves text released and unpaid. Same thread as the records.
class BatchGate
{
public:
    /// What admit() found; worthless as soon as check() fails.
    class Permit
    {
    public:
        const Grant& grant() const { return m_grant; }
        const EffectiveTerms& terms() const { return m_terms; }

    private:
        friend class BatchGate;
        Permit(Grant grant, const EffectiveTerms& terms)
            : m_grant{ std::move(grant) }
            , m_terms{ terms }
        {
        }
        Grant m_grant;
        EffectiveTerms m_terms;
        std::optional<std::uint64_t> m_openRound;
        std::uint64_t m_tokensOfRound{ 0 };
    };

    explicit BatchGate(Records& records)
        : m_records{ records }
    {
    }

    /// Denied with the reason, which is logged, unless grant, owner and manifest agree.
    base::Result<Permit> admit(const GrantId& grant, const RunTerms& run);

    /// Opens a round: its privacy cost is spent before this returns. A second attempt at the same
    /// round costs again, since its noise is new. An adapter at home costs nothing.
    base::Result<> charge(Permit& permit, std::uint64_t round, MicroRho cost);

    /// Denied once the grant was revoked, replaced or has ended, a source was removed, or the
    /// owner's terms forbid it now.
    base::Result<> check(const Permit& permit);

    /// Hands out the texts of files whose contents and redacted text are exactly what the owner
    /// saw, up to the round's tokens, and writes each into the log first; of a file larger than a
    /// round a part, in each round of a run another. Files that do not qualify are named with the
    /// reason, there and here.
    base::Result<ReleasedBatch> release(
        Permit& permit, std::uint64_t round, std::vector<OfferedFile> files);

    /// A round and what it may not be had without.
    struct Order
    {
        std::uint64_t round{ 0 };
        MicroRho cost;
        std::uint64_t leastTokens{ 0 }; ///< less text is of no use: Denied, and nothing is spent
    };
    /// charge() and release() in one, for files that have been read already.
    base::Result<ReleasedBatch> serve(
        Permit& permit, const Order& order, std::vector<OfferedFile> files);

private:
    /// A batch and what the log says of it.
    struct Sifted
    {
        ReleasedBatch batch;
        std::vector<UseEntry> used;
        std::vector<UseEntry> refused;
    };
    base::Result<Sifted> sift(
        const Permit& permit, std::uint64_t round, std::vector<OfferedFile> files);
    base::Result<std::optional<std::string>> reasonAgainst(
        const Permit& permit, const OfferedFile& file);
    base::Result<Permit> decide(const GrantId& grant, const RunTerms& run);

    Records& m_records;
};

} // namespace loam::consent
