// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/secure_sum.h"
#include "training/sum_masks.h"
#include "unit/support.h"

#include <QtTest>

#include <algorithm>
#include <memory>
#include <random>
#include <set>

using namespace loam;
using base::Errc;
using training::SumMember;
using training::SumOrganiser;
using training::SumTerms;

namespace {

using Vector = std::vector<std::uint32_t>;

crypto::SymmetricKey keyOf(std::uint32_t number, std::uint8_t purpose)
{
    std::array<std::byte, 32> bytes{};
    bytes[0] = static_cast<std::byte>(number & 255U);
    bytes[1] = static_cast<std::byte>(number >> 8U);
    bytes[31] = std::byte{ purpose };
    return crypto::SymmetricKey{ bytes };
}

/// A group with everybody's keys, run by hand so that tests can step between the phases.
struct Group
{
    explicit Group(std::uint32_t count, std::uint32_t values = 50, std::uint64_t round = 3,
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

std::vector<Vector> inputsOf(const Group& group, unsigned seed)
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

Vector sumOf(const Group& group, const std::vector<Vector>& inputs,
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

std::vector<int> allStay(const Group& group)
{
    return std::vector<int>(group.members.size(), 5);
}

QString said(const Group& group)
{
    return group.errors.empty() ? QString{} : QString::fromStdString(group.errors.front().message);
}

} // namespace

class TestSecureSum final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sharesMakeTheSecret_data();
    void sharesMakeTheSecret();
    void fewerSharesSayNothing();
    void badShares();
    void sumsAreExact_data();
    void sumsAreExact();
    void dropoutsInEachPhase_data();
    void dropoutsInEachPhase();
    void sixtyFourMembers();
    void belowThresholdNothingOpens();
    void organiserTellsDifferentSurvivors();
    void organiserTellsDifferentKeys();
    void organiserLeavesOut();
    void bothSharesAreNeverTold();
    void oldRoundsAreRefused();
    void changedShareIsNoticed();
    void wrongSharesAreCorrected();
    void strangersAndForgeries();
    void transcriptsCannotBeBent();
    void phasesRunOnce();
    void termsAreChecked();
};

void TestSecureSum::sharesMakeTheSecret_data()
{
    QTest::addColumn<int>("threshold");
    QTest::addColumn<int>("count");
    QTest::newRow("1 of 1") << 1 << 1;
    QTest::newRow("2 of 2") << 2 << 2;
    QTest::newRow("3 of 4") << 3 << 4;
    QTest::newRow("22 of 32") << 22 << 32;
    QTest::newRow("43 of 64") << 43 << 64;
}

void TestSecureSum::sharesMakeTheSecret()
{
    QFETCH(int, threshold);
    QFETCH(int, count);
    const auto t = static_cast<std::uint32_t>(threshold);
    const auto n = static_cast<std::uint32_t>(count);
    crypto::KeyStream random{ crypto::StreamCipher::ChaCha20, keyOf(1, 1) };
    std::mt19937 engine{ 5 };
    for (int time = 0; time < 5; ++time) {
        crypto::SymmetricKey secret;
        random.fill(secret.mutableView());
        if (time == 0) {
            std::ranges::fill(secret.mutableView(), std::byte{ 255 });
        }
        auto split = training::splitSecret(secret, t, n, random);
        std::vector<training::PlacedShare> placed;
        for (std::uint32_t place = 1; place <= n; ++place) {
            placed.push_back({ place, std::move(split[place - 1]) });
        }
        std::shuffle(placed.begin(), placed.end(), engine);
        std::vector<const training::PlacedShare*> some;
        for (std::uint32_t i = 0; i < t; ++i) {
            some.push_back(&placed[i]);
        }
        const auto joined = training::joinSecret(some);
        LOAM_OK(joined);
        QVERIFY(std::ranges::equal(joined->view(), secret.view()));
    }
}

void TestSecureSum::fewerSharesSayNothing()
{
    // With one share less every secret is as possible as the other: two secrets, split with
    // suitable polynomials, can have the same shares. Seen here: the shares of one are uniform.
    crypto::KeyStream random{ crypto::StreamCipher::ChaCha20, keyOf(2, 1) };
    const crypto::SymmetricKey secret = keyOf(0, 0);
    std::array<int, 8> seen{};
    constexpr int kTimes = 4000;
    for (int time = 0; time < kTimes; ++time) {
        const auto shares = training::splitSecret(secret, 2, 3, random);
        // The top three of the 61 bits of the first number.
        ++seen[std::to_integer<std::size_t>(shares[0].view()[7]) >> 2U];
    }
    for (const int count : seen) {
        QVERIFY(std::abs(count - kTimes / 8) < 5 * 21);
    }
}

void TestSecureSum::badShares()
{
    crypto::KeyStream random{ crypto::StreamCipher::ChaCha20, keyOf(3, 1) };
    auto shares = training::splitSecret(keyOf(9, 9), 2, 3, random);
    const training::PlacedShare a{ 1, std::move(shares[0]) };
    const training::PlacedShare again{ 1, a.share.clone() };
    const training::PlacedShare nowhere{ 0, std::move(shares[1]) };
    training::PlacedShare outside{ 3, std::move(shares[2]) };
    std::ranges::fill(outside.share.mutableView(), std::byte{ 255 });
    const std::vector<const training::PlacedShare*> repeated{ &a, &again };
    const std::vector<const training::PlacedShare*> placeless{ &a, &nowhere };
    const std::vector<const training::PlacedShare*> foreign{ &a, &outside };
    LOAM_FAILS(training::joinSecret(repeated), Errc::Invalid);
    LOAM_FAILS(training::joinSecret(placeless), Errc::Invalid);
    LOAM_FAILS(training::joinSecret(foreign), Errc::Invalid);
}

void TestSecureSum::sumsAreExact_data()
{
    QTest::addColumn<int>("members");
    QTest::addColumn<int>("values");
    QTest::addColumn<int>("bits");
    QTest::newRow("pair") << 2 << 1 << 32;
    QTest::newRow("four") << 4 << 5000 << 20;
    QTest::newRow("sixteen") << 16 << 300 << 24;
}

void TestSecureSum::sumsAreExact()
{
    QFETCH(int, members);
    QFETCH(int, values);
    QFETCH(int, bits);
    Group group{ static_cast<std::uint32_t>(members), static_cast<std::uint32_t>(values), 3,
        static_cast<std::uint8_t>(bits) };
    const auto inputs = inputsOf(group, 1);
    const auto opened = group.run(inputs, allStay(group));
    LOAM_OK(opened);
    QVERIFY2(group.errors.empty(), qPrintable(said(group)));
    QCOMPARE(opened->survivors.size(), static_cast<std::size_t>(members));
    QVERIFY(opened->values == sumOf(group, inputs, opened->survivors));
    // Whoever has the transcript's bytes gets the same.
    const auto again = training::SumTranscript::decode(group.transcript.encode());
    LOAM_OK(again);
    QVERIFY(training::openSum(group.terms, *again)->values == opened->values);
}

void TestSecureSum::dropoutsInEachPhase_data()
{
    QTest::addColumn<int>("phase");
    for (int phase = 0; phase < 5; ++phase) {
        QTest::addRow("before phase %d", phase) << phase;
    }
}

void TestSecureSum::dropoutsInEachPhase()
{
    QFETCH(int, phase);
    Group group{ 10, 200 };
    const auto inputs = inputsOf(group, 2);
    std::vector<int> drops = allStay(group);
    drops[1] = drops[4] = drops[9] = phase; // seven of ten stay, the threshold
    const auto opened = group.run(inputs, drops);
    LOAM_OK(opened);
    QVERIFY2(group.errors.empty(), qPrintable(said(group)));
    // Who has sent its masked vector is in the sum, even if it left afterwards.
    QCOMPARE(opened->survivors.size(), phase <= 2 ? 7U : 10U);
    QVERIFY(opened->values == sumOf(group, inputs, opened->survivors));
}

void TestSecureSum::sixtyFourMembers()
{
    // A word that no honest byte of the protocol shows: if it turns up, a vector leaked.
    constexpr std::array<std::byte, 8> kTaint{ std::byte{ 0x5a }, std::byte{ 0xa5 },
        std::byte{ 0x3c }, std::byte{ 0 }, std::byte{ 0x5a }, std::byte{ 0xa5 }, std::byte{ 0x3c },
        std::byte{ 0 } };
    constexpr std::uint32_t kWord = 0x003ca55a;
    Group group{ 64, 64 };
    std::vector<Vector> inputs(64, Vector(64, kWord));
    std::mt19937 engine{ 11 };
    std::vector<int> drops = allStay(group);
    std::vector<std::size_t> order(64);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), engine);
    for (std::size_t i = 0; i < 19; ++i) { // 30 %
        drops[order[i]] = static_cast<int>(engine() % 5);
    }
    const auto opened = group.run(inputs, drops);
    LOAM_OK(opened);
    QVERIFY2(group.errors.empty(), qPrintable(said(group)));
    QVERIFY(opened->values == sumOf(group, inputs, opened->survivors));
    QVERIFY(opened->survivors.size() >= 45 && opened->survivors.size() < 64);
    const auto isTainted = [&](const base::Bytes& bytes) {
        return std::ranges::search(bytes, kTaint).begin() != bytes.end();
    };
    QVERIFY(group.seen.size() > 400);
    for (const base::Bytes& message : group.seen) {
        QVERIFY(!isTainted(message));
    }
    // The organiser keeps nothing but messages; the transcript is all of what it opens with.
    QVERIFY(!isTainted(group.transcript.encode()));
    const auto plain = std::as_bytes(std::span{ inputs[0] });
    QVERIFY(isTainted(base::toBytes(plain))); // the check can see it
    qInfo("%zu survivors, %zu messages, transcript of %zu bytes", opened->survivors.size(),
        group.seen.size(), group.transcript.encode().size());
}

