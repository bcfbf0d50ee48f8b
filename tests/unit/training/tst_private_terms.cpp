// SPDX-License-Identifier: GPL-3.0-or-later
// The private lane's arithmetic before anybody trains: groups, organisers, costs, refusals.
#include "crypto/hash.h"
#include "training/private_lane.h"
#include "unit/support.h"

#include <algorithm>
#include <cmath>
#include <set>

using namespace loam;
using base::Errc;
using training::PrivateTerms;

namespace {

base::Hash256 hashOf(std::uint8_t value)
{
    base::Hash256 out;
    out.data.fill(std::byte{ value });
    return out;
}

std::vector<base::PublicKey> strangers(std::size_t count)
{
    std::vector<base::PublicKey> out;
    for (std::size_t i = 0; i < count; ++i) {
        const base::Hash256 hash = crypto::sha256(std::as_bytes(std::span{ &i, 1 }));
        out.push_back(*base::PublicKey::from(hash.view()));
    }
    std::ranges::sort(out);
    return out;
}

} // namespace

class TestPrivateTerms final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void groupsFollowTheBeacon_data();
    void groupsFollowTheBeacon();
    void organisersRotate();
    void costIsTheAccountants();
    void smallCohortsAreRefused();
    void theClipIsAdapted();
    void termsAreChecked();
};

void TestPrivateTerms::groupsFollowTheBeacon_data()
{
    QTest::addColumn<int>("members");
    QTest::addColumn<int>("groups");
    QTest::newRow("too few") << 15 << 0;
    QTest::newRow("one") << 16 << 1;
    QTest::newRow("still one") << 31 << 1;
    QTest::newRow("nine") << 9 * 20 << 9;
    QTest::newRow("nine large") << 9 * 64 << 9;
    QTest::newRow("more") << 1000 << 16;
}

void TestPrivateTerms::groupsFollowTheBeacon()
{
    QFETCH(int, members);
    QFETCH(int, groups);
    const PrivateTerms terms;
    const auto cohort = strangers(static_cast<std::size_t>(members));
    const auto drawn = training::assignGroups(terms, hashOf(1), 5, cohort);
    QCOMPARE(drawn.size(), static_cast<std::size_t>(groups));
    std::set<base::PublicKey> seen;
    for (const auto& group : drawn) {
        QVERIFY(group.size() >= terms.groupLeast && group.size() <= terms.groupMost);
        seen.insert(group.begin(), group.end());
    }
    QVERIFY(drawn.empty() || seen.size() == cohort.size());
    QVERIFY(drawn == training::assignGroups(terms, hashOf(1), 5, cohort));
    QVERIFY(drawn.empty() || drawn != training::assignGroups(terms, hashOf(2), 5, cohort));
    QVERIFY(drawn.empty() || drawn != training::assignGroups(terms, hashOf(1), 6, cohort));
}

void TestPrivateTerms::organisersRotate()
{
    const auto group = strangers(16);
    std::set<base::PublicKey> first;
    for (std::uint64_t round = 0; round < 60; ++round) {
        const auto order = training::organisers(hashOf(3), round, group);
        QCOMPARE(std::set<base::PublicKey>(order.begin(), order.end()).size(), 16U);
        first.insert(order.front());
    }
    QVERIFY(first.size() > 10);
}

void TestPrivateTerms::costIsTheAccountants()
{
    PrivateTerms terms;
    for (const std::uint64_t rounds : { 1U, 4U, 16U, 64U }) {
        const auto cost = training::privateCost(terms, 10'000, rounds);
        QCOMPARE(cost.rho, static_cast<double>(rounds) / 32);
        // By hand: rho's epsilon without the Skellam correction, which is small at this scale, and
        // at whole orders alone.
        const double gaussian = training::zeroConcentratedEpsilon(cost.rho, 1e-6).epsilon;
        QVERIFY2(cost.epsilon >= gaussian - 1e-9 && cost.epsilon < gaussian * 1.02,
            qPrintable(QStringLiteral("%1 %2").arg(cost.epsilon).arg(gaussian)));
    }
    QCOMPARE(training::privateCost(terms, 10'000, 0).epsilon, 0.0);
}

void TestPrivateTerms::smallCohortsAreRefused()
{
    PrivateTerms terms;
    const auto few = training::judgeCohort(terms, 10'000, 20);
    QVERIFY(!few.isEnough && few.noiseRatio > 10);
    QVERIFY(few.sentence.find("members are needed") != std::string::npos);
    const auto enough = training::judgeCohort(terms, 10'000, few.membersNeeded);
    QVERIFY2(enough.isEnough, enough.sentence.c_str());
    QVERIFY(!training::judgeCohort(terms, 10'000, few.membersNeeded / 2).isEnough);
    QVERIFY(!training::judgeCohort(terms, 10'000, 15).isEnough);
    terms.rounds = 64; // epsilon 11.7, promised 8
    const auto broken = training::judgeCohort(terms, 10'000, 5000);
    QVERIFY(!broken.isEnough && broken.sentence.find("promises") != std::string::npos);
    qInfo("%s; %zu members needed", few.sentence.c_str(), few.membersNeeded);
}

void TestPrivateTerms::theClipIsAdapted()
{
    using training::nextClipMicro;
    QCOMPARE(nextClipMicro(1'000'000, 1'000'000, 0.5), 1'000'000U);
    // e^-0.1 and e^0.1 by the series to the fourth power.
    QCOMPARE(nextClipMicro(1'000'000, 1'000'000, 1), 904'838U);
    QCOMPARE(nextClipMicro(1'000'000, 1'000'000, 0), 1'105'171U);
    QCOMPARE(nextClipMicro(1'000'000, 1'000'000, -3), 1'105'171U); // noise may go beyond
    QCOMPARE(nextClipMicro(1000, 1'000'000, 1), 1000U); // a thousandth of the first at least
    QCOMPARE(nextClipMicro(1, 1, 1), 1U);
    QCOMPARE(nextClipMicro(1'000'000'000, 2'000'000, 0), 1'000'000'000U);
    // Where half of the members are within, it stays: from either side it goes there.
    double clip = 1e6;
    for (int round = 0; round < 100; ++round) {
        const double within = clip > 3e6 ? 0.6 : 0.4;
        clip = nextClipMicro(static_cast<std::uint32_t>(clip), 1'000'000, within);
    }
    QVERIFY(clip > 2.9e6 && clip < 3.1e6);
}

void TestPrivateTerms::termsAreChecked()
{
    PrivateTerms terms;
    LOAM_OK(terms.validate());
    terms.groupLeast = 4;
    LOAM_FAILS(terms.validate(), Errc::Invalid);
    terms.practice = true;
    LOAM_OK(terms.validate());
    terms.colluderMicro = 400'000;
    LOAM_FAILS(terms.validate(), Errc::Invalid);
    QCOMPARE(training::colludersOf(PrivateTerms{}, 16), 2U);
    QCOMPARE(training::colludersOf(PrivateTerms{}, 64), 7U);
}

QTEST_GUILESS_MAIN(TestPrivateTerms)
#include "tst_private_terms.moc"
