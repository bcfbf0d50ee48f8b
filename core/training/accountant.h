// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace loam::training {

/// `steps` releases of a sum with Gaussian noise of `noise` times the sensitivity, each member
/// taking part in one with probability `rate` (Poisson sampling; 1 = always, nothing amplified).
struct NoisyReleases
{
    double noise{ 1 }; ///< standard deviation over sensitivity, > 0
    double rate{ 1 }; ///< 0 < rate <= 1
    std::uint64_t steps{ 1 };

    /// Invalid names the field and its bounds.
    base::Result<> validate() const;
};

/// The orders at which Renyi divergences are followed: 1.1..10.9 by tenths, 11..63, 128, 256, 512,
/// 1024, as in Google's dp_accounting, whose figures therefore come out.
std::span<const double> renyiOrders();

/// Renyi divergence of one Poisson-subsampled Gaussian release at `order` > 1, in nats (Mironov,
/// Talwar, Zhang, arXiv 1908.10530: section 3.3 for whole orders, the series with both tails for
/// the others).
double subsampledGaussianRenyi(double noise, double rate, double order);

/// Upper bound of the Renyi divergence of whole `order` > 1 for Skellam noise of variance
/// `variance` on integer vectors that differ by at most `l1` and `l2` in these norms (Agarwal,
/// Kairouz, Liu, arXiv 2110.04995, theorem 3.5).
double skellamRenyi(double variance, double l1, double l2, double order);

/// A guarantee (epsilon, delta) and how it was found.
struct Epsilon
{
    double epsilon{ 0 };
    double order{ 0 }; ///< Renyi order that gave it; 0 where there is none
};

/// Adds Renyi divergences up, release after release. All orders are followed at once.
class RenyiAccountant
{
public:
    /// Follows `orders`, each above 1: any choice bounds epsilon, more of them bound it better.
    explicit RenyiAccountant(std::span<const double> orders = renyiOrders());
    void add(const NoisyReleases& releases);
    /// Divergences of one release at the orders, `steps` times.
    void add(std::span<const double> divergences, std::uint64_t steps);
    /// Smallest epsilon over the orders (Canonne, Kamath, Steinke, arXiv 2004.00010, prop. 12).
    Epsilon epsilon(double delta) const;

private:
    std::vector<double> m_orders;
    std::vector<double> m_divergences; ///< (orders)
};

/// zCDP (Bun, Steinke): rho of the releases without sampling, steps / (2 noise^2).
double zeroConcentrated(double noise, std::uint64_t steps);
/// rho of a tree of noisy partial sums over `leaves` steps in which a member appears once: it is in
/// as many nodes as the tree has levels.
double treeZeroConcentrated(double noise, std::uint64_t leaves);
/// Epsilon of rho at `delta`, the infimum over all orders, not only the listed ones.
Epsilon zeroConcentratedEpsilon(double rho, double delta);
/// Largest rho whose epsilon at `delta` stays within `epsilon`.
double zeroConcentratedBudget(double epsilon, double delta);

/// Exact delta of a Gaussian mechanism of `mu` = sensitivity over standard deviation; k releases
/// have mu sqrt(k) (Balle, Wang, arXiv 1805.06530).
double gaussianDelta(double mu, double epsilon);
/// Its inverse.
double gaussianEpsilon(double mu, double delta);
/// mu of many subsampled releases in the central limit (Bu et al., arXiv 1911.11607): an estimate,
/// not a bound.
double subsampledGaussianMu(const NoisyReleases& releases);

/// Epsilon of a group of `size` records of one member (Vadhan 2017, lemma 2.2) from the epsilon of
/// one record as a function of delta.
double groupEpsilon(
    const std::function<double(double delta)>& epsilonOf, std::uint32_t size, double delta);

enum class AccountingMethod : std::uint8_t {
    Renyi = 1, ///< an upper bound for every rate
    ZeroConcentrated = 2, ///< rate 1 only
    LossDistribution = 3, ///< numerically exact for every rate
    Gaussian = 4, ///< exact, rate 1 only
};
/// "rdp", "zcdp", "pld", "gaussian".
std::string_view accountingMethodName(AccountingMethod method);
std::optional<AccountingMethod> accountingMethod(std::string_view name);

/// What `loamctl data epsilon` shows.
struct EpsilonAnswer
{
    double epsilon{ 0 };
    double order{ 0 }; ///< 0 where the method has none
    std::optional<double> rho; ///< only without sampling: sampling has no finite rho of use
    AccountingMethod method{ AccountingMethod::Renyi };
};
/// Invalid names the argument and its bounds, or the method that needs rate 1.
base::Result<EpsilonAnswer> answerEpsilon(
    const NoisyReleases& releases, double delta, AccountingMethod method);

/// Smallest noise with which `epsilonOf(noise)` <= epsilon, to `tolerance`; epsilonOf must fall.
double smallestNoise(
    const std::function<double(double noise)>& epsilonOf, double epsilon, double tolerance);

} // namespace loam::training
