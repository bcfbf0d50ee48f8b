// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#ifndef Q_MOC_RUN // the moc of Qt 6.4 cannot parse <concepts>
#include "base/narrow.h"
#endif
#include "consensus/message.h"
#include "consensus/simplex.h"
#include "crypto/hash.h"

#include <string>
#include <vector>

namespace loam::consensus::test {

inline base::Hash256 hashOf(std::string_view text)
{
    return crypto::sha256(base::asBytes(text));
}

inline crypto::KeyPair keyPair(std::size_t index)
{
    const base::Hash256 hash = hashOf("test key " + std::to_string(index));
    crypto::Seed seed;
    std::copy(hash.data.begin(), hash.data.end(), seed.mutableView().begin());
    return crypto::KeyPair{ std::move(seed) };
}

/// n validators with known keys, and what they sign.
struct Validators
{
    explicit Validators(std::size_t count)
    {
        set.epoch = 5;
        for (std::size_t i = 0; i < count; ++i) {
            keys.push_back(keyPair(i));
            set.members.push_back(keys.back().publicKey());
        }
    }

    Vote vote(std::size_t voter, VoteKind kind, Height height, const base::Hash256& block) const
    {
        Vote out{ kind, set.epoch, height, block, base::narrow<ValidatorIndex>(voter), {} };
        out.signature = keys[voter].sign(out.signedBytes(network));
        return out;
    }

    Certificate certificate(VoteKind kind, Height height, const base::Hash256& block,
        const std::vector<std::size_t>& voters) const
    {
        Certificate out{ kind, set.epoch, height, block, {}, {} };
        for (const std::size_t voter : voters) {
            out.voters.push_back(base::narrow<ValidatorIndex>(voter));
            out.signatures.push_back(vote(voter, kind, height, block).signature);
        }
        return out;
    }

    Proposal proposal(Height height, const base::Hash256& parent, std::string_view payload,
        std::vector<Certificate> justification = {}) const
    {
        Block block{ height, set.epoch, parent, base::toBytes(base::asBytes(payload)) };
        Proposal out{ HashedBlock::of(std::move(block)), {}, std::move(justification) };
        out.vote = vote(set.leader(height), VoteKind::Notarize, height, out.block.hash);
        return out;
    }

    const base::PublicKey& key(std::size_t index) const { return set.members[index]; }

    std::vector<crypto::KeyPair> keys;
    ValidatorSet set;
    base::NetworkId network{ hashOf("test network").data };
    base::Hash256 genesis{ hashOf("test genesis") };
};

} // namespace loam::consensus::test
