// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks, votes, certificates and evidence: what is accepted has exactly one encoding, since it is
// hashed and signed.
#include "consensus/types.h"
#include "fuzz/fuzz.h"

#include <algorithm>

using namespace loam;

namespace {

template <class Object> void check(base::ByteView input)
{
    if (const auto object = Object::decode(input)) {
        ASSERT(std::ranges::equal(object->encode(), input));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const base::ByteView input = fuzz::bytes(data, size);
    check<consensus::Block>(input);
    check<consensus::Vote>(input);
    check<consensus::Certificate>(input);
    check<consensus::Evidence>(input);
    if (const auto certificate = consensus::Certificate::decode(input)) {
        consensus::ValidatorSet validators;
        validators.epoch = certificate->epoch;
        validators.members.resize(4);
        // Nobody signed with these keys.
        ASSERT(!certificate->verify(validators, {}).has_value());
    }
    return 0;
}