void TestSecureSum::belowThresholdNothingOpens()
{
    for (int phase = 0; phase < 5; ++phase) {
        Group group{ 10 };
        std::vector<int> drops = allStay(group);
        drops[0] = drops[3] = drops[5] = drops[7] = phase; // six of ten
        const auto opened = group.run(inputsOf(group, 3), drops);
        LOAM_FAILS(opened, Errc::Unavailable);
        QVERIFY(group.organiser->stage() == SumOrganiser::Stage::Failed);
        LOAM_FAILS(group.organiser->transcript(), Errc::Unavailable);
        LOAM_FAILS(group.organiser->close(), Errc::Unavailable);
    }
}

void TestSecureSum::organiserTellsDifferentSurvivors()
{
    // The attack on the plain protocol: a victim is told to be among the dropped in one story and
    // among the survivors in another, which would free both of its secrets.
    Group group{ 7 };
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

void TestSecureSum::organiserTellsDifferentKeys()
{
    Group group{ 4 };
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

void TestSecureSum::organiserLeavesOut()
{
    Group group{ 4 };
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

void TestSecureSum::bothSharesAreNeverTold()
{
    Group group{ 4 };
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

void TestSecureSum::oldRoundsAreRefused()
{
    Group before{ 4, 50, 3 };
    LOAM_OK(before.run(inputsOf(before, 7), allStay(before)));
    Group now{ 4, 50, 4 };
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

void TestSecureSum::changedShareIsNoticed()
{
    Group group{ 4 };
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

void TestSecureSum::wrongSharesAreCorrected()
{
    Group group{ 10, 30 };
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

void TestSecureSum::strangersAndForgeries()
{
    Group group{ 4 };
    const Group others{ 6 };
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

void TestSecureSum::transcriptsCannotBeBent()
{
    Group group{ 7, 20 };
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

void TestSecureSum::phasesRunOnce()
{
    Group group{ 4 };
    LOAM_FAILS(group.members[0]->shareKeys({}), Errc::Denied);
    LOAM_OK(group.members[0]->advertise());
    LOAM_FAILS(group.members[0]->advertise(), Errc::Denied);
    LOAM_FAILS(group.members[0]->shareKeys(base::Bytes(3)), Errc::Invalid);
    // That was its last chance.
    LOAM_FAILS(group.members[0]->shareKeys(base::Bytes(3)), Errc::Denied);
    LOAM_FAILS(group.members[1]->mask({}, Vector(50)), Errc::Denied);
}

void TestSecureSum::termsAreChecked()
{
    SumTerms terms = Group{ 6 }.terms;
    LOAM_OK(terms.validate());
    QCOMPARE(training::sumThreshold(32), 22U);
    QCOMPARE(training::sumThreshold(64), 43U);
    terms.threshold = 4;
    LOAM_FAILS(terms.validate(), Errc::Invalid);
    terms = Group{ 6 }.terms;
    terms.members[1] = terms.members[0];
    LOAM_FAILS(terms.validate(), Errc::Invalid);
    terms = Group{ 6 }.terms;
    terms.bits = 33;
    LOAM_FAILS(terms.validate(), Errc::Invalid);
    Group group{ 4, 8, 3, 16 };
    group.advertise();
    LOAM_OK(group.organiser->close());
    group.share();
    LOAM_OK(group.organiser->close());
    LOAM_FAILS(group.members[0]->mask(group.told(0), Vector(8, 0x10000)), Errc::Invalid);
    LOAM_FAILS(group.members[1]->mask(group.told(1), Vector(7)), Errc::Invalid);
}

QTEST_GUILESS_MAIN(TestSecureSum)
#include "tst_secure_sum.moc"
