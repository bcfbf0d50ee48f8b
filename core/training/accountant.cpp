// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/accountant.h"

#include "base/require.h"
#include "training/loss_distribution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    constexpr double kNothing = -std::numeric_limits<double>::infinity(); ///< ln 0

    double logAdd(double a, double b)
    {
        const double high = std::max(a, b);
        return high == kNothing ? kNothing : high + std::log1p(std::exp(std::min(a, b) - high));
    }

    /// ln(e^a - e^b); rounding that would make it negative counts as nothing.
    double logSubtract(double a, double b)
    {
        if (b == kNothing) {
            return a;
        }
        return a > b ? a + std::log(-std::expm1(b - a)) : kNothing;
    }

    /// ln erfc(x), by the asymptotic series where erfc itself leaves the range of double.
    double logErfc(double x)
    {
        if (x < 20) {
            return std::log(std::erfc(x));
        }
        const double r = 1 / (2 * x * x);
        const double series = 1 - r * (1 - 3 * r * (1 - 5 * r * (1 - 7 * r)));
        return -x * x - std::log(x) - 0.5 * std::log(std::numbers::pi) + std::log(series);
    }

    double logBinomial(double n, double k)
    {
        return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
    }

    double logMomentWhole(double noise, double rate, double order)
    {
        double sum = kNothing;
        for (double i = 0; i <= order; ++i) {
            sum = logAdd(sum,
                logBinomial(order, i) + i * std::log(rate) + (order - i) * std::log1p(-rate)
                    + (i * i - i) / (2 * noise * noise));
        }
        return sum;
    }

    /// The binomial series of a fractional order, split at the point where the two densities
    /// balance. Its coefficients change sign behind `order`, so both signs are summed apart.
    double logMomentFractional(double noise, double rate, double order)
    {
        constexpr double kSmall = -30;
        const double variance = noise * noise;
        const double middle = variance * std::log(1 / rate - 1) + 0.5;
        const double root = std::numbers::sqrt2 * noise;
        double positive = kNothing;
        double negative = kNothing;
        double coefficient = 0; // ln |C(order, i)|
        bool isNegative = false;
        for (double i = 0;; ++i) {
            const double j = order - i;
            const double left = coefficient + j * std::log1p(-rate) + i * std::log(rate)
                + (i * i - i) / (2 * variance) + logErfc((i - middle) / root) - std::numbers::ln2;
            const double right = coefficient + i * std::log1p(-rate) + j * std::log(rate)
                + (j * j - j) / (2 * variance) + logErfc((middle - j) / root) - std::numbers::ln2;
            double& sum = isNegative ? negative : positive;
            sum = logAdd(sum, logAdd(left, right));
            if (i > order && std::max(left, right) < kSmall) {
                return logSubtract(positive, negative);
            }
            coefficient += std::log(std::abs(j)) - std::log(i + 1);
            isNegative = isNegative != (j < 0);
        }
    }

    double epsilonAt(double divergence, double order, double delta)
    {
        return divergence + std::log1p(-1 / order)
            - (std::log(delta) + std::log(order)) / (order - 1);
    }

    double normalCdf(double x)
    {
        return 0.5 * std::erfc(-x / std::numbers::sqrt2);
    }

    /// e^epsilon Phi(x) without overflow.
    double scaledCdf(double epsilon, double x)
    {
        return 0.5 * std::exp(epsilon + logErfc(-x / std::numbers::sqrt2));
    }

    /// Where a falling function crosses `level`, to the last bits, given a bracket.
    template <class Falling>
    double crossing(const Falling& function, double level, double low, double high)
    {
        for (int i = 0; i < 200 && high - low > 1e-13 * std::max(1.0, high); ++i) {
            const double middle = 0.5 * (low + high);
            (function(middle) > level ? low : high) = middle;
        }
        return high;
    }

    std::vector<double> makeOrders()
    {
        std::vector<double> orders;
        for (int tenths = 11; tenths < 110; ++tenths) {
            orders.push_back(tenths / 10.0);
        }
        for (int whole = 11; whole < 64; ++whole) {
            orders.push_back(whole);
        }
        orders.insert(orders.end(), { 128, 256, 512, 1024 });
        return orders;
    }

} // namespace

