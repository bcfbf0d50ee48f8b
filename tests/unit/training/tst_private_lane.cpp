// SPDX-License-Identifier: GPL-3.0-or-later
// Whole rounds of the private lane without a network: train, clip, add noise, sum in secret, open.
#include "crypto/hash.h"
#include "training/private_round.h"
#include "unit/support.h"
#include "unit/training/tiny_run.h"

#include <QtTest>

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

crypto::SymmetricKey seedOf(std::size_t member, std::uint8_t purpose)
{
    std::array<std::byte, 32> bytes{};
    bytes[0] = static_cast<std::byte>(member);
    bytes[31] = std::byte{ purpose };
    return crypto::SymmetricKey{ bytes };
}

/// A private run of some members over the tiny model.
struct PrivateRun
{
    PrivateRun(std::size_t count, const PrivateTerms& terms)
    {
        tiny.manifest.lane = training::Lane::Private;
        tiny.manifest.privacy = terms;
        tiny.manifest.learningRateMicro = 20'000;
        ASSERT(tiny.manifest.validate().has_value());
        for (std::size_t i = 0; i < count; ++i) {
            keys.push_back(std::make_unique<crypto::KeyPair>(crypto::Seed{ [i] {
                std::array<std::byte, 32> seed{};
                seed[3] = static_cast<std::byte>(i + 1);
                return seed;
            }() }));
            cohort.push_back(keys.back()->publicKey());
        }
        std::ranges::sort(cohort);
        size = training::adapterOf(tiny.manifest, tiny.params->table(), tiny.run).size();
        round.run = tiny.run;
        round.beacon = tiny.beacon;
        round.params = tiny.params->hash();
        round.cohort = cohort;
        groups = training::assignGroups(terms, tiny.beacon, 0, cohort);
    }

    std::size_t indexOf(const base::PublicKey& node) const
    {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (keys[i]->publicKey() == node) {
                return i;
            }
        }
        std::abort();
    }

    void train()
    {
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const auto text = test::TinyRun::textOf(static_cast<unsigned>(i), 2000);
            const training::PrivateJob job{ tiny.manifest, tiny.run, keys[i]->publicKey(),
                tiny.beacon, 0, *tiny.params, text };
            updates.push_back(
                training::trainPrivate(job, *tiny.fast, tiny.control, {}).value().update);
        }
    }

    /// One group's protocol; the last `silent` members leave before they send their vectors.
    base::Result<base::Bytes> record(std::uint32_t group, std::size_t silent)
    {
        training::GroupRound own = round;
        own.group = group;
        TRY_ASSIGN(
            const training::SumTerms sum, training::sumTerms(*tiny.manifest.privacy, size, own));
        TRY_ASSIGN(training::SumOrganiser organiser, training::SumOrganiser::create(sum));
        std::vector<training::SumMember> members;
        for (const base::PublicKey& node : sum.members) {
            const std::size_t index = indexOf(node);
            TRY_ASSIGN(training::SumMember member,
                training::SumMember::create(sum, *keys[index], seedOf(index, 1)));
            TRY_ASSIGN(const base::Bytes first, member.advertise());
            TRY(organiser.take(first));
            members.push_back(std::move(member));
        }
        TRY(organiser.close());
        const auto coding
            = training::groupCoding(*tiny.manifest.privacy, size, members.size(), tiny.beacon);
        TRY_ASSIGN(const auto noise, training::SkellamSampler::create(coding.shareVariance));
        for (int phase = 1; phase < 5; ++phase) {
            const std::size_t present = members.size() - (phase >= 2 ? silent : 0);
            for (std::size_t i = 0; i < present; ++i) {
                const auto told = organiser.messageFor(sum.members[i]).value();
                base::Result<base::Bytes> said = base::fail(Errc::Invalid, "");
                if (phase == 1) {
                    said = members[i].shareKeys(told);
                } else if (phase == 2) {
                    const std::size_t index = indexOf(sum.members[i]);
                    crypto::KeyStream random{ crypto::StreamCipher::ChaCha20, seedOf(index, 2) };
                    TRY_ASSIGN(auto vector,
                        training::encodeShare(coding.ring, updates[index], noise, random));
                    said = members[i].mask(told, std::move(vector));
                } else if (phase == 3) {
                    said = members[i].confirm(told);
                } else {
                    said = members[i].unmask(told);
                }
                TRY(said);
                TRY(organiser.take(*said));
            }
            TRY(organiser.close());
        }
        TRY_ASSIGN(const auto transcript, organiser.transcript());
        return training::GroupRecord{ cohort, group, 0, transcript.encode() }.encode();
    }

    /// Everybody of a group commits to its record, in the order of the keys.
    std::vector<training::Contribution> contributions() const
    {
        std::vector<training::Contribution> out;
        for (std::size_t group = 0; group < groups.size(); ++group) {
            for (const base::PublicKey& node : groups[group]) {
                training::Contribution one;
                one.node = node;
                one.commitment = crypto::sha256(records[group]);
                one.tokens = 1;
                one.body = records[group];
                out.push_back(one);
            }
        }
        return out;
    }

    base::Result<training::RoundOutcome> aggregate(std::span<const training::Contribution> list)
    {
        return training::aggregatePrivate({ tiny.manifest, {}, tiny.run, 0, tiny.beacon,
                                              *tiny.params, { tiny.probe, tiny.probe.size() * 4 },
                                              list, cohort, {}, tiny.manifest.privacy->clipMicro },
            *tiny.reference);
    }

    test::TinyRun tiny;
    std::vector<std::unique_ptr<crypto::KeyPair>> keys;
    std::vector<base::PublicKey> cohort;
    std::vector<std::vector<base::PublicKey>> groups;
    std::size_t size{ 0 };
    training::GroupRound round;
    std::vector<std::vector<float>> updates;
    std::vector<base::Bytes> records;
};

