// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/require.h"
#include "training/secure_sum.h"
#include "training/sum_masks.h"

#include <algorithm>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    template <class Value>
    std::vector<base::Bytes> valuesOf(const std::map<std::uint32_t, Value>& map)
    {
        std::vector<base::Bytes> out;
        for (const auto& [place, value] : map) {
            out.push_back(value);
        }
        return out;
    }

    template <class Value> Places keysOf(const std::map<std::uint32_t, Value>& map)
    {
        Places out;
        for (const auto& [place, value] : map) {
            out.push_back(place);
        }
        return out;
    }

    /// Reads a list of messages whose places must ascend.
    template <class Body, class Read>
    Result<std::map<std::uint32_t, Body>> readAll(
        const SumTerms& terms, const std::vector<base::Bytes>& messages, const Read& read)
    {
        std::map<std::uint32_t, Body> out;
        std::uint32_t last = 0;
        for (const base::Bytes& message : messages) {
            TRY_ASSIGN(FromMember<Body> from, read(terms, message));
            if (from.place <= last) {
                return fail(Errc::Invalid, "a transcript's messages are not in ascending order");
            }
            last = from.place;
            out.emplace(last, std::move(from.body));
        }
        return out;
    }

    /// The secret behind shares some of which may be wrong: `threshold` neighbours in turn, until
    /// what they make is what its owner advertised.
    template <class IsRight>
    Result<crypto::SymmetricKey> recover(const std::vector<const PlacedShare*>& shares,
        std::uint32_t threshold, const IsRight& isRight)
    {
        if (shares.size() < threshold) {
            return fail(Errc::Unavailable, "too few shares of a secret");
        }
        const std::size_t windows = shares.size() == threshold ? 1 : shares.size();
        for (std::size_t first = 0; first < windows; ++first) {
            std::vector<const PlacedShare*> window;
            for (std::size_t i = 0; i < threshold; ++i) {
                window.push_back(shares[(first + i) % shares.size()]);
            }
            Result<crypto::SymmetricKey> secret = joinSecret(window);
            if (secret && isRight(*secret)) {
                return secret;
            }
        }
        return fail(Errc::Corrupt, "the shares do not make the secret its owner advertised");
    }

    using Advertisements = std::map<std::uint32_t, Advertisement>;

    /// Takes all masks off the sum, given the shares of every sharer.
    Result<> takeMasksOff(const SumTerms& terms, const Advertisements& keys,
        const Confirmation& seen, const std::map<std::uint32_t, std::vector<PlacedShare>>& shares,
        std::vector<std::uint32_t>& sum)
    {
        for (const std::uint32_t place : seen.sharers) {
            const Advertisement& owner = keys.at(place);
            std::vector<const PlacedShare*> told;
            for (const PlacedShare& share : shares.at(place)) {
                told.push_back(&share);
            }
            if (contains(seen.survivors, place)) {
                TRY_ASSIGN(const crypto::SymmetricKey seed,
                    recover(told, terms.threshold, [&](const crypto::SymmetricKey& secret) {
                        return masks::seedHash(terms, secret) == owner.seedHash;
                    }));
                masks::apply(terms, masks::ownKey(terms, seed), masks::Sign::Minus, sum);
                continue;
            }
            TRY_ASSIGN(crypto::SymmetricKey secret,
                recover(told, terms.threshold, [&](const crypto::SymmetricKey& one) {
                    return crypto::AgreementKey::fromPrivate(one.clone()).publicKey()
                        == owner.maskKey;
                }));
            const auto maskKey = crypto::AgreementKey::fromPrivate(std::move(secret));
            for (const std::uint32_t other : seen.survivors) {
                TRY_ASSIGN(const crypto::SymmetricKey key,
                    masks::pairKey(terms, maskKey, keys.at(other).maskKey));
                // The survivor's own sign of this pair, undone.
                const masks::Sign sign = masks::pairSign(other, place);
                masks::apply(terms, key,
                    sign == masks::Sign::Plus ? masks::Sign::Minus : masks::Sign::Plus, sum);
            }
        }
        return {};
    }

} // namespace

