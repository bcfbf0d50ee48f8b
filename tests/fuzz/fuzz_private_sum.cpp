// SPDX-License-Identifier: GPL-3.0-or-later
// Every message of the secure sum. The first byte says which; what needs a signature is tried as it
// is and again properly signed by a member, so that the parsers behind the signature are reached.
#include "fuzz/fuzz.h"
#include "training/private_lane.h"
#include "training/secure_sum.h"

#include <algorithm>
#include <array>

using namespace loam;

namespace {

constexpr std::size_t kMembers = 4;

crypto::KeyPair keyOf(std::size_t member)
{
    std::array<std::byte, 32> seed{};
    seed[0] = static_cast<std::byte>(member + 1);
    return crypto::KeyPair{ crypto::Seed{ seed } };
}

const std::vector<crypto::KeyPair>& keys()
{
    static const std::vector<crypto::KeyPair> kKeys = [] {
        std::vector<crypto::KeyPair> out;
        for (std::size_t i = 0; i < kMembers; ++i) {
            out.push_back(keyOf(i));
        }
        return out;
    }();
    return kKeys;
}

const training::SumTerms& terms()
{
    static const training::SumTerms kTerms = [] {
        training::SumTerms out;
        out.round = 1;
        out.bits = 16;
        out.values = 4;
        out.threshold = training::sumThreshold(kMembers);
        for (const crypto::KeyPair& key : keys()) {
            out.members.push_back(key.publicKey());
        }
        return out;
    }();
    return kTerms;
}

/// The input as the payload of a message that a member signed.
base::Bytes signedBy(const crypto::KeyPair& key, std::string_view type, base::ByteView payload)
{
    codec::Envelope envelope{ std::string{ type }, base::toBytes(payload), key.publicKey(), {} };
    envelope.signature = key.sign(envelope.signedBytes(terms().network));
    return envelope.encode();
}

template <class Read>
void readMessage(const Read& read, std::string_view type, base::ByteView input)
{
    static_cast<void>(read(terms(), input));
    const base::Bytes message = signedBy(keys()[1], type, input);
    if (const auto from = read(terms(), message)) {
        ASSERT(from->place == 2);
        // What was accepted is written to the very bytes.
        ASSERT(std::ranges::equal(training::signMessage(terms(), keys()[1], from->body), message));
    }
}

/// What an organiser may tell a member that has shown its keys.
void tellMember(base::ByteView input)
{
    auto member = training::SumMember::create(terms(), keys()[0], crypto::SymmetricKey{});
    ASSERT(member->advertise().has_value());
    static_cast<void>(member->shareKeys(input));
    ASSERT(!member->shareKeys(input).has_value());
}

void decodeRecords(base::ByteView input)
{
    if (const auto record = training::GroupRecord::decode(input)) {
        ASSERT(std::ranges::equal(record->encode(), input));
    }
    if (const auto transcript = training::SumTranscript::decode(input)) {
        ASSERT(std::ranges::equal(transcript->encode(), input));
        static_cast<void>(training::openSum(terms(), *transcript));
    }
}

void decodeLists(base::ByteView input)
{
    if (const auto list = training::readList(input)) {
        ASSERT(std::ranges::equal(training::writeList(*list), input));
    }
    if (const auto inbox = training::readInbox(input)) {
        ASSERT(std::ranges::equal(training::writeInbox(*inbox), input));
    }
    if (const auto places = training::readPlaces(input)) {
        ASSERT(std::ranges::equal(training::writePlaces(*places), input));
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const base::ByteView input = fuzz::bytes(data, size).subspan(1);
    switch (data[0] % 8) {
    case 0:
        readMessage(training::readAdvertisement, training::kAdvertise, input);
        break;
    case 1:
        readMessage(training::readShareBundle, training::kShare, input);
        break;
    case 2:
        readMessage(training::readMaskedVector, training::kMask, input);
        break;
    case 3:
        readMessage(training::readConfirmation, training::kConfirm, input);
        break;
    case 4:
        readMessage(training::readUnmasking, training::kUnmask, input);
        break;
    case 5:
        tellMember(input);
        break;
    case 6:
        decodeRecords(input);
        break;
    default:
        decodeLists(input);
    }
    return 0;
}
