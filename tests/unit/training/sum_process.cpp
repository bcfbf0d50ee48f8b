// SPDX-License-Identifier: GPL-3.0-or-later
// One member of a secure sum as a process of its own, for tst_sum_processes. Its vector is one
// random word over and over, a taint that no other process may ever hold; only the word's
// complement is told, at the very end. Lines of hexadecimal text: the terms, then one message of
// each phase.
#include "crypto/random.h"
#include "training/secure_sum.h"

#include <array>
#include <cstdio>
#include <iostream>
#include <sstream>

using namespace loam;

namespace {

std::uint32_t randomWord(std::uint32_t mask)
{
    std::array<std::byte, 4> bytes{};
    std::uint32_t word = 0;
    while (word == 0) {
        crypto::randomBytes(bytes);
        for (const std::byte byte : bytes) {
            word = word << 8U | std::to_integer<std::uint32_t>(byte);
        }
        word &= mask;
    }
    return word;
}

base::Result<base::Bytes> phase(training::SumMember& member, int number, const base::Bytes& told,
    std::vector<std::uint32_t>& own)
{
    switch (number) {
    case 0:
        return member.advertise();
    case 1:
        return member.shareKeys(told);
    case 2:
        return member.mask(told, std::move(own));
    case 3:
        return member.confirm(told);
    default:
        return member.unmask(told);
    }
}

} // namespace

int main()
{
    const crypto::KeyPair key = crypto::KeyPair::generate();
    std::cout << base::toHex(key.publicKey().view()) << std::endl;
    std::string line;
    std::getline(std::cin, line);
    std::istringstream words{ line };
    training::SumTerms terms;
    std::uint32_t bits = 0;
    std::string group;
    words >> terms.round >> terms.threshold >> bits >> terms.values >> group;
    terms.bits = static_cast<std::uint8_t>(bits);
    terms.group = *base::fixedFromHex<base::Hash256>(group);
    for (std::string member; words >> member;) {
        terms.members.push_back(*base::fixedFromHex<base::PublicKey>(member));
    }
    auto member = training::SumMember::create(terms, key, crypto::randomKey());
    if (!member) {
        std::cout << "error " << member.error().message << std::endl;
        return 1;
    }
    const std::uint32_t taint = randomWord(terms.mask());
    std::vector<std::uint32_t> own(terms.values, taint);
    std::cout << "ready" << std::endl;
    while (std::getline(std::cin, line) && line != "tell") {
        std::istringstream request{ line };
        int number = 0;
        std::string hex;
        request >> number >> hex;
        const auto told = base::fromHex(hex);
        const auto said = told ? phase(*member, number, *told, own) : told;
        std::cout << (said ? base::toHex(*said) : "error " + said.error().message) << std::endl;
    }
    std::cout << ~taint << std::endl;
    return 0;
}
