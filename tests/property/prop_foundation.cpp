// SPDX-License-Identifier: GPL-3.0-or-later
// Properties of the modules below everything: they hold for any input, not for chosen ones.
#include "base/amount.h"
#include "base/bech32m.h"
#include "codec/envelope.h"
#include "crypto/aead.h"
#include "crypto/merkle.h"
#include "crypto/mnemonic.h"
#include "crypto/note.h"

#include <rapidcheck.h>

#include <string>
#include <vector>

namespace {

using namespace loam;
using base::Amount;
using base::Bytes;

Bytes toBytes(const std::vector<std::uint8_t>& values)
{
    Bytes out;
    for (const std::uint8_t value : values) {
        out.push_back(static_cast<std::byte>(value));
    }
    return out;
}

std::uint64_t below(std::uint64_t end)
{
    return *rc::gen::inRange<std::uint64_t>(0, end);
}

/// Writes a random item of the subset, at most `depth` deep.
void writeItem(codec::Writer& writer, int depth)
{
    switch (below(depth > 0 ? 7 : 5)) {
    case 0:
        writer.unsignedInt(*rc::gen::arbitrary<std::uint64_t>());
        return;
    case 1:
        writer.signedInt(*rc::gen::arbitrary<std::int64_t>());
        return;
    case 2:
        writer.boolean(*rc::gen::arbitrary<bool>());
        return;
    case 3:
        writer.bytes(toBytes(*rc::gen::arbitrary<std::vector<std::uint8_t>>()));
        return;
    case 4:
        writer.text(*rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~')));
        return;
    case 5: {
        const std::uint64_t count = below(4);
        writer.array(count);
        for (std::uint64_t i = 0; i < count; ++i) {
            writeItem(writer, depth - 1);
        }
        return;
    }
    default: {
        const std::uint64_t count = below(4);
        writer.map(count);
        std::uint64_t key = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            key += 1 + below(1000);
            writer.key(key);
            writeItem(writer, depth - 1);
        }
        return;
    }
    }
}

/// Reads one item and writes it again.
base::Result<> copyItem(codec::Reader& reader, codec::Writer& writer, base::ByteView input)
{
    switch (std::to_integer<unsigned>(input[reader.offset()]) >> 5) {
    case 0: {
        TRY_ASSIGN(const std::uint64_t value, reader.unsignedInt());
        writer.unsignedInt(value);
        return {};
    }
    case 1: {
        TRY_ASSIGN(const std::int64_t value, reader.signedInt());
        writer.signedInt(value);
        return {};
    }
    case 2: {
        TRY_ASSIGN(const base::ByteView value, reader.bytes());
        writer.bytes(value);
        return {};
    }
    case 3: {
        TRY_ASSIGN(const std::string_view value, reader.text());
        writer.text(value);
        return {};
    }
    case 4: {
        TRY_ASSIGN(const std::size_t count, reader.array());
        writer.array(count);
        for (std::size_t i = 0; i < count; ++i) {
            TRY(copyItem(reader, writer, input));
        }
        return {};
    }
    case 5: {
        TRY_ASSIGN(const std::size_t count, reader.map());
        writer.map(count);
        for (std::size_t i = 0; i < count; ++i) {
            TRY_ASSIGN(const std::uint64_t key, reader.unsignedInt());
            writer.key(key);
            TRY(copyItem(reader, writer, input));
        }
        return {};
    }
    default: {
        TRY_ASSIGN(const bool value, reader.boolean());
        writer.boolean(value);
        return {};
    }
    }
}

bool isWholeItem(base::ByteView bytes)
{
    codec::Reader reader{ bytes };
    return reader.raw() && reader.finish();
}

/// Whatever the reader accepts, the writer would have written: there is one encoding of a value.
void requireCanonical(base::ByteView bytes)
{
    codec::Reader reader{ bytes };
    codec::Writer writer;
    const base::Result<> copied = copyItem(reader, writer, bytes);
    // Negative numbers below the range of 64 bits are in the subset, but nobody can read them.
    if (!copied) {
        RC_DISCARD("unreadable integer");
    }
    RC_ASSERT(base::toHex(writer.view()) == base::toHex(bytes));
}

void cborRoundTrips()
{
    codec::Writer writer;
    writeItem(writer, 4);
    const Bytes encoded = writer.take();
    RC_ASSERT(isWholeItem(encoded));
    requireCanonical(encoded);
}

void mutatedCborIsRefusedOrCanonical()
{
    codec::Writer writer;
    writeItem(writer, 4);
    Bytes encoded = writer.take();
    const std::uint64_t changes = 1 + below(3);
    for (std::uint64_t i = 0; i < changes && !encoded.empty(); ++i) {
        const auto at = static_cast<std::ptrdiff_t>(below(encoded.size()));
        switch (below(3)) {
        case 0:
            encoded[static_cast<std::size_t>(at)] = static_cast<std::byte>(below(256));
            break;
        case 1:
            encoded.erase(encoded.begin() + at);
            break;
        default:
            encoded.insert(encoded.begin() + at, static_cast<std::byte>(below(256)));
            break;
        }
    }
    if (isWholeItem(encoded)) {
        requireCanonical(encoded);
    }
}

void mutatedEnvelopeIsRefusedOrCanonical()
{
    codec::Envelope envelope;
    envelope.type
        = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>('a', 'z')));
    envelope.payload = toBytes(*rc::gen::arbitrary<std::vector<std::uint8_t>>());
    Bytes encoded = envelope.encode();
    RC_PRE(envelope.type.size() <= 64);
    RC_ASSERT(codec::Envelope::decode(encoded).has_value());
    encoded[below(encoded.size())] = static_cast<std::byte>(below(256));
    if (const auto back = codec::Envelope::decode(encoded)) {
        RC_ASSERT(back->encode() == encoded);
    }
}

