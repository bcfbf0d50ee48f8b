// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "training/aggregation.h"
#include "worker/request.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace loam::worker {

/// The updates that a job's request lists, with their bodies' bytes. A body that several members
/// name is read once.
class ListedUpdates
{
public:
    static base::Result<ListedUpdates> read(const Request& request);

    /// Views into this object, which must outlive them.
    std::vector<training::Contribution> contributions() const;

private:
    struct Item
    {
        training::Contribution contribution;
        std::shared_ptr<const base::Bytes> body;
    };
    std::vector<Item> m_items;
};

/// The answer to a job that closes a round.
Json outcomeJson(const training::RoundOutcome& outcome);

} // namespace loam::worker
