// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/data_service.h"
#include "training/private_terms.h"

#include <cstddef>
#include <cstdint>

namespace loam::node {

/// A private run's round as its owner's consent sees it.
struct PrivateRoundTerms
{
    base::Hash256 run;
    std::uint64_t round{ 0 };
    training::PrivateTerms terms;
    std::size_t size{ 0 }; ///< values of a member's update
    std::size_t group{ 0 }; ///< members of this node's group
    std::size_t cohort{ 0 }; ///< members of the round
    std::uint64_t leastTokens{ 0 }; ///< of text, for one window
};

/// The only way from the owner's text to a private run: finds his grant for it, pays for a round
/// and takes what the gate releases. What was spent is read from the same records, so that there is
/// one truth about it. On the event-loop thread, like the records.
class PrivateConsent
{
public:
    explicit PrivateConsent(DataService& data)
        : m_data{ data }
    {
    }

    /// The newest grant for this run that holds now; Denied, with the remedy, when there is none.
    base::Result<consent::GrantId> grantFor(const base::Hash256& run) const;

    /// Pays for the round and brings its texts. Denied when the grant, the owner's terms or the
    /// run's own promise does not cover it, or when it was paid for before: what was trained then
    /// may have been sent, and a node sends one vector a round.
    void open(const PrivateRoundTerms& round, DataService::Done<DataService::Batches> done);

    /// Denied once the permit is worth nothing: to be asked before each local step and before
    /// anything is sent.
    base::Result<> check(const consent::BatchGate::Permit& permit) const
    {
        return m_data.gate().check(permit);
    }

    /// Rounds of a run that were paid for, under whatever grant.
    std::uint64_t roundsSpent(const base::Hash256& run) const;
    /// The same as a cost.
    static consent::MicroRho costOf(const training::PrivateTerms& terms);

private:
    base::Result<DataService::BatchRequest> requestFor(const PrivateRoundTerms& round) const;

    DataService& m_data;
};

} // namespace loam::node
