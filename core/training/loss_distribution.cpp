// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/loss_distribution.h"

#include "base/require.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;
    using Complex = std::complex<double>;

    constexpr double kLeastStep = 1e-4; ///< of the grid, in nats
    constexpr std::size_t kMostPoints = std::size_t{ 1 } << 18U;
    constexpr double kWidestStep = 0.1; ///< beyond it the grid says nothing
    constexpr double kLogTail = -34.6; ///< ln 1e-15, of each end of the window
    constexpr double kReach = 9.6; ///< standard deviations that are followed: 1e-21 beyond
    constexpr std::size_t kPanels = std::size_t{ 1 } << 16U;

    double normalCdf(double x)
    {
        return 0.5 * std::erfc(-x / std::numbers::sqrt2);
    }

    /// Mass of N(0, 1) between a and b, without cancellation in the upper tail.
    double normalMass(double a, double b)
    {
        return a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a);
    }

    /// One piece of the output's axis: its mass and its loss.
    struct Panel
    {
        double mass;
        double loss;
    };

    /// In-place transform of a power of two of values (Cooley, Tukey), `sign` -1 forwards.
    void transform(std::vector<Complex>& values, double sign)
    {
        const std::size_t n = values.size();
        for (std::size_t i = 1, j = 0; i < n; ++i) {
            std::size_t bit = n >> 1U;
            for (; (j & bit) != 0; bit >>= 1U) {
                j ^= bit;
            }
            j ^= bit;
            if (i < j) {
                std::swap(values[i], values[j]);
            }
        }
        std::vector<Complex> roots(n / 2);
        for (std::size_t k = 0; k < n / 2; ++k) {
            roots[k] = std::polar(
                1.0, sign * 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n));
        }
        for (std::size_t length = 2; length <= n; length *= 2) {
            const std::size_t half = length / 2;
            const std::size_t stride = n / length;
            for (std::size_t start = 0; start < n; start += length) {
                for (std::size_t k = 0; k < half; ++k) {
                    const Complex root = roots[k * stride];
                    const Complex even = values[start + k];
                    const Complex other = values[start + k + half];
                    const Complex odd{ other.real() * root.real() - other.imag() * root.imag(),
                        other.real() * root.imag() + other.imag() * root.real() };
                    values[start + k] = even + odd;
                    values[start + k + half] = even - odd;
                }
            }
        }
    }

    Complex power(Complex value, std::uint64_t exponent)
    {
        Complex out{ 1, 0 };
        for (; exponent > 0; exponent >>= 1U) {
            if ((exponent & 1U) != 0) {
                out *= value;
            }
            value *= value;
        }
        return out;
    }

    /// ln E[e^{t loss}] of one release.
    double logMoment(std::span<const Panel> panels, double t)
    {
        double high = -std::numeric_limits<double>::infinity();
        for (const Panel& panel : panels) {
            if (panel.mass > 0) {
                high = std::max(high, t * panel.loss + std::log(panel.mass));
            }
        }
        double sum = 0;
        for (const Panel& panel : panels) {
            if (panel.mass > 0) {
                sum += panel.mass * std::exp(t * panel.loss - high);
            }
        }
        return high + std::log(sum);
    }

    using Mechanism = std::pair<std::vector<Panel>, std::uint64_t>;

    /// Every 32 panels as one with their most extreme loss: enough for a bound of the tails.
    std::vector<Panel> coarse(std::span<const Panel> panels, double sign)
    {
        constexpr std::size_t kJoined = 32;
        std::vector<Panel> out;
        for (std::size_t i = 0; i < panels.size(); i += kJoined) {
            Panel joined{ 0, sign * panels[i].loss };
            for (const Panel& panel : panels.subspan(i, std::min(kJoined, panels.size() - i))) {
                joined.mass += panel.mass;
                joined.loss = std::max(joined.loss, sign * panel.loss);
            }
            out.push_back(joined);
        }
        return out;
    }

    /// Where the composed loss ends, up to 1e-15: above for sign 1, below for sign -1.
    double chernoffEnd(std::span<const Mechanism> mechanisms, double sign)
    {
        std::vector<Mechanism> joined;
        for (const auto& [panels, steps] : mechanisms) {
            joined.emplace_back(coarse(panels, sign), steps);
        }
        double best = std::numeric_limits<double>::infinity();
        for (double t = 0.05; t < 4000; t *= 1.35) {
            double moment = -kLogTail;
            for (const auto& [panels, steps] : joined) {
                moment += static_cast<double>(steps) * logMoment(panels, t);
            }
            best = std::min(best, moment / t);
        }
        return sign * best;
    }

    std::size_t wrap(std::int64_t index, std::size_t points)
    {
        const auto n = static_cast<std::int64_t>(points);
        return static_cast<std::size_t>(((index % n) + n) % n);
    }

    /// Splits each panel's mass between the two grid points around its loss such that the mass
    /// under the other data set, e^-loss as much, is kept too.
    std::vector<Complex> onGrid(std::span<const Panel> panels, double step, std::size_t points)
    {
        std::vector<Complex> mass(points);
        for (const Panel& panel : panels) {
            const double below = std::floor(panel.loss / step);
            const double upper
                = std::expm1(-(panel.loss - below * step)) / std::expm1(-step) * panel.mass;
            const auto index = static_cast<std::int64_t>(below);
            mass[wrap(index, points)] += panel.mass - upper;
            mass[wrap(index + 1, points)] += upper;
        }
        return mass;
    }

} // namespace