Result<OpenedSum> openSum(const SumTerms& terms, const SumTranscript& transcript)
{
    TRY(terms.validate());
    TRY_ASSIGN(const Advertisements keys,
        readAll<Advertisement>(terms, transcript.advertisements, readAdvertisement));
    const base::Hash256 list = masks::listHash(writeList(transcript.advertisements));
    TRY_ASSIGN(const auto confirmations,
        readAll<Confirmation>(terms, transcript.confirmations, readConfirmation));
    if (confirmations.size() < terms.threshold) {
        return fail(Errc::Unavailable, "fewer members confirmed the sum than its threshold");
    }
    const Confirmation& seen = confirmations.begin()->second;
    for (const auto& [place, body] : confirmations) {
        if (!(body == seen) || !contains(seen.survivors, place)) {
            return fail(Errc::Denied, "the members did not confirm the same survivors");
        }
    }
    const Places known = keysOf(keys);
    if (seen.list != list || seen.survivors.size() < terms.threshold
        || !std::ranges::includes(known, seen.sharers)
        || !std::ranges::includes(seen.sharers, seen.survivors)) {
        return fail(Errc::Denied, "the confirmed lists do not fit the advertised keys");
    }
    OpenedSum out;
    out.values.resize(terms.values);
    TRY_ASSIGN(
        const auto masked, readAll<MaskedVector>(terms, transcript.masked, readMaskedVector));
    if (keysOf(masked) != seen.survivors) {
        return fail(Errc::Denied, "the masked vectors are not those of the survivors");
    }
    for (const auto& [place, vector] : masked) {
        if (vector.list != list) {
            return fail(Errc::Denied, "a masked vector answers another list of keys");
        }
        for (std::size_t i = 0; i < out.values.size(); ++i) {
            out.values[i] = (out.values[i] + vector.values[i]) & terms.mask();
        }
        out.survivors.push_back(terms.members[place - 1]);
    }
    TRY_ASSIGN(auto unmaskings, readAll<Unmasking>(terms, transcript.unmaskings, readUnmasking));
    std::map<std::uint32_t, std::vector<PlacedShare>> shares;
    for (auto& [place, body] : unmaskings) {
        if (!contains(seen.survivors, place) || body.shares.size() != seen.sharers.size()) {
            return fail(Errc::Denied, "an unmasking is not of a survivor or has a wrong size");
        }
        for (std::size_t i = 0; i < body.shares.size(); ++i) {
            shares[seen.sharers[i]].push_back({ place, std::move(body.shares[i]) });
        }
    }
    if (unmaskings.size() < terms.threshold) {
        return fail(Errc::Unavailable, "fewer members unmasked the sum than its threshold");
    }
    TRY(takeMasksOff(terms, keys, seen, shares, out.values));
    return out;
}

SumOrganiser::SumOrganiser(SumTerms terms)
    : m_terms{ std::move(terms) }
{
    for (std::uint32_t place = 1; place <= m_terms.members.size(); ++place) {
        m_expected.push_back(place);
    }
}

Result<SumOrganiser> SumOrganiser::create(SumTerms terms)
{
    TRY(terms.validate());
    return SumOrganiser{ std::move(terms) };
}

std::map<std::uint32_t, base::Bytes>& SumOrganiser::current()
{
    switch (m_stage) {
    case Stage::Advertise:
        return m_advertisements;
    case Stage::Share:
        return m_bundles;
    case Stage::Mask:
        return m_masked;
    case Stage::Confirm:
        return m_confirmations;
    case Stage::Unmask:
    case Stage::Done:
    case Stage::Failed:
        return m_unmaskings;
    }
    ASSERT(false && "unknown stage");
    return m_unmaskings;
}

const std::map<std::uint32_t, base::Bytes>& SumOrganiser::current() const
{
    return const_cast<SumOrganiser*>(this)->current();
}

std::size_t SumOrganiser::answered() const
{
    return current().size();
}

