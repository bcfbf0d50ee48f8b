// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/require.h"
#include "crypto/aead.h"
#include "training/secure_sum.h"
#include "training/sum_masks.h"

#include <algorithm>
#include <set>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    crypto::SymmetricKey drawKey(crypto::KeyStream& random)
    {
        crypto::SymmetricKey key;
        random.fill(key.mutableView());
        return key;
    }

    crypto::AgreementKey drawAgreement(crypto::KeyStream& random)
    {
        return crypto::AgreementKey::fromPrivate(drawKey(random));
    }

} // namespace

SumMember::SumMember(
    SumTerms terms, const crypto::KeyPair& key, const crypto::SymmetricKey& randomness)
    : m_terms{ std::move(terms) }
    , m_key{ &key }
    , m_random{ crypto::StreamCipher::ChaCha20, randomness }
    , m_cipherKey{ drawAgreement(m_random) }
    , m_maskSecret{ drawKey(m_random) }
    , m_seed{ drawKey(m_random) }
    , m_place{ m_terms.placeOf(key.publicKey()) }
{
}

Result<SumMember> SumMember::create(
    SumTerms terms, const crypto::KeyPair& key, const crypto::SymmetricKey& randomness)
{
    TRY(terms.validate());
    if (terms.placeOf(key.publicKey()) == 0) {
        return fail(Errc::Invalid, "this node is no member of the group");
    }
    return SumMember{ std::move(terms), key, randomness };
}

template <class Phase> Result<base::Bytes> SumMember::run(Stage stage, Stage next, Phase phase)
{
    if (m_stage != stage) {
        return fail(Errc::Denied, "this phase of the private round is over or has not begun");
    }
    Result<base::Bytes> out = phase();
    m_stage = out ? next : Stage::Failed;
    if (m_stage == Stage::Failed || m_stage == Stage::Done) {
        forget();
    }
    return out;
}

void SumMember::forget()
{
    m_cipherKey = crypto::AgreementKey::fromPrivate(crypto::SymmetricKey{});
    m_maskSecret = crypto::SymmetricKey{};
    m_seed = crypto::SymmetricKey{};
    m_random = crypto::KeyStream{ crypto::StreamCipher::ChaCha20, m_seed };
    m_peers.clear();
}

Result<base::Bytes> SumMember::advertise()
{
    return run(Stage::Advertise, Stage::Share, [this]() -> Result<base::Bytes> {
        const auto maskKey = crypto::AgreementKey::fromPrivate(m_maskSecret.clone());
        m_advertisement = signMessage(m_terms, *m_key,
            Advertisement{
                m_cipherKey.publicKey(), maskKey.publicKey(), masks::seedHash(m_terms, m_seed) });
        return m_advertisement;
    });
}

Result<> SumMember::readKeys(base::ByteView list)
{
    TRY_ASSIGN(const std::vector<base::Bytes> messages, readList(list));
    std::set<crypto::X25519Public> keys;
    std::uint32_t last = 0;
    bool hasOwn = false;
    for (const base::Bytes& message : messages) {
        TRY_ASSIGN(const auto from, readAdvertisement(m_terms, message));
        if (from.place <= last) {
            return fail(Errc::Denied, "the organiser's list of keys is out of order");
        }
        last = from.place;
        // A key of two owners would let one stand in for the other.
        if (!keys.insert(from.body.cipherKey).second || !keys.insert(from.body.maskKey).second) {
            return fail(Errc::Denied, "two members of the group show the same key");
        }
        if (from.place == m_place) {
            hasOwn = message == m_advertisement;
        }
        m_peers[from.place].keys = from.body;
    }
    if (!hasOwn) {
        return fail(Errc::Denied, "the organiser's list lacks this member's own keys");
    }
    if (m_peers.size() < m_terms.threshold) {
        return fail(Errc::Unavailable,
            "only " + std::to_string(m_peers.size()) + " members showed keys, the group needs "
                + std::to_string(m_terms.threshold));
    }
    m_list = masks::listHash(list);
    return {};
}

Result<base::Bytes> SumMember::shareKeys(base::ByteView list)
{
    return run(Stage::Share, Stage::Mask, [this, list]() -> Result<base::Bytes> {
        TRY(readKeys(list));
        const auto count = static_cast<std::uint32_t>(m_terms.members.size());
        std::vector<SecretShare> ofKey
            = splitSecret(m_maskSecret, m_terms.threshold, count, m_random);
        std::vector<SecretShare> ofSeed = splitSecret(m_seed, m_terms.threshold, count, m_random);
        ShareBundle bundle;
        bundle.list = m_list;
        for (auto& [place, peer] : m_peers) {
            SecretShare& keyShare = ofKey[place - 1];
            SecretShare& seedShare = ofSeed[place - 1];
            if (place == m_place) {
                peer.maskKeyShare = std::move(keyShare);
                peer.seedShare = std::move(seedShare);
                bundle.sealed.emplace_back();
                continue;
            }
            TRY_ASSIGN(const crypto::SymmetricKey key,
                masks::shareKey(m_terms, m_cipherKey, peer.keys.cipherKey, m_place, place));
            base::Bytes plain = base::toBytes(keyShare.view());
            plain.insert(plain.end(), seedShare.view().begin(), seedShare.view().end());
            bundle.sealed.push_back(crypto::seal(crypto::Aead::ChaCha20Poly1305, key,
                crypto::counterNonce(0), masks::shareContext(m_terms, m_place, place), plain));
            crypto::wipe(plain);
        }
        return signMessage(m_terms, *m_key, bundle);
    });
}