Result<> NoisyReleases::validate() const
{
    if (!(noise >= 0.01 && noise <= 1e9)) {
        return fail(Errc::Invalid, "noise must be 0.01 to 1e9 times the sensitivity");
    }
    if (!(rate > 0 && rate <= 1)) {
        return fail(Errc::Invalid, "rate must be above 0 and at most 1");
    }
    if (steps == 0 || steps > 1'000'000'000) {
        return fail(Errc::Invalid, "steps must be 1 to 1,000,000,000");
    }
    return {};
}

std::span<const double> renyiOrders()
{
    static const std::vector<double> orders = makeOrders();
    return orders;
}

double subsampledGaussianRenyi(double noise, double rate, double order)
{
    ASSERT(order > 1 && noise > 0 && rate > 0 && rate <= 1);
    if (rate == 1) {
        return order / (2 * noise * noise);
    }
    const bool isWhole = order == std::floor(order);
    const double moment
        = isWhole ? logMomentWhole(noise, rate, order) : logMomentFractional(noise, rate, order);
    return std::max(0.0, moment / (order - 1));
}

double skellamRenyi(double variance, double l1, double l2, double order)
{
    const double square = l2 * l2;
    const double correction = std::min(
        ((2 * order - 1) * square + 6 * l1) / (4 * variance * variance), 3 * l1 / (2 * variance));
    return order * square / (2 * variance) + correction;
}

RenyiAccountant::RenyiAccountant(std::span<const double> orders)
    : m_orders(orders.begin(), orders.end())
    , m_divergences(orders.size(), 0.0)
{
}

void RenyiAccountant::add(const NoisyReleases& releases)
{
    for (std::size_t i = 0; i < m_orders.size(); ++i) {
        m_divergences[i] += static_cast<double>(releases.steps)
            * subsampledGaussianRenyi(releases.noise, releases.rate, m_orders[i]);
    }
}

void RenyiAccountant::add(std::span<const double> divergences, std::uint64_t steps)
{
    ASSERT(divergences.size() == m_divergences.size());
    for (std::size_t i = 0; i < divergences.size(); ++i) {
        m_divergences[i] += static_cast<double>(steps) * divergences[i];
    }
}

Epsilon RenyiAccountant::epsilon(double delta) const
{
    Epsilon best{ std::numeric_limits<double>::infinity(), 0 };
    for (std::size_t i = 0; i < m_orders.size(); ++i) {
        const double epsilon = epsilonAt(m_divergences[i], m_orders[i], delta);
        if (epsilon < best.epsilon) {
            best = { epsilon, m_orders[i] };
        }
    }
    best.epsilon = std::max(0.0, best.epsilon);
    return best;
}

double zeroConcentrated(double noise, std::uint64_t steps)
{
    return static_cast<double>(steps) / (2 * noise * noise);
}

double treeZeroConcentrated(double noise, std::uint64_t leaves)
{
    std::uint64_t levels = 0;
    for (std::uint64_t rest = leaves; rest > 0; rest /= 2) {
        ++levels;
    }
    return zeroConcentrated(noise, levels);
}

Epsilon zeroConcentratedEpsilon(double rho, double delta)
{
    // The bound has one minimum over ln(order - 1): a golden section finds it.
    const auto at = [rho, delta](double t) {
        const double order = 1 + std::exp(t);
        return epsilonAt(rho * order, order, delta);
    };
    constexpr double kGolden = 1 / std::numbers::phi;
    double low = -12;
    double high = 25;
    for (int i = 0; i < 120; ++i) {
        const double a = high - kGolden * (high - low);
        const double b = low + kGolden * (high - low);
        (at(a) < at(b) ? high : low) = at(a) < at(b) ? b : a;
    }
    const double t = 0.5 * (low + high);
    return { std::max(0.0, at(t)), 1 + std::exp(t) };
}

double zeroConcentratedBudget(double epsilon, double delta)
{
    double low = 0;
    double high = epsilon + 1;
    for (int i = 0; i < 100; ++i) {
        const double middle = 0.5 * (low + high);
        (zeroConcentratedEpsilon(middle, delta).epsilon <= epsilon ? low : high) = middle;
    }
    return low;
}

double gaussianDelta(double mu, double epsilon)
{
    return std::max(
        0.0, normalCdf(mu / 2 - epsilon / mu) - scaledCdf(epsilon, -mu / 2 - epsilon / mu));
}

