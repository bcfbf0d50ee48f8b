// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "base/clock.h"

#include <filesystem>
#include <vector>

namespace loam::node {

/// What taking part in one private round costs.
struct PrivacySpending
{
    base::Hash256 run;
    std::uint64_t round{ 0 };
    double rho{ 0 }; ///< of this round, zCDP
    double epsilon{ 0 }; ///< of the run up to and with this round
    double delta{ 0 };
    base::UnixTime time{};
    bool operator==(const PrivacySpending&) const = default;
};

/// Where privacy is spent. Whoever sends something that costs privacy asks first and sends only
/// after the answer: what was granted is on disk then, so no crash can spend it twice.
class PrivacyBudget
{
public:
    virtual ~PrivacyBudget() = default;
    /// Denied when the round was paid for before, or more than the budget would be spent.
    virtual base::Result<> spend(const PrivacySpending& spending, double epsilonPromised) = 0;
    /// Rounds of a run that were paid for.
    virtual std::uint64_t roundsSpent(const base::Hash256& run) const = 0;
};

/// The spending of this node, a file that is replaced in one step. It holds what each run promised;
/// an owner's own smaller budget stands before it.
class PrivacyBook final : public PrivacyBudget
{
public:
    /// A missing file is an empty book; a damaged one is Corrupt, for guessing could overspend.
    static base::Result<PrivacyBook> open(const std::filesystem::path& path);

    base::Result<> spend(const PrivacySpending& spending, double epsilonPromised) override;
    std::uint64_t roundsSpent(const base::Hash256& run) const override;
    const std::vector<PrivacySpending>& spendings() const { return m_spendings; }

private:
    explicit PrivacyBook(std::filesystem::path path)
        : m_path{ std::move(path) }
    {
    }
    base::Bytes encode() const;

    std::filesystem::path m_path;
    std::vector<PrivacySpending> m_spendings;
};

/// Stands in for a book that cannot be read: everything else of the node goes on.
class ClosedBudget final : public PrivacyBudget
{
public:
    explicit ClosedBudget(base::Error why)
        : m_why{ std::move(why) }
    {
    }
    base::Result<> spend(const PrivacySpending&, double) override
    {
        return tl::unexpected{ m_why };
    }
    std::uint64_t roundsSpent(const base::Hash256&) const override { return 0; }

private:
    base::Error m_why;
};

} // namespace loam::node