Result<> SumMember::openShares(const Inbox& inbox)
{
    if (!contains(inbox.sharers, m_place)) {
        return fail(Errc::Denied, "the organiser left this member out");
    }
    if (inbox.sharers.size() < m_terms.threshold) {
        return fail(Errc::Unavailable,
            "only " + std::to_string(inbox.sharers.size()) + " members shared, the group needs "
                + std::to_string(m_terms.threshold));
    }
    for (std::size_t i = 0; i < inbox.sharers.size(); ++i) {
        const std::uint32_t place = inbox.sharers[i];
        if (place == m_place) {
            continue;
        }
        const auto peer = m_peers.find(place);
        if (peer == m_peers.end()) {
            return fail(Errc::Denied, "a member shared that showed no keys");
        }
        TRY_ASSIGN(const crypto::SymmetricKey key,
            masks::shareKey(m_terms, m_cipherKey, peer->second.keys.cipherKey, place, m_place));
        auto plain = crypto::open(crypto::Aead::ChaCha20Poly1305, key, crypto::counterNonce(0),
            masks::shareContext(m_terms, place, m_place), inbox.sealed[i]);
        if (!plain || plain->size() != 2 * SecretShare::kSize) {
            return fail(Errc::Denied, "a share for this member was changed or is of another round");
        }
        const base::ByteView view{ *plain };
        std::ranges::copy(view.first(SecretShare::kSize),
            peer->second.maskKeyShare.emplace().mutableView().begin());
        std::ranges::copy(view.subspan(SecretShare::kSize),
            peer->second.seedShare.emplace().mutableView().begin());
        crypto::wipe(*plain);
    }
    m_sharers = inbox.sharers;
    return {};
}

Result<base::Bytes> SumMember::mask(base::ByteView inbox, std::vector<std::uint32_t> input)
{
    Result<base::Bytes> out = run(Stage::Mask, Stage::Confirm, [&]() -> Result<base::Bytes> {
        const std::uint32_t outside = ~m_terms.mask();
        const bool fits = std::none_of(input.begin(), input.end(),
            [outside](std::uint32_t value) { return (value & outside) != 0; });
        if (input.size() != m_terms.values || !fits) {
            return fail(Errc::Invalid, "the vector to be summed is not of this ring and size");
        }
        TRY_ASSIGN(const Inbox opened, readInbox(inbox));
        TRY(openShares(opened));
        MaskedVector masked{ m_list, input };
        masks::apply(m_terms, masks::ownKey(m_terms, m_seed), masks::Sign::Plus, masked.values);
        const auto maskKey = crypto::AgreementKey::fromPrivate(m_maskSecret.clone());
        for (const std::uint32_t place : m_sharers) {
            if (place == m_place) {
                continue;
            }
            TRY_ASSIGN(const crypto::SymmetricKey key,
                masks::pairKey(m_terms, maskKey, m_peers.at(place).keys.maskKey));
            masks::apply(m_terms, key, masks::pairSign(m_place, place), masked.values);
        }
        return signMessage(m_terms, *m_key, masked);
    });
    crypto::wipe(std::as_writable_bytes(std::span{ input }));
    return out;
}

Result<base::Bytes> SumMember::confirm(base::ByteView survivors)
{
    return run(Stage::Confirm, Stage::Unmask, [this, survivors]() -> Result<base::Bytes> {
        TRY_ASSIGN(m_survivors, readPlaces(survivors));
        const bool areSharers = std::ranges::includes(m_sharers, m_survivors);
        if (!areSharers || !contains(m_survivors, m_place)) {
            return fail(Errc::Denied, "the organiser's list of survivors is wrong");
        }
        if (m_survivors.size() < m_terms.threshold) {
            return fail(Errc::Unavailable,
                "only " + std::to_string(m_survivors.size())
                    + " masked vectors came, the group needs " + std::to_string(m_terms.threshold));
        }
        return signMessage(m_terms, *m_key, Confirmation{ m_list, m_sharers, m_survivors });
    });
}

Result<base::Bytes> SumMember::unmask(base::ByteView confirmations)
{
    return run(Stage::Unmask, Stage::Done, [this, confirmations]() -> Result<base::Bytes> {
        TRY_ASSIGN(const std::vector<base::Bytes> messages, readList(confirmations));
        const Confirmation mine{ m_list, m_sharers, m_survivors };
        Places signers;
        for (const base::Bytes& message : messages) {
            TRY_ASSIGN(const auto from, readConfirmation(m_terms, message));
            if (!(from.body == mine)) {
                return fail(Errc::Denied, "the organiser told members different things");
            }
            if (!contains(m_survivors, from.place)
                || (!signers.empty() && from.place <= signers.back())) {
                return fail(Errc::Denied, "the confirmations are not of distinct survivors");
            }
            signers.push_back(from.place);
        }
        if (signers.size() < m_terms.threshold) {
            return fail(Errc::Unavailable,
                "only " + std::to_string(signers.size()) + " survivors confirmed, the group needs "
                    + std::to_string(m_terms.threshold));
        }
        return reveal();
    });
}

Result<base::Bytes> SumMember::reveal()
{
    Unmasking out;
    for (const std::uint32_t place : m_sharers) {
        Peer& peer = m_peers.at(place);
        std::optional<SecretShare>& told
            = contains(m_survivors, place) ? peer.seedShare : peer.maskKeyShare;
        std::optional<SecretShare>& kept
            = contains(m_survivors, place) ? peer.maskKeyShare : peer.seedShare;
        // Whoever had both could take every mask off this member's vector: the other one is gone
        // before the first is told, and a share that is gone cannot be told.
        kept.reset();
        ASSERT(told.has_value());
        out.shares.push_back(std::move(*told));
        told.reset();
    }
    return signMessage(m_terms, *m_key, out);
}

} // namespace loam::training
