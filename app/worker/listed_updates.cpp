// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/listed_updates.h"

#include "base/file.h"

namespace loam::worker {
namespace {

    using base::Result;

    /// A body may be anything a peer sent; only what is beyond every model's needs is not even
    /// read.
    constexpr std::size_t kMaxBodyBytes = std::size_t{ 1 } << 30U;

    template <class Value> std::string hex(const Value& value)
    {
        return base::toHex(value.view());
    }

} // namespace

Result<ListedUpdates> ListedUpdates::read(const Request& request)
{
    TRY_ASSIGN(const std::vector<Request> items, request.objects("updates"));
    ListedUpdates out;
    std::map<std::string, std::shared_ptr<const base::Bytes>> bodies;
    for (const Request& item : items) {
        Item update;
        TRY_ASSIGN(update.contribution.node, item.hex<base::PublicKey>("node"));
        TRY_ASSIGN(update.contribution.commitment, item.hex<base::Hash256>("commitment"));
        TRY_ASSIGN(update.contribution.tokens, item.number("tokens"));
        TRY_ASSIGN(update.contribution.sequence, item.numberOr("sequence", out.m_items.size()));
        TRY_ASSIGN(const std::string path, item.text("path"));
        // An empty path says that the network agreed that no body came. A body that is only missing
        // here must not pass for that: the hash would differ from everybody else's.
        if (!path.empty()) {
            TRY_ASSIGN(const std::filesystem::path file, item.path("path"));
            auto& kept = bodies[path];
            if (kept == nullptr) {
                TRY_ASSIGN(base::Bytes body, base::readFile(file, kMaxBodyBytes));
                kept = std::make_shared<const base::Bytes>(std::move(body));
            }
            update.body = kept;
        }
        out.m_items.push_back(std::move(update));
    }
    return out;
}

std::vector<training::Contribution> ListedUpdates::contributions() const
{
    std::vector<training::Contribution> out;
    for (const Item& item : m_items) {
        out.push_back(item.contribution);
        if (item.body != nullptr) {
            out.back().body = *item.body;
        }
    }
    return out;
}

Json outcomeJson(const training::RoundOutcome& outcome)
{
    Json verdicts = Json::array();
    for (const training::Verdict& verdict : outcome.verdicts) {
        verdicts.push_back(
            { { "node", hex(verdict.node) }, { "commitment", hex(verdict.commitment) },
                { "accepted", verdict.accepted }, { "reason", verdict.reason },
                { "weight", verdict.weightMicro }, { "norm", verdict.normMicro } });
    }
    return Json{ { "params_hash", hex(outcome.paramsHash) },
        { "loss_before_micro", outcome.lossBeforeMicro },
        { "loss_after_micro", outcome.lossAfterMicro }, { "contributions", std::move(verdicts) },
        { "next_clip", outcome.nextClipMicro } };
}

} // namespace loam::worker
