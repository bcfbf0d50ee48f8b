// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "fixture.h"

#include <algorithm>

/// One validator under test and what it says.
namespace loam::consensus::test {

using namespace std::chrono_literals;

template <class T> std::vector<T> only(const Actions& actions)
{
    std::vector<T> out;
    for (const Action& action : actions) {
        if (const auto* found = std::get_if<T>(&action)) {
            out.push_back(*found);
        }
    }
    return out;
}

/// Broadcast and directed messages of one type.
template <class T> std::vector<T> sent(const Actions& actions)
{
    std::vector<T> out;
    const auto take = [&](const base::Bytes& bytes) {
        const auto message = decodeMessage(bytes);
        if (message && std::holds_alternative<T>(*message)) {
            out.push_back(std::get<T>(*message));
        }
    };
    for (const Action& action : actions) {
        if (const auto* broadcast = std::get_if<Broadcast>(&action)) {
            take(broadcast->message);
        } else if (const auto* directed = std::get_if<SendTo>(&action)) {
            take(directed->message);
        }
    }
    return out;
}

/// One validator of four under test, the others played by hand. Height h is led by h % 4.
struct Bench
{
    explicit Bench(std::size_t index, Recovered recovered = {})
        : self{ index }
    {
        if (recovered.finalizedHeight == 0) {
            recovered.finalizedBlock = v.genesis;
        }
        simplex = *Simplex::create(config(), std::move(recovered));
        simplex->start();
    }

    Config config() const
    {
        return { v.set, v.network, self < v.keys.size() ? &v.keys[self] : nullptr, 100ms, {} };
    }
    Actions hear(std::size_t from, const Message& message)
    {
        return simplex->received(v.key(from), encodeMessage(message));
    }
    Actions hearVotes(VoteKind kind, Height height, const base::Hash256& block,
        const std::vector<std::size_t>& voters)
    {
        Actions all;
        for (const std::size_t voter : voters) {
            Actions more = hear(voter, v.vote(voter, kind, height, block));
            std::move(more.begin(), more.end(), std::back_inserter(all));
        }
        return all;
    }

    Validators v{ 4 };
    std::size_t self;
    std::unique_ptr<Simplex> simplex;
};

inline bool isPersisted(const Actions& actions, VoteKind kind, Height height)
{
    const auto votes = only<PersistVote>(actions);
    return std::any_of(votes.begin(), votes.end(), [&](const PersistVote& persisted) {
        return persisted.vote.kind == kind && persisted.vote.height == height;
    });
}

/// No vote leaves before it stands on the disk.
inline bool votesFollowTheirPersistence(const Actions& actions)
{
    std::vector<Vote> persisted;
    for (const Action& action : actions) {
        if (const auto* write = std::get_if<PersistVote>(&action)) {
            persisted.push_back(write->vote);
        }
        for (const Vote& vote : sent<Vote>({ action })) {
            if (std::find(persisted.begin(), persisted.end(), vote) == persisted.end()) {
                return false;
            }
        }
        for (const Proposal& proposal : sent<Proposal>({ action })) {
            if (std::find(persisted.begin(), persisted.end(), proposal.vote) == persisted.end()) {
                return false;
            }
        }
    }
    return true;
}

} // namespace loam::consensus::test