Result<std::uint32_t> SumOrganiser::senderOf(base::ByteView message) const
{
    const auto place = [](auto&& read) -> Result<std::uint32_t> {
        TRY(read);
        return read->place;
    };
    switch (m_stage) {
    case Stage::Advertise:
        return place(readAdvertisement(m_terms, message));
    case Stage::Share: {
        TRY_ASSIGN(const auto from, readShareBundle(m_terms, message));
        if (from.body.list != m_list || from.body.sealed.size() != m_advertisements.size()) {
            return fail(Errc::Invalid, "the shares answer another list of keys");
        }
        return from.place;
    }
    case Stage::Mask: {
        TRY_ASSIGN(const auto from, readMaskedVector(m_terms, message));
        if (from.body.list != m_list) {
            return fail(Errc::Invalid, "the masked vector answers another list of keys");
        }
        return from.place;
    }
    case Stage::Confirm: {
        TRY_ASSIGN(const auto from, readConfirmation(m_terms, message));
        if (!(from.body == Confirmation{ m_list, m_sharers, m_survivors })) {
            return fail(Errc::Invalid, "the member confirms other lists than were sent");
        }
        return from.place;
    }
    case Stage::Unmask: {
        TRY_ASSIGN(const auto from, readUnmasking(m_terms, message));
        if (from.body.shares.size() != m_sharers.size()) {
            return fail(Errc::Invalid, "the member did not unmask every sharer");
        }
        return from.place;
    }
    case Stage::Done:
    case Stage::Failed:
        break;
    }
    return fail(Errc::Unavailable, "the private round is over");
}

Result<> SumOrganiser::take(base::ByteView message)
{
    TRY_ASSIGN(const std::uint32_t place, senderOf(message));
    if (!contains(m_expected, place)) {
        return fail(Errc::Denied, "the member has dropped out of this round");
    }
    const auto [found, isNew] = current().emplace(place, base::toBytes(message));
    if (!isNew && !std::ranges::equal(found->second, message)) {
        return fail(Errc::Denied, "the member sent a different message for this phase before");
    }
    return {};
}

Result<> SumOrganiser::close()
{
    if (m_stage == Stage::Done || m_stage == Stage::Failed) {
        return fail(Errc::Unavailable, "the private round is over");
    }
    if (answered() < m_terms.threshold) {
        const std::size_t count = answered();
        m_stage = Stage::Failed;
        return fail(Errc::Unavailable,
            "only " + std::to_string(count) + " members answered, the group needs "
                + std::to_string(m_terms.threshold));
    }
    m_expected = keysOf(current());
    switch (m_stage) {
    case Stage::Advertise:
        m_list = masks::listHash(writeList(valuesOf(m_advertisements)));
        m_stage = Stage::Share;
        break;
    case Stage::Share:
        m_sharers = m_expected;
        for (const auto& [place, message] : m_bundles) {
            // Checked when it was taken; read once here for all the inboxes.
            TRY_ASSIGN(auto bundle, readShareBundle(m_terms, message));
            m_sealed[place] = std::move(bundle.body.sealed);
        }
        m_bundles.clear();
        m_stage = Stage::Mask;
        break;
    case Stage::Mask:
        m_survivors = m_expected;
        m_stage = Stage::Confirm;
        break;
    case Stage::Confirm:
        m_stage = Stage::Unmask;
        break;
    case Stage::Unmask:
        m_stage = Stage::Done;
        break;
    case Stage::Done:
    case Stage::Failed:
        break;
    }
    return {};
}

std::optional<base::Bytes> SumOrganiser::messageFor(const base::PublicKey& member) const
{
    const std::uint32_t place = m_terms.placeOf(member);
    if (!contains(m_expected, place)) {
        return std::nullopt;
    }
    switch (m_stage) {
    case Stage::Share:
        return writeList(valuesOf(m_advertisements));
    case Stage::Mask: {
        const Places listed = keysOf(m_advertisements);
        const auto column = static_cast<std::size_t>(
            std::lower_bound(listed.begin(), listed.end(), place) - listed.begin());
        Inbox inbox;
        inbox.sharers = m_sharers;
        for (const std::uint32_t sharer : m_sharers) {
            inbox.sealed.push_back(sharer == place ? base::Bytes{} : m_sealed.at(sharer)[column]);
        }
        return writeInbox(inbox);
    }
    case Stage::Confirm:
        return writePlaces(m_survivors);
    case Stage::Unmask:
        return writeList(valuesOf(m_confirmations));
    case Stage::Advertise:
    case Stage::Done:
    case Stage::Failed:
        break;
    }
    return std::nullopt;
}

Result<SumTranscript> SumOrganiser::transcript() const
{
    if (m_stage != Stage::Done) {
        return fail(Errc::Unavailable, "the sum is not complete");
    }
    SumTranscript out{ valuesOf(m_advertisements), valuesOf(m_masked), valuesOf(m_confirmations),
        valuesOf(m_unmaskings) };
    TRY(openSum(m_terms, out));
    return out;
}

} // namespace loam::training