void amountsAddLikeWideIntegers(std::int64_t a, std::int64_t b)
{
    __extension__ using Wide = __int128;
    const auto fits = [](Wide value) { return value >= INT64_MIN && value <= INT64_MAX; };
    const auto sum = Amount::fromMicro(a).add(Amount::fromMicro(b));
    const auto difference = Amount::fromMicro(a).sub(Amount::fromMicro(b));
    RC_ASSERT(sum.has_value() == fits(Wide{ a } + b));
    RC_ASSERT(difference.has_value() == fits(Wide{ a } - b));
    if (sum) {
        RC_ASSERT(sum->sub(Amount::fromMicro(b)) == Amount::fromMicro(a));
    }
    if (difference) {
        RC_ASSERT(difference->add(Amount::fromMicro(b)) == Amount::fromMicro(a));
    }
}

void amountsRoundTripThroughText(std::int64_t micro)
{
    const auto back = Amount::parse(Amount::fromMicro(micro).toString());
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->micro() == micro);
}

/// Shares of a reward never exceed it, and miss it by less than one micro-LOAM each.
void splittingNeverCreatesMoney()
{
    const auto total = static_cast<std::int64_t>(below(1'000'000'000'000));
    std::vector<std::int64_t> weights;
    std::int64_t sum = 0;
    const std::uint64_t count = 1 + below(20);
    for (std::uint64_t i = 0; i < count; ++i) {
        weights.push_back(static_cast<std::int64_t>(below(1'000'000'000)) + 1);
        sum += weights.back();
    }
    std::int64_t paid = 0;
    for (const std::int64_t weight : weights) {
        paid += Amount::fromMicro(total).scale(weight, sum).value().micro();
    }
    RC_ASSERT(paid <= total);
    RC_ASSERT(paid > total - static_cast<std::int64_t>(count));
}

/// One wrong character, one swap of neighbours: always found (BIP-350).
void bech32mFindsSingleErrors()
{
    const Bytes payload = toBytes(
        *rc::gen::container<std::vector<std::uint8_t>>(32, rc::gen::arbitrary<std::uint8_t>()));
    const std::string good = base::toBech32m("loam", payload);
    RC_ASSERT(base::fromBech32m("loam", good).value() == payload);
    constexpr std::string_view kDigits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const std::size_t at = 5 + below(good.size() - 5);
    for (const char digit : kDigits) {
        std::string bad = good;
        bad[at] = digit;
        RC_ASSERT(base::fromBech32m("loam", bad).has_value() == (digit == good[at]));
    }
    std::string swapped = good;
    if (at + 1 < swapped.size() && swapped[at] != swapped[at + 1]) {
        std::swap(swapped[at], swapped[at + 1]);
        RC_ASSERT(!base::fromBech32m("loam", swapped).has_value());
    }
}

void textEncodingsRoundTrip(const std::vector<std::uint8_t>& values)
{
    const Bytes bytes = toBytes(values);
    RC_ASSERT(base::fromHex(base::toHex(bytes)).value() == bytes);
    RC_ASSERT(base::fromBase64(base::toBase64(bytes)).value() == bytes);
}

void anyAcceptedBase64IsCanonical()
{
    const std::string text
        = *rc::gen::container<std::string>(rc::gen::elementOf(std::string{ "AQZaz09+/=" }));
    if (const auto bytes = base::fromBase64(text)) {
        RC_ASSERT(base::toBase64(*bytes) == text);
    }
}

void merkleProofsHold()
{
    crypto::MerkleTree tree;
    const std::uint64_t size = 1 + below(300);
    const auto leaf
        = [](std::uint64_t i) { return crypto::merkleLeaf(base::asBytes(std::to_string(i))); };
    for (std::uint64_t i = 0; i < size; ++i) {
        tree.append(leaf(i));
    }
    const std::uint64_t at = 1 + below(size);
    const std::uint64_t index = below(at);
    const std::uint64_t from = below(at + 1);
    const auto path = tree.inclusionProof(index, at).value();
    RC_ASSERT(crypto::verifyInclusion(leaf(index), index, at, path, tree.rootAt(at)));
    RC_ASSERT(!crypto::verifyInclusion(leaf(index + 1), index, at, path, tree.rootAt(at)));
    auto proof = tree.consistencyProof(from, at).value();
    RC_ASSERT(crypto::verifyConsistency(from, at, tree.rootAt(from), tree.rootAt(at), proof));
    if (!proof.empty()) {
        proof[below(proof.size())].data[below(32)] ^= std::byte{ 1 };
        RC_ASSERT(!crypto::verifyConsistency(from, at, tree.rootAt(from), tree.rootAt(at), proof));
    }
}

void mnemonicsRoundTrip()
{
    const std::size_t size = 16 + 4 * below(5);
    const Bytes entropy = toBytes(
        *rc::gen::container<std::vector<std::uint8_t>>(size, rc::gen::arbitrary<std::uint8_t>()));
    const auto words = crypto::mnemonicFromEntropy(entropy);
    RC_ASSERT(words.has_value());
    RC_ASSERT(crypto::entropyFromMnemonic(*words).value() == entropy);
}

void sealedMessagesOpenOnlyUnchanged(const std::vector<std::uint8_t>& values)
{
    const Bytes message = toBytes(values);
    const crypto::SymmetricKey key;
    const auto cipher = *rc::gen::element(crypto::Aead::ChaCha20Poly1305, crypto::Aead::Aes256Gcm);
    const crypto::Nonce nonce = crypto::counterNonce(below(1000));
    Bytes sealed = crypto::seal(cipher, key, nonce, {}, message);
    RC_ASSERT(crypto::open(cipher, key, nonce, {}, sealed).value() == message);
    sealed[below(sealed.size())] ^= std::byte{ 0x10 };
    RC_ASSERT(!crypto::open(cipher, key, nonce, {}, sealed).has_value());
}

void checkpointsRoundTrip(std::uint64_t size)
{
    crypto::Checkpoint checkpoint;
    checkpoint.origin
        = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>('!', '~')));
    checkpoint.size = size;
    const auto back = crypto::Checkpoint::parse(checkpoint.body());
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->body() == checkpoint.body());
}

} // namespace

int main()
{
    bool good = true;
    good &= rc::check("what is written is read, and there is one way to write it", cborRoundTrips);
    good &= rc::check("changed CBOR is refused or canonical", mutatedCborIsRefusedOrCanonical);
    good &= rc::check(
        "a changed envelope is refused or canonical", mutatedEnvelopeIsRefusedOrCanonical);
    good &= rc::check("amounts add like wide integers", amountsAddLikeWideIntegers);
    good &= rc::check("amounts round trip through text", amountsRoundTripThroughText);
    good &= rc::check("splitting never creates money", splittingNeverCreatesMoney);
    good &= rc::check("bech32m finds single errors", bech32mFindsSingleErrors);
    good &= rc::check("hex and base64 round trip", textEncodingsRoundTrip);
    good &= rc::check("accepted base64 is canonical", anyAcceptedBase64IsCanonical);
    good &= rc::check("Merkle proofs hold", merkleProofsHold);
    good &= rc::check("mnemonics round trip", mnemonicsRoundTrip);
    good &= rc::check("sealed messages open only unchanged", sealedMessagesOpenOnlyUnchanged);
    good &= rc::check("checkpoints round trip", checkpointsRoundTrip);
    return good ? 0 : 1;
}
