// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/fuzz.h"
#include "swarm/handshake.h"
#include "swarm/lanes.h"

#include <algorithm>

using namespace loam;

namespace {

base::Bytes joined(const swarm::OutItem& item)
{
    base::Bytes out = item.header;
    out.insert(out.end(), item.body.begin(), item.body.end());
    return out;
}

/// What a peer may send before and after the handshake, as one message.
void decodeAll(base::ByteView input)
{
    if (const auto frame = swarm::decodeFrame(input)) {
        ASSERT(std::ranges::equal(swarm::encodeFrame(*frame), input));
    }
    if (const auto hello = swarm::Hello::decode(input)) {
        ASSERT(std::ranges::equal(hello->encode(), input));
    }
    if (const auto gossip = swarm::decodeGossip(base::toBytes(input))) {
        ASSERT(std::ranges::equal(joined(swarm::encodeGossip(*gossip)), input));
    }
    if (auto bulk = swarm::decodeBulk(base::toBytes(input))) {
        const auto again = swarm::decodeBulk(joined(swarm::encodeBulk(std::move(*bulk))));
        ASSERT(again.has_value());
    }
}

/// The input as a sequence of frames, each after its size in one byte.
void receiveSequence(base::ByteView input)
{
    swarm::LaneReceiver receiver{ 1000 };
    while (!input.empty()) {
        const std::size_t size = std::min(std::to_integer<std::size_t>(input[0]), input.size() - 1);
        const auto frame = swarm::decodeFrame(input.subspan(1, size));
        input = input.subspan(1 + size);
        const auto* fragment = frame ? std::get_if<swarm::Fragment>(&*frame) : nullptr;
        if (fragment != nullptr && !receiver.accept(*fragment)) {
            return;
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    decodeAll(fuzz::bytes(data, size));
    receiveSequence(fuzz::bytes(data, size));
    return 0;
}
