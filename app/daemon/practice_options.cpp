// SPDX-License-Identifier: GPL-3.0-or-later
#include "practice.h"

#include <algorithm>
#include <cmath>

namespace loam::daemon {

using base::Errc;

namespace {

    constexpr int kMaxNodes = 16;
    constexpr int kMaxRounds = 1000;
    constexpr int kChunk = 4096;
    constexpr double kPracticeNoiseRatio = 1000;
    constexpr double kPracticeClip = 0.02;
    constexpr int kPracticeRounds = 16;
    constexpr double kLeastEpsilon = 8;
    constexpr double kNoise = 4; ///< the lane's default
    constexpr double kDelta = 1e-6; ///< the same

    base::Result<int> boundedInt(
        const QJsonObject& params, const char* key, int fallback, int low, int high)
    {
        const QJsonValue value = params.value(QLatin1String{ key });
        if (value.isUndefined() || value.isNull()) {
            return fallback;
        }
        const double number = value.toDouble(low - 1.0);
        if (!value.isDouble() || number < low || number > high) {
            return base::fail(Errc::Invalid,
                std::string{ key } + " must be a whole number from " + std::to_string(low) + " to "
                    + std::to_string(high));
        }
        return static_cast<int>(number);
    }

} // namespace

base::Result<PracticeOptions> PracticeOptions::fromJson(const QJsonObject& params)
{
    PracticeOptions options;
    TRY_ASSIGN(options.nodes, boundedInt(params, "nodes", options.nodes, 1, kMaxNodes));
    TRY_ASSIGN(options.rounds, boundedInt(params, "rounds", options.rounds, 1, kMaxRounds));
    TRY_ASSIGN(options.sparsity, boundedInt(params, "sparsity", options.sparsity, 1, kChunk));
    const QString lane = params.value(QLatin1String{ "lane" }).toString();
    if (!lane.isEmpty() && lane != QLatin1String{ "open" } && lane != QLatin1String{ "private" }) {
        return base::fail(Errc::Invalid, "lane must be open or private");
    }
    options.isPrivate = lane == QLatin1String{ "private" };
    if (options.isPrivate && options.nodes < kLeastPrivateNodes) {
        return base::fail(Errc::Invalid, "a private practice needs at least 4 nodes");
    }
    const int tolerated = (options.nodes - 1) / 3;
    TRY_ASSIGN(options.byzantine, boundedInt(params, "byzantine", 0, 0, tolerated));
    for (const QJsonValue& folder : params.value(QLatin1String{ "corpora" }).toArray()) {
        options.corpora.emplace_back(folder.toString().toStdString());
    }
    return options;
}

void PracticeOptions::addPrivateTerms(QJsonObject& request) const
{
    // A handful of nodes is no crowd to hide in: the groups are smaller than the lane allows and
    // the noise would drown any update, so the clip is small. All is said in the reports.
    request[QLatin1String{ "lane" }] = QStringLiteral("private");
    request[QLatin1String{ "practice" }] = true;
    request[QLatin1String{ "group_least" }] = kLeastPrivateNodes;
    request[QLatin1String{ "noise_ratio" }] = kPracticeNoiseRatio;
    request[QLatin1String{ "clip" }] = kPracticeClip;
    request[QLatin1String{ "private_rounds" }] = std::max(rounds, kPracticeRounds);
    request[QLatin1String{ "epsilon" }] = privateEpsilon();
}

double PracticeOptions::privateEpsilon() const
{
    // As the gate shows it: rho + 2 sqrt(rho ln(1 / delta)), and something for rounding.
    const double rho = std::max(rounds, kPracticeRounds) / (2 * kNoise * kNoise);
    return std::max(kLeastEpsilon, std::ceil(rho + 2 * std::sqrt(rho * std::log(1 / kDelta))) + 1);
}

} // namespace loam::daemon
