// SPDX-License-Identifier: GPL-3.0-or-later
// Messages from strangers: one encoding each, and no sequence of them moves the state machine, to
// which no signature here is valid.
#include "consensus/message.h"
#include "consensus/simplex.h"
#include "fuzz/fuzz.h"

#include <algorithm>

using namespace loam;
using namespace loam::consensus;

namespace {

std::unique_ptr<Simplex> follower()
{
    Config config;
    config.validators.epoch = 5;
    for (std::size_t i = 0; i < 4; ++i) {
        base::PublicKey key;
        key.data[0] = static_cast<std::byte>(i);
        config.validators.members.push_back(key);
    }
    config.verify = [](const auto&, const auto&, const auto&) { return false; };
    auto simplex = Simplex::create(std::move(config), {});
    ASSERT(simplex.has_value());
    (*simplex)->start();
    return *std::move(simplex);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const base::ByteView input = fuzz::bytes(data, size);
    const auto message = decodeMessage(input);
    if (message) {
        ASSERT(std::ranges::equal(encodeMessage(*message), input));
    }
    const auto simplex = follower();
    for (int i = 0; i < 2; ++i) {
        const Actions actions = simplex->received(base::PublicKey{}, input);
        const bool isBlamed = std::ranges::any_of(actions,
            [](const Action& action) { return std::holds_alternative<PeerFault>(action); });
        ASSERT(message.has_value() || isBlamed);
    }
    ASSERT(simplex->height() == 1 && simplex->finalizedHeight() == 0);
    return 0;
}
