// SPDX-License-Identifier: GPL-3.0-or-later
// Grants, the budget and the log: what was allowed, what it cost, and that none of it can be bent.
#include "consent/records_schema.h"
#include "unit/consent/consent_world.h"
#include "unit/support.h"

#include <cmath>
#include <fstream>

using namespace loam;
using namespace loam::consent;
using namespace loam::consent::test;
using base::Errc;

class TestGrants final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void grantsRoundTripAndAreBound();
    void everyByteOfAGrantMatters();
    void costs();
    void revokingWhileLockedIsSignedLater();
    void capsHold();
    void removingASourceDoesNotRefill();
    void overlappingSourcesAreRefused();
    void versionsReplaceEachOther();
    void everythingIsLogged();
    void tamperingIsNoticed();
    void otherOwnersGrantsAreWorthless();
};

void TestGrants::grantsRoundTripAndAreBound()
{
    const World world;
    const base::Bytes envelope = sign(world.grant, world.key).encode();
    const auto opened = openGrant(envelope, world.key.publicKey());
    LOAM_OK(opened);
    QCOMPARE(opened->encode(), world.grant.encode());
    QCOMPARE(opened->files, std::uint64_t{ 1 });
    QVERIFY(opened->seen == crypto::merkleLeaf({}) || opened->seen != base::Hash256{});
    const crypto::KeyPair other = crypto::KeyPair::generate();
    LOAM_FAILS(openGrant(envelope, other.publicKey()), Errc::Denied);
    LOAM_FAILS(openRevocation(envelope, world.key.publicKey()), Errc::Invalid);
    Grant bad = world.grant;
    bad.until = bad.issued;
    LOAM_FAILS(bad.validate(), Errc::Invalid);
    bad = world.grant;
    bad.sources = { SourceId{ 2 }, SourceId{ 2 } };
    LOAM_FAILS(bad.validate(), Errc::Invalid);
    bad = world.grant;
    bad.epsilonMilli = 0;
    LOAM_FAILS(bad.validate(), Errc::Invalid);
}

void TestGrants::everyByteOfAGrantMatters()
{
    const World world;
    base::Bytes envelope = sign(world.grant, world.key).encode();
    for (std::byte& byte : envelope) {
        byte ^= std::byte{ 1 };
        QVERIFY(!openGrant(envelope, world.key.publicKey()).has_value());
        byte ^= std::byte{ 1 };
    }
    for (std::size_t size = 0; size < envelope.size(); ++size) {
        QVERIFY(!openGrant(base::ByteView{ envelope }.first(size), world.key.publicKey()));
    }
}