/// Hardly any noise, so that the arithmetic can be seen.
PrivateTerms clear()
{
    PrivateTerms terms;
    terms.practice = true;
    terms.groupLeast = 4;
    terms.noiseMicro = 100'000;
    terms.epsilonMicro = 1'000'000'000;
    terms.noiseRatioMicro = 1'000'000'000;
    terms.rounds = 1;
    terms.clipMicro = 500'000;
    return terms;
}

} // namespace

class TestPrivateLane final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void manifestCarriesTheTerms();
    void adapterGradient();
    void adapterIsLinear();
    void onlyTheAdapterMoves();
    void roundIsTheMeanOfClippedUpdates();
    void theClipFollowsTheMembers();
    void everyMachineGetsTheSameBits();
    void recordsAreChecked();
    void dropoutsCostNothingButThemselves();
};

void TestPrivateLane::manifestCarriesTheTerms()
{
    test::TinyRun tiny;
    training::RunManifest manifest = tiny.manifest;
    const base::Bytes open = manifest.encode();
    manifest.lane = training::Lane::Private;
    LOAM_FAILS(manifest.validate(), Errc::Invalid);
    manifest.privacy = clear();
    LOAM_OK(manifest.validate());
    const auto again = training::RunManifest::decode(manifest.encode());
    LOAM_OK(again);
    QVERIFY(*again == manifest);
    QVERIFY(manifest.encode() != open);
    manifest.lane = training::Lane::Open;
    LOAM_FAILS(training::RunManifest::decode(manifest.encode()), Errc::Invalid);
}

void TestPrivateLane::adapterGradient()
{
    // Against finite differences of a loss that is linear in the weights.
    test::TinyRun tiny;
    const training::FixedAdapter adapter{ tiny.params->table(), 2, hashOf(4) };
    QCOMPARE(adapter.size(), std::size_t{ 2 * 2 * 2 * 32 });
    std::vector<float> slope(tiny.params->values().size());
    for (std::size_t i = 0; i < slope.size(); ++i) {
        slope[i] = static_cast<float>(std::sin(0.1 * static_cast<double>(i)));
    }
    std::vector<double> gradient(adapter.size());
    adapter.project(slope, gradient);
    auto moved = tiny.params->clone();
    for (const std::size_t k : { std::size_t{ 0 }, std::size_t{ 77 }, adapter.size() - 1 }) {
        std::vector<double> b(adapter.size());
        b[k] = 0.5;
        adapter.apply(*moved, *tiny.params, b, 1);
        double difference = 0;
        for (std::size_t i = 0; i < slope.size(); ++i) {
            difference += static_cast<double>(slope[i])
                * (static_cast<double>(moved->values()[i])
                    - static_cast<double>(tiny.params->values()[i]));
        }
        QVERIFY(std::abs(difference / 0.5 - gradient[k]) < 1e-5);
    }
}

