// SPDX-License-Identifier: GPL-3.0-or-later
// The secure sum against an organiser, members and strangers who do not keep to it.
#include "training/sum_masks.h"
#include "unit/support.h"
#include "unit/training/sum_group.h"

#include <algorithm>
#include <set>

using namespace loam;
using namespace loam::test;
using base::Errc;

class TestSecureSumAttacks final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void organiserTellsDifferentSurvivors();
    void organiserTellsDifferentKeys();
    void organiserLeavesOut();
    void bothSharesAreNeverTold();
    void oldRoundsAreRefused();
    void changedShareIsNoticed();
    void wrongSharesAreCorrected();
    void strangersAndForgeries();
    void transcriptsCannotBeBent();
};

void TestSecureSumAttacks::organiserTellsDifferentSurvivors()
{
    // The attack on the plain protocol: a victim is told to be among the dropped in one story and
    // among the survivors in another, which would free both of its secrets.
    SumGroup group{ 7 };
    group.advertise();
    LOAM_OK(group.organiser->close());
    group.share();
    LOAM_OK(group.organiser->close());
    group.mask(inputsOf(group, 4));
    LOAM_OK(group.organiser->close());
    const base::Bytes all = training::writePlaces({ 1, 2, 3, 4, 5, 6, 7 });
    const base::Bytes without = training::writePlaces({ 1, 2, 3, 4, 5, 6 });
    std::vector<base::Bytes> confirmations;
    for (std::size_t i = 0; i < 7; ++i) {
        const auto confirmed = group.members[i]->confirm(i < 4 || i == 6 ? all : without);
        LOAM_OK(confirmed);
        confirmations.push_back(*confirmed);
    }
    // Neither story has enough signatures; a mix is refused; so is a repeated signature.
    const auto mixed = training::writeList(confirmations);
    LOAM_FAILS(group.members[0]->unmask(mixed), Errc::Denied);
    const auto few = training::writeList(
        { confirmations[0], confirmations[1], confirmations[2], confirmations[3] });
    LOAM_FAILS(group.members[1]->unmask(few), Errc::Unavailable);
    const auto repeated = training::writeList({ confirmations[0], confirmations[1],
        confirmations[2], confirmations[3], confirmations[3] });
    LOAM_FAILS(group.members[2]->unmask(repeated), Errc::Denied);
    // Whoever was told a lie once answers nothing any more.
    LOAM_FAILS(group.members[0]->unmask(mixed), Errc::Denied);
}

void TestSecureSumAttacks::organiserTellsDifferentKeys()
{
    SumGroup group{ 4 };
    std::vector<base::Bytes> keys;
    for (auto& member : group.members) {
        keys.push_back(*member->advertise());
    }
    // Members 1 and 2 hear of all, 3 and 4 do not hear of 2.
    const auto all = training::writeList(keys);
    const auto some = training::writeList({ keys[0], keys[2], keys[3] });
    LOAM_OK(group.members[0]->shareKeys(all));
    LOAM_OK(group.members[2]->shareKeys(some));
    LOAM_FAILS(group.members[1]->shareKeys(some), Errc::Denied); // lacks its own
    // A member's keys under another's name, or out of order, or doubled.
    const auto swapped = training::writeList({ keys[1], keys[0], keys[2], keys[3] });
    LOAM_FAILS(group.members[3]->shareKeys(swapped), Errc::Denied);
}