void TestGrants::costs()
{
    QCOMPARE(MicroRho::fromRho(0.1)->micro(), std::int64_t{ 100'000 });
    QCOMPARE(MicroRho::fromRho(1e-9)->micro(), std::int64_t{ 1 }); // never down
    QVERIFY(!MicroRho::fromRho(-1));
    QVERIFY(!MicroRho::fromRho(std::nan("")));
    QVERIFY(!MicroRho::fromMicro(INT64_MAX).add(MicroRho::fromMicro(1)));
    // rho + 2 sqrt(rho ln(1/delta)) by hand: 0.1 + 2 sqrt(0.1 * 13.8155) = 2.4508.
    QVERIFY(std::abs(epsilonOf(MicroRho::fromMicro(100'000), 1e-6) - 2.45077) < 1e-4);
    for (const double epsilon : { 0.1, 1.0, 3.0, 8.0 }) {
        const MicroRho cap = capFor(epsilon, 1e-6);
        QVERIFY(epsilonOf(cap, 1e-6) <= epsilon);
        QVERIFY(epsilonOf(MicroRho::fromMicro(cap.micro() + 2), 1e-6) > epsilon);
    }
}

void TestGrants::revokingWhileLockedIsSignedLater()
{
    World world;
    LOAM_OK(world.records->revoke(world.grant.id, nullptr));
    world.open();
    QVERIFY(world.records->find(world.grant.id)->revoked.has_value());
    QVERIFY(world.records->find(world.grant.id)->revocation.empty());
    LOAM_OK(world.records->signPending(world.key));
    world.open();
    const auto end
        = openRevocation(world.records->find(world.grant.id)->revocation, world.key.publicKey());
    LOAM_OK(end);
    QVERIFY(end->time == *world.records->find(world.grant.id)->revoked);
}

void TestGrants::capsHold()
{
    World world;
    BatchGate gate{ *world.records };
    auto permit = gate.admit(world.grant.id, world.manifest());
    LOAM_OK(permit);
    const MicroRho cap = permit->terms().grantCap;
    QVERIFY(epsilonOf(cap, 1e-6) <= 2.0);
    std::uint64_t round = 0;
    while (gate.charge(*permit, ++round, kRound)) {
        QVERIFY(round < 10'000);
    }
    const MicroRho spent = world.records->spentOn(world.source);
    QVERIFY(spent <= cap);
    QVERIFY(*spent.add(kRound) > cap);
    // A failed charge spends nothing and opens nothing.
    LOAM_FAILS(gate.release(*permit, round, { world.file }), Errc::Denied);
    // A second grant on the same source meets the source's own cap.
    Grant second = world.wanted();
    second.run = run(2);
    const auto other = world.records->grant(second, world.key);
    LOAM_OK(other);
    RunTerms manifest = world.manifest();
    manifest.run = run(2);
    auto also = gate.admit(other->id, manifest);
    LOAM_OK(also);
    while (gate.charge(*also, ++round, kRound)) {
        QVERIFY(round < 10'000);
    }
    const double total = epsilonOf(world.records->spentOn(world.source), 1e-6);
    QVERIFY(total <= 3.0);
    QVERIFY(total > 2.5);
}

void TestGrants::removingASourceDoesNotRefill()
{
    World world;
    BatchGate gate{ *world.records };
    auto permit = gate.admit(world.grant.id, world.manifest());
    LOAM_OK(gate.charge(*permit, 1, kRound));
    LOAM_OK(world.records->removeSource(world.source, &world.key));
    QVERIFY(world.records->find(world.grant.id)->revoked.has_value());
    LOAM_FAILS(gate.check(*permit), Errc::Denied);
    const auto again = world.records->addSource(world.data(), {}, {});
    LOAM_OK(again);
    QVERIFY(*again != world.source);
    QCOMPARE(world.records->spentOn(*again).micro(), kRound.micro());
    world.open();
    QCOMPARE(world.records->spentOn(*again).micro(), kRound.micro());
}

void TestGrants::overlappingSourcesAreRefused()
{
    World world;
    std::filesystem::create_directories(world.data() / "inner");
    LOAM_FAILS(world.records->addSource(world.data() / "inner", {}, {}), Errc::Invalid);
    LOAM_FAILS(world.records->addSource(world.data().parent_path(), {}, {}), Errc::Invalid);
    LOAM_FAILS(world.records->addSource("/", {}, {}), Errc::Denied);
    LOAM_FAILS(world.records->addSource("relative", {}, {}), Errc::Invalid);
    LOAM_FAILS(world.records->addSource("/nowhere/at/all", {}, {}), Errc::Invalid);
    LOAM_FAILS(world.records->setPatterns(world.source, { "" }, {}), Errc::Invalid);
}

void TestGrants::versionsReplaceEachOther()
{
    World world;
    BatchGate gate{ *world.records };
    auto permit = gate.admit(world.grant.id, world.manifest());
    LOAM_OK(gate.charge(*permit, 1, kRound));
    Grant shorter = world.grant;
    shorter.until = world.clock.time + 1h;
    const auto second = world.records->grant(shorter, world.key);
    LOAM_OK(second);
    QCOMPARE(second->version, std::uint64_t{ 2 });
    LOAM_FAILS(gate.check(*permit), Errc::Denied);
    LOAM_OK(gate.admit(world.grant.id, world.manifest()));
    QCOMPARE(world.records->grants().size(), std::size_t{ 1 });
    QCOMPARE(world.records->grants()[0].spent.micro(), kRound.micro());
    world.open();
    QCOMPARE(world.records->find(world.grant.id)->grant.version, std::uint64_t{ 2 });
    QCOMPARE(world.records->find(world.grant.id)->spent.micro(), kRound.micro());
}

void TestGrants::everythingIsLogged()
{
    World world;
    BatchGate gate{ *world.records };
    const base::Hash256 before = world.records->uses().root();
    const std::uint64_t size = world.records->uses().size();
    auto permit = gate.admit(world.grant.id, world.manifest());
    LOAM_OK(gate.charge(*permit, 7, kRound));
    LOAM_OK(gate.release(*permit, 7, { world.file }));
    RunTerms greedy = world.manifest();
    greedy.group = 2;
    LOAM_FAILS(gate.admit(world.grant.id, greedy), Errc::Denied);
    LOAM_OK(world.records->revoke(world.grant.id, &world.key));
    const auto entries
        = world.records->uses().entries({ .offset = 0, .limit = 4, .oldestFirst = false });
    LOAM_OK(entries);
    QVERIFY((*entries)[0].kind == UseKind::Revoked);
    QVERIFY((*entries)[1].kind == UseKind::Refused);
    const UseEntry& used = (*entries)[2];
    QVERIFY(used.kind == UseKind::Used);
    QCOMPARE(used.round, std::uint64_t{ 7 });
    QVERIFY(used.contents == world.file.contents);
    QCOMPARE(used.tokens, estimateTokens(world.file.used));
    QVERIFY((*entries)[3].kind == UseKind::Charged);
    QCOMPARE((*entries)[3].cost.micro(), kRound.micro());
    LOAM_OK(world.records->uses().verify());
    // What was logged before is still a part of it.
    const auto proof = world.records->uses().consistencyProof(size);
    LOAM_OK(proof);
    QVERIFY(crypto::verifyConsistency(
        size, world.records->uses().size(), before, world.records->uses().root(), *proof));
    const auto path = world.records->uses().inclusionProof(used.index);
    LOAM_OK(path);
    QVERIFY(crypto::verifyInclusion(crypto::merkleLeaf(used.encode()), used.index,
        world.records->uses().size(), *path, world.records->uses().root()));
}

void TestGrants::tamperingIsNoticed()
{
    World world;
    world.records.reset();
    {
        const auto database
            = store::Database::open(world.folder.path().toStdString() + "/consent.db",
                { .applicationId = kRecordsApplication,
                    .migrations = kRecordsMigrations,
                    .durability = store::Durability::Full });
        LOAM_OK(database);
        // The log without its second entry.
        LOAM_OK((*database)->execute("DELETE FROM log WHERE entry = 1"));
    }
    const auto opened = Records::open(
        world.folder.path().toStdString() + "/consent.db", world.key.publicKey(), world.clock);
    LOAM_FAILS(opened, Errc::Corrupt);
}

void TestGrants::otherOwnersGrantsAreWorthless()
{
    World world;
    world.records.reset();
    const crypto::KeyPair other = crypto::KeyPair::generate();
    const auto opened = Records::open(
        world.folder.path().toStdString() + "/consent.db", other.publicKey(), world.clock);
    LOAM_OK(opened);
    QVERIFY((*opened)->grants().empty());
    LOAM_FAILS((*opened)->grant(world.wanted(), world.key), Errc::Denied);
}

QTEST_GUILESS_MAIN(TestGrants)
#include "tst_grants.moc"