LossDistribution::Side LossDistribution::composeSide(
    std::span<const NoisyReleases> releases, Direction direction)
{
    std::vector<Mechanism> mechanisms;
    double unfollowed = 0;
    for (const NoisyReleases& release : releases) {
        const double noise = release.noise;
        const double rate = release.rate;
        const double left = -kReach * noise;
        const double width = (1 + 2 * kReach * noise) / static_cast<double>(kPanels);
        std::vector<Panel> panels;
        panels.reserve(kPanels);
        for (std::size_t i = 0; i < kPanels; ++i) {
            const double a = left + width * static_cast<double>(i);
            const double b = a + width;
            const double exponent = (a + b - 1) / (2 * noise * noise);
            // ln(1 - rate + rate e^exponent), whichever side is large.
            const double loss = exponent > 0
                ? exponent + std::log(rate + (1 - rate) * std::exp(-exponent))
                : std::log1p(rate * std::expm1(exponent));
            const double without = normalMass(a / noise, b / noise);
            if (direction == Direction::Removed) {
                const double with = normalMass((a - 1) / noise, (b - 1) / noise);
                panels.push_back({ (1 - rate) * without + rate * with, loss });
            } else {
                panels.push_back({ without, -loss });
            }
        }
        unfollowed += 1e-20 * static_cast<double>(release.steps);
        mechanisms.emplace_back(std::move(panels), release.steps);
    }
    const double low = chernoffEnd(mechanisms, -1);
    const double high = chernoffEnd(mechanisms, 1);
    std::size_t points = 1024;
    while (points < kMostPoints && static_cast<double>(points) * kLeastStep < high - low) {
        points *= 2;
    }
    const double step = std::max(kLeastStep, (high - low) / static_cast<double>(points - 2));

    std::vector<Complex> product(points, Complex{ 1, 0 });
    for (const auto& [panels, steps] : mechanisms) {
        std::vector<Complex> spectrum = onGrid(panels, step, points);
        transform(spectrum, -1);
        for (std::size_t i = 0; i < points; ++i) {
            product[i] *= power(spectrum[i], steps);
        }
    }
    transform(product, 1);

    Side side;
    const auto first = static_cast<std::int64_t>(std::floor(low / step));
    side.lowest = static_cast<double>(first) * step;
    side.step = step;
    side.infinite = unfollowed + 2e-15;
    side.mass.resize(points);
    for (std::size_t i = 0; i < points; ++i) {
        const Complex value = product[wrap(first + static_cast<std::int64_t>(i), points)];
        side.mass[i] = std::max(0.0, value.real() / static_cast<double>(points));
    }
    return side;
}

Result<LossDistribution> LossDistribution::compose(std::span<const NoisyReleases> releases)
{
    if (releases.empty()) {
        return fail(Errc::Invalid, "there is nothing to compose");
    }
    bool isSymmetric = true;
    for (const NoisyReleases& release : releases) {
        TRY(release.validate());
        isSymmetric = isSymmetric && release.rate == 1;
    }
    LossDistribution out;
    out.m_sides.push_back(composeSide(releases, Direction::Removed));
    if (!isSymmetric) {
        out.m_sides.push_back(composeSide(releases, Direction::Added));
    }
    for (const Side& side : out.m_sides) {
        if (side.step > kWidestStep) {
            return fail(Errc::Unavailable,
                "the privacy loss is too wide for the grid: take rdp instead of pld");
        }
    }
    return out;
}

double LossDistribution::Side::delta(double epsilon) const
{
    double sum = infinite;
    for (std::size_t i = mass.size(); i-- > 0;) {
        const double loss = lowest + step * static_cast<double>(i);
        if (loss <= epsilon) {
            break;
        }
        sum += -std::expm1(epsilon - loss) * mass[i];
    }
    return sum;
}

double LossDistribution::delta(double epsilon) const
{
    double worst = 0;
    for (const Side& side : m_sides) {
        worst = std::max(worst, side.delta(epsilon));
    }
    return std::min(1.0, worst);
}

Result<double> LossDistribution::epsilon(double wanted) const
{
    if (!(wanted >= 1e-11 && wanted < 1)) {
        return fail(Errc::Invalid, "pld needs a delta of 1e-11 or more: take rdp below");
    }
    double low = 0;
    double high = 0;
    for (const Side& side : m_sides) {
        high = std::max(high, side.lowest + side.step * static_cast<double>(side.mass.size()));
    }
    if (delta(0) <= wanted) {
        return 0.0;
    }
    while (high - low > 1e-9 * std::max(1.0, high)) {
        const double middle = 0.5 * (low + high);
        (delta(middle) > wanted ? low : high) = middle;
    }
    return high;
}

} // namespace loam::training