void TestPrivateLane::adapterIsLinear()
{
    // The reason for a fixed A: the mean of adapters is the adapter of the mean.
    test::TinyRun tiny;
    const training::FixedAdapter adapter{ tiny.params->table(), 1, hashOf(4) };
    std::vector<double> a(adapter.size());
    std::vector<double> b(adapter.size());
    std::vector<double> mean(adapter.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        a[i] = std::sin(static_cast<double>(i));
        b[i] = std::cos(static_cast<double>(i));
        mean[i] = (a[i] + b[i]) / 2;
    }
    auto ofA = tiny.params->clone();
    auto ofB = tiny.params->clone();
    auto ofMean = tiny.params->clone();
    adapter.apply(*ofA, *tiny.params, a, 2);
    adapter.apply(*ofB, *tiny.params, b, 2);
    adapter.apply(*ofMean, *tiny.params, mean, 2);
    for (std::size_t i = 0; i < ofA->values().size(); ++i) {
        QVERIFY(std::abs(0.5 * static_cast<double>(ofA->values()[i] + ofB->values()[i])
                    - static_cast<double>(ofMean->values()[i]))
            < 1e-6);
    }
}

void TestPrivateLane::onlyTheAdapterMoves()
{
    PrivateRun run{ 4, clear() };
    const auto text = test::TinyRun::textOf(0, 4000);
    run.tiny.manifest.innerSteps = 60;
    const training::PrivateJob job{ run.tiny.manifest, run.tiny.run, run.keys[0]->publicKey(),
        run.tiny.beacon, 0, *run.tiny.params, text };
    const auto report = training::trainPrivate(job, *run.tiny.fast, run.tiny.control, {});
    LOAM_OK(report);
    QCOMPARE(report->update.size(), run.size);
    QVERIFY2(report->lossLast < report->lossFirst - 0.02,
        qPrintable(QStringLiteral("%1 -> %2").arg(report->lossFirst).arg(report->lossLast)));
    run.tiny.control.cancel();
    LOAM_FAILS(training::trainPrivate(job, *run.tiny.fast, run.tiny.control, {}), Errc::Cancelled);
}

void TestPrivateLane::roundIsTheMeanOfClippedUpdates()
{
    PrivateRun run{ 9, clear() };
    run.train();
    QCOMPARE(run.groups.size(), 2U);
    for (std::uint32_t group = 0; group < 2; ++group) {
        const auto record = run.record(group, 0);
        LOAM_OK(record);
        run.records.push_back(*record);
    }
    run.tiny.manifest.rule = training::Rule::Mean;
    const auto outcome = run.aggregate(run.contributions());
    LOAM_OK(outcome);
    for (const auto& verdict : outcome->verdicts) {
        QVERIFY2(verdict.accepted, verdict.reason.c_str());
        QVERIFY(verdict.reason.size() <= 64);
        QCOMPARE(verdict.weightMicro, 1'000'000U / 9);
    }
    std::vector<double> mean(run.size);
    for (std::vector<float> update : run.updates) {
        training::clipNorm(update, 0.5);
        for (std::size_t i = 0; i < mean.size(); ++i) {
            mean[i] += static_cast<double>(update[i]) / 9;
        }
    }
    auto wanted = run.tiny.params->clone();
    training::adapterOf(run.tiny.manifest, run.tiny.params->table(), run.tiny.run)
        .apply(*wanted, *run.tiny.params, mean, 2);
    double off = 0;
    double moved = 0;
    for (std::size_t i = 0; i < wanted->values().size(); ++i) {
        const auto value = static_cast<double>(outcome->params.values()[i]);
        off += std::pow(value - static_cast<double>(wanted->values()[i]), 2);
        moved += std::pow(value - static_cast<double>(run.tiny.params->values()[i]), 2);
    }
    // What is left is the noise of a tenth of the clip on each group's sum of four or five, over
    // nine members, times sqrt(values).
    const auto ratio = training::judgeCohort(clear(), run.size, 9).noiseRatio;
    qInfo("off by %.4f of %.4f, noise ratio %.3f", std::sqrt(off), std::sqrt(moved), ratio);
    QVERIFY(std::sqrt(off) < 2 * 1.3 * 2 * ratio * 0.5);
    QVERIFY(std::sqrt(off) > 0);
}