void TestSecureSumAttacks::organiserLeavesOut()
{
    SumGroup group{ 4 };
    group.advertise();
    LOAM_OK(group.organiser->close());
    group.share();
    LOAM_OK(group.organiser->close());
    const auto inbox = training::readInbox(group.told(0));
    LOAM_OK(inbox);
    training::Inbox less{ { 2, 3, 4 }, { inbox->sealed[1], inbox->sealed[2], inbox->sealed[3] } };
    LOAM_FAILS(group.members[0]->mask(training::writeInbox(less), Vector(50)), Errc::Denied);
    const auto second = training::readInbox(group.told(1));
    training::Inbox few{ { 1, 2 }, { second->sealed[0], {} } };
    LOAM_FAILS(group.members[1]->mask(training::writeInbox(few), Vector(50)), Errc::Unavailable);
    LOAM_OK(group.members[2]->mask(group.told(2), Vector(50)));
    LOAM_FAILS(group.members[2]->confirm(training::writePlaces({ 1, 2, 4 })), Errc::Denied);
    LOAM_OK(group.members[3]->mask(group.told(3), Vector(50)));
    LOAM_FAILS(group.members[3]->confirm(training::writePlaces({ 3, 4 })), Errc::Unavailable);
}

void TestSecureSumAttacks::bothSharesAreNeverTold()
{
    SumGroup group{ 4 };
    std::vector<int> drops = allStay(group);
    drops[2] = 2; // shared, but sent no masked vector
    LOAM_OK(group.run(inputsOf(group, 6), drops));
    // One share a sharer, and a second question is not answered at all.
    for (const base::Bytes& message : group.transcript.unmaskings) {
        const auto unmasking = training::readUnmasking(group.terms, message);
        LOAM_OK(unmasking);
        QCOMPARE(unmasking->body.shares.size(), 4U);
    }
    const auto confirmations = training::writeList(group.transcript.confirmations);
    for (const std::size_t i : { 0U, 1U, 3U }) {
        LOAM_FAILS(group.members[i]->unmask(confirmations), Errc::Denied);
        LOAM_FAILS(group.members[i]->confirm(training::writePlaces({ 1, 2, 3, 4 })), Errc::Denied);
    }
}

void TestSecureSumAttacks::oldRoundsAreRefused()
{
    SumGroup before{ 4, 50, 3 };
    LOAM_OK(before.run(inputsOf(before, 7), allStay(before)));
    SumGroup now{ 4, 50, 4 };
    // Every kind of message of the round before, to organiser and members.
    for (const auto* list : { &before.transcript.advertisements, &before.transcript.masked,
             &before.transcript.confirmations, &before.transcript.unmaskings }) {
        for (const base::Bytes& message : *list) {
            LOAM_FAILS(now.organiser->take(message), Errc::Invalid);
        }
    }
    LOAM_OK(now.members[0]->advertise());
    LOAM_FAILS(now.members[0]->shareKeys(training::writeList(before.transcript.advertisements)),
        Errc::Invalid);
    // A transcript says nothing about another round or group.
    SumTerms other = before.terms;
    other.round = 9;
    LOAM_FAILS(training::openSum(other, before.transcript), Errc::Invalid);
    other = before.terms;
    other.group.data[0] ^= std::byte{ 1 };
    LOAM_FAILS(training::openSum(other, before.transcript), Errc::Invalid);
    other = before.terms;
    other.network.data[0] ^= std::byte{ 1 };
    LOAM_FAILS(training::openSum(other, before.transcript), Errc::Denied);
}

void TestSecureSumAttacks::changedShareIsNoticed()
{
    SumGroup group{ 4 };
    group.advertise();
    LOAM_OK(group.organiser->close());
    group.share();
    LOAM_OK(group.organiser->close());
    auto inbox = training::readInbox(group.told(0));
    LOAM_OK(inbox);
    // A sealed share is for one pair in one direction: not another's, not a changed one.
    training::Inbox exchanged = *inbox;
    std::swap(exchanged.sealed[1], exchanged.sealed[2]);
    LOAM_FAILS(group.members[0]->mask(training::writeInbox(exchanged), Vector(50)), Errc::Denied);
    auto second = training::readInbox(group.told(1));
    second->sealed[0][5] ^= std::byte{ 1 };
    LOAM_FAILS(group.members[1]->mask(training::writeInbox(*second), Vector(50)), Errc::Denied);
    auto third = training::readInbox(group.told(2));
    third->sealed[0] = training::readInbox(group.told(3))->sealed[0];
    LOAM_FAILS(group.members[2]->mask(training::writeInbox(*third), Vector(50)), Errc::Denied);
}

