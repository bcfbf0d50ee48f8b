// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/narrow.h"
#include "crypto/hash.h"
#include "world.h"

#include <algorithm>

namespace loam::simulation {

namespace {

    Vote signedVote(const World& world, const Node& node, VoteKind kind, Height height,
        const base::Hash256& block)
    {
        Vote vote{ kind, world.validators().epoch, height, block,
            base::narrow<ValidatorIndex>(node.index), {} };
        vote.signature = node.key.sign(vote.signedBytes(world.network()));
        return vote;
    }

    void sendTo(
        World& world, const Node& node, const std::vector<std::size_t>& to, const Message& message)
    {
        const base::Bytes bytes = encodeMessage(message);
        for (const std::size_t receiver : to) {
            world.deliver(node.index, receiver, bytes);
        }
    }

    /// All Byzantine validators together back one block towards some and another towards the rest.
    void backBoth(World& world, Height height, const base::Hash256& first,
        const base::Hash256& second, const std::vector<std::size_t>& left,
        const std::vector<std::size_t>& right)
    {
        for (const auto& liar : world.nodes()) {
            if (!liar->isByzantine) {
                continue;
            }
            for (const VoteKind kind : { VoteKind::Notarize, VoteKind::Finalize }) {
                sendTo(world, *liar, left, signedVote(world, *liar, kind, height, first));
                sendTo(world, *liar, right, signedVote(world, *liar, kind, height, second));
            }
        }
    }

    void equivocate(
        World& world, Node& node, const Proposal& proposal, const std::vector<std::size_t>& to)
    {
        Block other = *proposal.block.block;
        // Sometimes the twin is one that no application accepts.
        if (world.chance(0.3)) {
            other.payload.push_back(std::byte{ 0xff });
        } else {
            other.payload
                = payloadOf({ 1'000'000 + base::narrow<std::uint32_t>(world.below(1000)) });
        }
        Proposal twin{ HashedBlock::of(std::move(other)), {}, proposal.justification };
        const Height height = proposal.vote.height;
        twin.vote = signedVote(world, node, VoteKind::Notarize, height, twin.block.hash);
        std::vector<std::size_t> left;
        std::vector<std::size_t> right;
        for (const std::size_t receiver : to) {
            (world.chance(0.5) ? left : right).push_back(receiver);
        }
        sendTo(world, node, left, proposal);
        sendTo(world, node, right, twin);
        backBoth(world, height, proposal.block.hash, twin.block.hash, left, right);
    }

    void voteTwice(World& world, Node& node, const Vote& vote, const std::vector<std::size_t>& to)
    {
        std::vector<std::size_t> some;
        std::copy_if(to.begin(), to.end(), std::back_inserter(some),
            [&](std::size_t) { return world.chance(0.5); });
        const base::Hash256 other = crypto::sha256(vote.block.view());
        sendTo(world, node, some, signedVote(world, node, VoteKind::Notarize, vote.height, other));
        sendTo(world, node, to, signedVote(world, node, VoteKind::Nullify, vote.height, {}));
        if (vote.kind != VoteKind::Nullify) {
            sendTo(world, node, some,
                signedVote(world, node, VoteKind::Finalize, vote.height, vote.block));
        }
    }

    void claimFuture(World& world, Node& node, Height height, const std::vector<std::size_t>& to)
    {
        const std::size_t ahead = world.chance(0.5) ? world.below(20) : world.below(1'000'000);
        const Height claimed = height + ahead;
        const std::uint64_t epoch = world.validators().epoch;
        sendTo(world, node, to, signedVote(world, node, VoteKind::Nullify, claimed + 1, {}));
        sendTo(world, node, to, Status{ epoch, claimed, claimed + 1, 0 });
    }

    base::Bytes corrupted(World& world, base::Bytes message)
    {
        const std::size_t position = world.below(message.size());
        message[position] ^= static_cast<std::byte>(1 + world.below(255));
        if (world.chance(0.2)) {
            message.resize(world.below(message.size()));
        }
        return message;
    }

} // namespace

void misbehave(
    World& world, Node& node, const base::Bytes& message, const std::vector<std::size_t>& to)
{
    const Mischief& mischief = node.mischief;
    if (mischief.mute) {
        return;
    }
    const base::Result<Message> decoded = decodeMessage(message);
    const auto* proposal = std::get_if<Proposal>(&*decoded);
    if (proposal != nullptr && mischief.silentLeader) {
        return;
    }
    if (proposal != nullptr && mischief.equivocates) {
        equivocate(world, node, *proposal, to);
        return;
    }
    if (std::holds_alternative<Certificate>(*decoded) && mischief.withholdsCertificates) {
        return;
    }
    if (const auto* vote = std::get_if<Vote>(&*decoded)) {
        if (mischief.doubleVotes) {
            voteTwice(world, node, *vote, to);
        }
        if (mischief.claimsFuture && world.chance(0.3)) {
            claimFuture(world, node, vote->height, to);
        }
    }
    if (mischief.replays && world.chance(0.2)) {
        // Old news, much later, to everyone.
        world.at(world.now() + milliseconds{ world.below(5000) },
            [&world, &node, message, to, life = node.incarnation] {
                if (node.simplex && node.incarnation == life) {
                    for (const std::size_t receiver : to) {
                        world.deliver(node.index, receiver, message);
                    }
                }
            });
    }
    for (const std::size_t receiver : to) {
        if (mischief.selective && world.chance(0.5)) {
            continue;
        }
        const bool isSpoilt = mischief.garbage && world.chance(0.3);
        world.deliver(node.index, receiver, isSpoilt ? corrupted(world, message) : message);
    }
}

} // namespace loam::simulation
