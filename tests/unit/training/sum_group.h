// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "training/secure_sum.h"

#include <QString>

#include <array>
#include <memory>
#include <random>
#include <vector>

/// What the tests of the secure sum share.
namespace loam::test {

using training::SumMember;
using training::SumOrganiser;
using training::SumTerms;
using Vector = std::vector<std::uint32_t>;

inline crypto::SymmetricKey keyOf(std::uint32_t number, std::uint8_t purpose)
{
    std::array<std::byte, 32> bytes{};
    bytes[0] = static_cast<std::byte>(number & 255U);
    bytes[1] = static_cast<std::byte>(number >> 8U);
    bytes[31] = std::byte{ purpose };
    return crypto::SymmetricKey{ bytes };
}

/// A group with everybody's keys, run by hand so that tests can step between the phases.
struct SumGroup
{
    explicit SumGroup(std::uint32_t count, std::uint32_t values = 50, std::uint64_t round = 3,
        std::uint8_t bits = 24)
    {
        for (std::uint32_t i = 0; i < count; ++i) {
            keys.push_back(std::make_unique<crypto::KeyPair>(crypto::Seed{ [i] {
                std::array<std::byte, 32> seed{};
                seed[0] = static_cast<std::byte>(i & 255U);
                seed[1] = static_cast<std::byte>(i >> 8U);
                return seed;
            }() }));
            terms.members.push_back(keys.back()->publicKey());
        }
        terms.group.data.fill(std::byte{ 7 });
        terms.round = round;
        terms.threshold = training::sumThreshold(count);
        terms.bits = bits;
        terms.values = values;
        for (std::uint32_t i = 0; i < count; ++i) {
            auto member
                = SumMember::create(terms, *keys[i], keyOf(i, static_cast<std::uint8_t>(round)));
            members.push_back(std::make_unique<SumMember>(std::move(*member)));
        }
        organiser = std::make_unique<SumOrganiser>(*SumOrganiser::create(terms));
        alive.assign(count, true);
    }

    /// Runs one phase of all who are alive: `act` gives a member's message.
    template <class Act> void phase(const Act& act)
    {
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (!alive[i]) {
                continue;
            }
            base::Result<base::Bytes> message = act(i);
            if (!message) {
                errors.push_back(message.error());
                continue;
            }
            seen.push_back(*message);
            if (auto taken = organiser->take(*message); !taken) {
                errors.push_back(taken.error());
            }
        }
    }
    base::Bytes told(std::size_t i)
    {
        base::Bytes message = organiser->messageFor(terms.members[i]).value_or(base::Bytes{});
        seen.push_back(message);
        return message;
    }
    void advertise()
    {
        phase([this](std::size_t i) { return members[i]->advertise(); });
    }
    void share()
    {
        phase([this](std::size_t i) { return members[i]->shareKeys(told(i)); });
    }
    void mask(const std::vector<Vector>& inputs)
    {
        phase([&](std::size_t i) { return members[i]->mask(told(i), inputs[i]); });
    }
    void confirm()
    {
        phase([this](std::size_t i) { return members[i]->confirm(told(i)); });
    }
    void unmask()
    {
        phase([this](std::size_t i) { return members[i]->unmask(told(i)); });
    }
    /// Everything, members `dropsBefore[i]` gone before that phase (0 = advertise ... 5 = never).
    base::Result<training::OpenedSum> run(
        const std::vector<Vector>& inputs, const std::vector<int>& dropsBefore)
    {
        for (int number = 0; number < 5; ++number) {
            for (std::size_t i = 0; i < alive.size(); ++i) {
                alive[i] = alive[i] && dropsBefore[i] > number;
            }
            switch (number) {
            case 0:
                advertise();
                break;
            case 1:
                share();
                break;
            case 2:
                mask(inputs);
                break;
            case 3:
                confirm();
                break;
            default:
                unmask();
            }
            TRY(organiser->close());
        }
        TRY_ASSIGN(transcript, organiser->transcript());
        return training::openSum(terms, transcript);
    }

    SumTerms terms;
    std::vector<std::unique_ptr<crypto::KeyPair>> keys;
    std::vector<std::unique_ptr<SumMember>> members;
    std::unique_ptr<SumOrganiser> organiser;
    std::vector<bool> alive;
    std::vector<base::Bytes> seen; ///< every message that left a state machine
    std::vector<base::Error> errors;
    training::SumTranscript transcript;
};

inline std::vector<Vector> inputsOf(const SumGroup& group, unsigned seed)
{
    std::mt19937 engine{ seed };
    std::vector<Vector> out(group.members.size(), Vector(group.terms.values));
    for (Vector& vector : out) {
        for (std::uint32_t& value : vector) {
            value = static_cast<std::uint32_t>(engine()) & group.terms.mask();
        }
    }
    return out;
}

inline Vector sumOf(const SumGroup& group, const std::vector<Vector>& inputs,
    const std::vector<base::PublicKey>& survivors)
{
    Vector sum(group.terms.values);
    for (const base::PublicKey& node : survivors) {
        const Vector& input = inputs[group.terms.placeOf(node) - 1];
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] = (sum[i] + input[i]) & group.terms.mask();
        }
    }
    return sum;
}

inline std::vector<int> allStay(const SumGroup& group)
{
    return std::vector<int>(group.members.size(), 5);
}

inline QString said(const SumGroup& group)
{
    return group.errors.empty() ? QString{} : QString::fromStdString(group.errors.front().message);
}

} // namespace loam::test