double gaussianEpsilon(double mu, double delta)
{
    const auto deltaOf = [mu](double epsilon) { return gaussianDelta(mu, epsilon); };
    if (deltaOf(0) <= delta) {
        return 0;
    }
    double high = 1;
    while (deltaOf(high) > delta) {
        high *= 2;
    }
    return crossing(deltaOf, delta, 0, high);
}

double subsampledGaussianMu(const NoisyReleases& releases)
{
    return releases.rate
        * std::sqrt(static_cast<double>(releases.steps)
            * std::expm1(1 / (releases.noise * releases.noise)));
}

double groupEpsilon(
    const std::function<double(double delta)>& epsilonOf, std::uint32_t size, double delta)
{
    const double members = size;
    // Of one record's delta, falling in -ln(delta): the group's delta, as a logarithm.
    const auto groupDelta = [&epsilonOf, members](double negativeLog) {
        const double epsilon = epsilonOf(std::exp(-negativeLog));
        return -negativeLog + std::log(std::expm1(members * epsilon) / std::expm1(epsilon));
    };
    const double found = crossing(groupDelta, std::log(delta), -std::log(delta), 600);
    return members * epsilonOf(std::exp(-found));
}

double smallestNoise(
    const std::function<double(double noise)>& epsilonOf, double epsilon, double tolerance)
{
    double low = 0;
    double high = 1;
    while (epsilonOf(high) > epsilon) {
        low = high;
        high *= 2;
    }
    while (high - low > tolerance) {
        const double middle = 0.5 * (low + high);
        (epsilonOf(middle) > epsilon ? low : high) = middle;
    }
    return high;
}

namespace {
    constexpr std::array<std::pair<AccountingMethod, std::string_view>, 4> kMethods{ {
        { AccountingMethod::Renyi, "rdp" },
        { AccountingMethod::ZeroConcentrated, "zcdp" },
        { AccountingMethod::LossDistribution, "pld" },
        { AccountingMethod::Gaussian, "gaussian" },
    } };
} // namespace

std::string_view accountingMethodName(AccountingMethod method)
{
    return std::ranges::find(kMethods, method, [](const auto& row) { return row.first; })->second;
}

std::optional<AccountingMethod> accountingMethod(std::string_view name)
{
    const auto row = std::ranges::find(kMethods, name, [](const auto& r) { return r.second; });
    return row == kMethods.end() ? std::nullopt : std::optional{ row->first };
}

Result<EpsilonAnswer> answerEpsilon(
    const NoisyReleases& releases, double delta, AccountingMethod method)
{
    TRY(releases.validate());
    if (!(delta >= 1e-30 && delta < 1)) {
        return fail(Errc::Invalid, "delta must be 1e-30 or more and below 1");
    }
    const bool isSampled = releases.rate < 1;
    EpsilonAnswer answer;
    answer.method = method;
    if (!isSampled) {
        answer.rho = zeroConcentrated(releases.noise, releases.steps);
    }
    const auto needsRateOne = [&] {
        return fail(Errc::Invalid,
            std::string{ accountingMethodName(method) }
                + " knows no sampling: give rate 1 or take rdp or pld");
    };
    const auto take = [&answer](const Epsilon& epsilon) {
        answer.epsilon = epsilon.epsilon;
        answer.order = epsilon.order;
    };
    switch (method) {
    case AccountingMethod::Renyi: {
        RenyiAccountant accountant;
        accountant.add(releases);
        take(accountant.epsilon(delta));
        return answer;
    }
    case AccountingMethod::ZeroConcentrated:
        if (isSampled) {
            return needsRateOne();
        }
        take(zeroConcentratedEpsilon(*answer.rho, delta));
        return answer;
    case AccountingMethod::LossDistribution: {
        TRY_ASSIGN(const LossDistribution losses, LossDistribution::compose({ &releases, 1 }));
        TRY_ASSIGN(answer.epsilon, losses.epsilon(delta));
        return answer;
    }
    case AccountingMethod::Gaussian:
        if (isSampled) {
            return needsRateOne();
        }
        answer.epsilon = gaussianEpsilon(
            std::sqrt(static_cast<double>(releases.steps)) / releases.noise, delta);
        return answer;
    }
    ASSERT(false && "unknown method");
    return answer;
}

} // namespace loam::training