void TestSecureSumAttacks::wrongSharesAreCorrected()
{
    SumGroup group{ 10, 30 };
    const auto inputs = inputsOf(group, 8);
    std::vector<int> drops = allStay(group);
    drops[6] = 2;
    LOAM_OK(group.run(inputs, drops));
    // One member tells nonsense, signed properly: the others' shares are enough.
    training::SumTranscript bent = group.transcript;
    training::Unmasking nonsense;
    for (int i = 0; i < 10; ++i) {
        nonsense.shares.emplace_back().mutableView()[0] = std::byte{ 1 };
    }
    bent.unmaskings[0] = training::signMessage(group.terms, *group.keys[0], nonsense);
    const auto opened = training::openSum(group.terms, bent);
    LOAM_OK(opened);
    QVERIFY(opened->values == sumOf(group, inputs, opened->survivors));
    // With just the threshold left it shows, instead of giving a wrong sum.
    bent.unmaskings.resize(7);
    LOAM_FAILS(training::openSum(group.terms, bent), Errc::Corrupt);
}

void TestSecureSumAttacks::strangersAndForgeries()
{
    SumGroup group{ 4 };
    const SumGroup others{ 6 };
    const auto stranger = crypto::KeyPair{ crypto::Seed{ [] {
        std::array<std::byte, 32> seed{};
        seed[9] = std::byte{ 9 };
        return seed;
    }() } };
    LOAM_FAILS(group.organiser->take(
                   training::signMessage(group.terms, stranger, training::Advertisement{})),
        Errc::Denied);
    LOAM_FAILS(SumMember::create(group.terms, stranger, keyOf(1, 1)), Errc::Invalid);
    base::Bytes own = *group.members[0]->advertise();
    base::Bytes forged = own;
    forged.back() ^= std::byte{ 1 };
    LOAM_FAILS(group.organiser->take(forged), Errc::Denied);
    LOAM_OK(group.organiser->take(own));
    LOAM_OK(group.organiser->take(own));
    // Two different advertisements of one member: the second is refused.
    auto twin = SumMember::create(group.terms, *group.keys[0], keyOf(77, 7));
    LOAM_FAILS(group.organiser->take(*twin->advertise()), Errc::Denied);
    LOAM_FAILS(group.organiser->take(base::Bytes(100)), Errc::Invalid);
    QCOMPARE(group.organiser->answered(), 1U);
    QVERIFY(!group.organiser->messageFor(stranger.publicKey()));
}

void TestSecureSumAttacks::transcriptsCannotBeBent()
{
    SumGroup group{ 7, 20 };
    const auto inputs = inputsOf(group, 9);
    std::vector<int> drops = allStay(group);
    drops[3] = 2;
    LOAM_OK(group.run(inputs, drops));
    const training::SumTranscript& good = group.transcript;
    LOAM_OK(training::openSum(group.terms, good));
    training::SumTranscript bent = good;
    bent.masked.pop_back();
    LOAM_FAILS(training::openSum(group.terms, bent), Errc::Denied);
    bent = good;
    bent.confirmations.resize(4);
    LOAM_FAILS(training::openSum(group.terms, bent), Errc::Unavailable);
    bent = good;
    bent.unmaskings.resize(4);
    LOAM_FAILS(training::openSum(group.terms, bent), Errc::Unavailable);
    bent = good;
    bent.advertisements.erase(bent.advertisements.begin() + 3);
    LOAM_FAILS(training::openSum(group.terms, bent), Errc::Denied);
    bent = good;
    std::swap(bent.masked[0], bent.masked[1]);
    LOAM_FAILS(training::openSum(group.terms, bent), Errc::Invalid);
    bent = good;
    bent.masked[0].back() ^= std::byte{ 1 };
    LOAM_FAILS(training::openSum(group.terms, bent), Errc::Denied);
}

QTEST_GUILESS_MAIN(TestSecureSumAttacks)
#include "tst_secure_sum_attacks.moc"