void TestPrivateLane::theClipFollowsTheMembers()
{
    // Far too small a clip grows by e^0.1, far too large a one shrinks by it; the count is noisy.
    const auto after = [](std::uint32_t clipMicro) {
        PrivateTerms terms = clear();
        terms.clipMicro = clipMicro;
        PrivateRun run{ 4, terms };
        run.train();
        run.records.push_back(run.record(0, 0).value());
        return run.aggregate(run.contributions()).value().nextClipMicro;
    };
    const std::uint32_t grown = after(1000);
    QVERIFY2(grown > 1050 && grown <= 1105, qPrintable(QString::number(grown)));
    const std::uint32_t shrunk = after(100'000'000);
    QVERIFY2(shrunk >= 90'483'000 && shrunk < 95'000'000, qPrintable(QString::number(shrunk)));
}

void TestPrivateLane::everyMachineGetsTheSameBits()
{
    PrivateRun run{ 8, clear() };
    run.train();
    for (std::uint32_t group = 0; group < 2; ++group) {
        run.records.push_back(*run.record(group, 0));
    }
    auto list = run.contributions();
    const auto first = run.aggregate(list);
    LOAM_OK(first);
    QVERIFY(first->paramsHash != run.tiny.params->hash());
    std::ranges::reverse(list);
    run.tiny.pool.setThreads(3);
    const auto second = run.aggregate(list);
    LOAM_OK(second);
    QVERIFY(first->paramsHash == second->paramsHash);
    QCOMPARE(first->lossAfterMicro, second->lossAfterMicro);
    // Nobody else's random bits are in it: the same records made again give other noise.
    QVERIFY(first->lossBeforeMicro != first->lossAfterMicro);
}

void TestPrivateLane::recordsAreChecked()
{
    PrivateRun run{ 8, clear() };
    run.train();
    for (std::uint32_t group = 0; group < 2; ++group) {
        run.records.push_back(*run.record(group, 0));
    }
    const auto good = run.contributions();
    const auto reasonOf
        = [&](std::span<const training::Contribution> list, const base::PublicKey& node) {
              const auto outcome = run.aggregate(list);
              for (const auto& verdict : outcome->verdicts) {
                  if (verdict.node == node) {
                      return verdict.reason;
                  }
              }
              return std::string{};
          };
    // A record nobody has, one that was changed, one of another round, a stranger's commitment.
    auto list = good;
    list[0].body = {};
    list[0].commitment = hashOf(9);
    QCOMPARE(reasonOf(list, list[0].node), std::string{ "no record arrived" });
    base::Bytes changed = run.records[0];
    changed[changed.size() - 30] ^= std::byte{ 1 };
    list = good;
    list[0].body = changed;
    list[0].commitment = crypto::sha256(changed);
    QVERIFY(!reasonOf(list, list[0].node).starts_with("accepted"));
    QVERIFY(reasonOf(list, list[1].node).starts_with("accepted"));
    list[0].commitment = good[0].commitment;
    list[1].body = changed;
    list[1].commitment = hashOf(8);
    QCOMPARE(reasonOf(list, list[1].node), std::string{ "record does not match its commitment" });
    list = good;
    std::swap(list[0].node, list[4].node); // of the other group: not in the sum
    QCOMPARE(reasonOf(list, list[0].node), std::string{ "its vector is not in the sum" });
    training::GroupRecord smaller = *training::GroupRecord::decode(run.records[0]);
    smaller.cohort.pop_back();
    const base::Bytes cut = smaller.encode();
    list = good;
    list[0].body = cut;
    list[0].commitment = crypto::sha256(cut);
    QCOMPARE(reasonOf(list, list[0].node), std::string{ "leaves a member of the round out" });
    // Nothing accepted: nothing moves.
    for (auto& one : list) {
        one.body = {};
    }
    const auto nothing = run.aggregate(list);
    LOAM_OK(nothing);
    QVERIFY(nothing->paramsHash == run.tiny.params->hash());
}

void TestPrivateLane::dropoutsCostNothingButThemselves()
{
    PrivateRun run{ 4, clear() };
    run.train();
    const auto record = run.record(0, 1);
    LOAM_OK(record);
    run.records.push_back(*record);
    const auto outcome = run.aggregate(run.contributions());
    LOAM_OK(outcome);
    const auto accepted = std::ranges::count_if(
        outcome->verdicts, [](const auto& verdict) { return verdict.accepted; });
    QCOMPARE(accepted, 3);
    const auto tooMany = run.record(0, 2);
    LOAM_FAILS(tooMany, Errc::Unavailable);
}

QTEST_GUILESS_MAIN(TestPrivateLane)
#include "tst_private_lane.moc"
