// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/sampler.h"

#include "base/require.h"
#include "ml/exact_math.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>

namespace loam::ml {

namespace {

    struct Candidate
    {
        Token token;
        float logit;
        double weight; ///< e^(logit - largest)
    };

    double power(float difference, float temperature)
    {
        const double x = static_cast<double>(difference) / static_cast<double>(temperature);
        return exact::exp(std::max(x, -700.0));
    }

    /// e^x for x <= 0 to 2 parts in 10^7, without a division: for sums over a whole vocabulary,
    /// which no choice of a token depends on. The series as in exact::exp, ended early.
    float roughPower(float x)
    {
        constexpr float kRounder = 12582912.0F; // 1.5 * 2^23
        constexpr float kLn2High = 0.693359375F;
        constexpr float kLn2Low = -2.12194440e-4F;
        const float least = x > -87.0F ? x : -87.0F;
        const float n = (least * 1.44269504F + kRounder) - kRounder;
        const float r = (least - n * kLn2High) - n * kLn2Low;
        float series = 1.0F / 720.0F;
        for (const float factor : { 1.0F / 120.0F, 1.0F / 24.0F, 1.0F / 6.0F, 0.5F, 1.0F, 1.0F }) {
            series = series * r + factor;
        }
        const auto exponent = static_cast<std::int32_t>(n) + 127;
        return series * std::bit_cast<float>(static_cast<std::uint32_t>(exponent) << 23U);
    }

    bool isLikelier(const Candidate& a, const Candidate& b)
    {
        return a.logit > b.logit || (a.logit == b.logit && a.token < b.token);
    }

    std::map<Token, std::size_t> countsOf(std::span<const Token> tokens)
    {
        std::map<Token, std::size_t> counts;
        for (const Token token : tokens) {
            ++counts[token];
        }
        return counts;
    }

    /// Candidate number i is token i. Only tokens that were there before change.
    void penalise(std::span<Candidate> all, const SamplingOptions& options,
        std::span<const Token> recent, std::span<const Token> answer)
    {
        const auto known = [&](Token token) {
            return token >= 0 && static_cast<std::size_t>(token) < all.size();
        };
        if (options.repetitionPenalty != 1.0F) {
            for (const auto& [token, count] : countsOf(recent)) {
                if (known(token)) {
                    float& logit = all[static_cast<std::size_t>(token)].logit;
                    logit = logit > 0.0F ? logit / options.repetitionPenalty
                                         : logit * options.repetitionPenalty;
                }
            }
        }
        if (options.presencePenalty == 0.0F && options.frequencyPenalty == 0.0F) {
            return;
        }
        for (const auto& [token, count] : countsOf(answer)) {
            if (known(token)) {
                all[static_cast<std::size_t>(token)].logit -= options.presencePenalty
                    + options.frequencyPenalty * static_cast<float>(count);
            }
        }
    }

    /// Keeps the shortest head whose share of the whole reaches p.
    void keepNucleus(std::vector<Candidate>& candidates, float p)
    {
        double total = 0.0;
        for (const Candidate& c : candidates) {
            total += c.weight;
        }
        double sum = 0.0;
        std::size_t kept = 0;
        while (kept < candidates.size() && (kept == 0 || sum < static_cast<double>(p) * total)) {
            sum += candidates[kept].weight;
            ++kept;
        }
        candidates.resize(kept);
    }

} // namespace

Sampler::Sampler(const SamplingOptions& options)
    : m_options{ options }
{
}

void Sampler::accept(Token token, bool isAnswer)
{
    m_recent.push_back(token);
    if (m_recent.size() > m_options.repetitionWindow) {
        m_recent.erase(m_recent.begin());
    }
    if (isAnswer) {
        m_answer.push_back(token);
    }
}

SampledToken Sampler::sample(std::span<const float> logits, std::size_t alternatives)
{
    ASSERT(!logits.empty());
    std::vector<Candidate> all(logits.size());
    // What is not a number can never be drawn.
    constexpr float kLeast = std::numeric_limits<float>::lowest();
    float most = kLeast;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const float logit = logits[i] > kLeast ? logits[i] : kLeast;
        all[i] = { static_cast<Token>(i), logit, 0.0 };
        most = std::max(most, logit);
    }
    double total = 0.0;
    for (const Candidate& c : all) {
        total += static_cast<double>(roughPower(c.logit - most));
    }
    const double logTotal = static_cast<double>(most) + exact::log(total);
    const auto logProbability = [&](Token token) {
        return static_cast<float>(
            static_cast<double>(std::max(logits[static_cast<std::size_t>(token)], kLeast))
            - logTotal);
    };
    SampledToken result;
    if (alternatives > 0) {
        std::vector<Candidate> likely = all;
        const std::size_t reported = std::min(alternatives, likely.size());
        std::partial_sort(likely.begin(), likely.begin() + static_cast<std::ptrdiff_t>(reported),
            likely.end(), isLikelier);
        for (std::size_t i = 0; i < reported; ++i) {
            result.best.push_back({ likely[i].token, logProbability(likely[i].token) });
        }
    }

    penalise(all, m_options, m_recent, m_answer);
    const std::size_t wanted = !(m_options.temperature > 0.0F) ? 1
        : m_options.topK == 0                                  ? all.size()
                              : std::min<std::size_t>(m_options.topK, all.size());
    std::partial_sort(
        all.begin(), all.begin() + static_cast<std::ptrdiff_t>(wanted), all.end(), isLikelier);
    all.resize(wanted);
    const float largest = all.front().logit;
    for (Candidate& c : all) {
        c.weight = power(c.logit - largest, 1.0F);
    }
    if (m_options.topP < 1.0F) {
        keepNucleus(all, m_options.topP);
    }
    std::erase_if(all, [&](const Candidate& c) {
        // The likeliest one stays, whatever is asked for.
        return c.weight < std::min(static_cast<double>(m_options.minP), 1.0);
    });
    Token token = all.front().token;
    if (all.size() > 1) {
        double sum = 0.0;
        for (Candidate& c : all) {
            c.weight = power(c.logit - largest, m_options.temperature);
            sum += c.weight;
        }
        const auto words = exact::philox({ static_cast<std::uint32_t>(m_drawn),
                                             static_cast<std::uint32_t>(m_drawn >> 32U), 0, 2 },
            { static_cast<std::uint32_t>(m_options.seed),
                static_cast<std::uint32_t>(m_options.seed >> 32U) });
        double left = sum * exact::uniform(words[0]);
        for (const Candidate& c : all) {
            token = c.token;
            left -= c.weight;
            if (left <= 0.0) {
                break;
            }
        }
    }
    ++m_drawn;
    result.token = token;
    result.logProbability = logProbability(token);
    return result;
}

} // namespace loam::ml
