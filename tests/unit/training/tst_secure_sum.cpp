// SPDX-License-Identifier: GPL-3.0-or-later
// The secure sum among honest members: exact, whoever drops out when.
#include "training/sum_masks.h"
#include "unit/support.h"
#include "unit/training/sum_group.h"

#include <algorithm>
#include <set>

using namespace loam;
using namespace loam::test;
using base::Errc;

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
    SumGroup group{ static_cast<std::uint32_t>(members), static_cast<std::uint32_t>(values), 3,
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
    SumGroup group{ 10, 200 };
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
    SumGroup group{ 64, 64 };
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
        SumGroup group{ 10 };
        std::vector<int> drops = allStay(group);
        drops[0] = drops[3] = drops[5] = drops[7] = phase; // six of ten
        const auto opened = group.run(inputsOf(group, 3), drops);
        LOAM_FAILS(opened, Errc::Unavailable);
        QVERIFY(group.organiser->stage() == SumOrganiser::Stage::Failed);
        LOAM_FAILS(group.organiser->transcript(), Errc::Unavailable);
        LOAM_FAILS(group.organiser->close(), Errc::Unavailable);
    }
}

void TestSecureSum::phasesRunOnce()
{
    SumGroup group{ 4 };
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
    SumTerms terms = SumGroup{ 6 }.terms;
    LOAM_OK(terms.validate());
    QCOMPARE(training::sumThreshold(32), 22U);
    QCOMPARE(training::sumThreshold(64), 43U);
    terms.threshold = 4;
    LOAM_FAILS(terms.validate(), Errc::Invalid);
    terms = SumGroup{ 6 }.terms;
    terms.members[1] = terms.members[0];
    LOAM_FAILS(terms.validate(), Errc::Invalid);
    terms = SumGroup{ 6 }.terms;
    terms.bits = 33;
    LOAM_FAILS(terms.validate(), Errc::Invalid);
    SumGroup group{ 4, 8, 3, 16 };
    group.advertise();
    LOAM_OK(group.organiser->close());
    group.share();
    LOAM_OK(group.organiser->close());
    LOAM_FAILS(group.members[0]->mask(group.told(0), Vector(8, 0x10000)), Errc::Invalid);
    LOAM_FAILS(group.members[1]->mask(group.told(1), Vector(7)), Errc::Invalid);
}

QTEST_GUILESS_MAIN(TestSecureSum)
#include "tst_secure_sum.moc"
