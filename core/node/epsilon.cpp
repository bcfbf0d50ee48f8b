// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/epsilon.h"

#include "training/accountant.h"

#include <fmt/format.h>

#include <cmath>

namespace loam::node {

base::Result<EpsilonReply> answerEpsilon(const EpsilonQuestion& question)
{
    const auto method = training::accountingMethod(question.method);
    if (!method) {
        return base::fail(base::Errc::Invalid,
            "there is no method " + question.method + ": take rdp, zcdp, pld or gaussian");
    }
    TRY_ASSIGN(const training::EpsilonAnswer answer,
        training::answerEpsilon(
            { question.noise, question.rate, question.steps }, question.delta, *method));
    EpsilonReply out;
    out.epsilon = answer.epsilon;
    out.rho = answer.rho;
    out.order = answer.order;
    out.method = question.method;
    // The guarantee in plain words: what a guess about one person can gain.
    out.sentence
        = fmt::format("Whoever sees everything that is published can raise his odds that you "
                      "took part by a factor of at most {:.3g}, except with probability {:.1g}.",
            std::exp(answer.epsilon), question.delta);
    return out;
}

} // namespace loam::node
