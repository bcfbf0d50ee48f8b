// SPDX-License-Identifier: GPL-3.0-or-later
// Grants, the budget, the log and the gate: what is asked of them is that text and privacy never
// leave without all of consent, and never twice for one price.
#include "consent/batch_gate.h"
#include "consent/records_schema.h"
#include "crypto/hash.h"
#include "unit/support.h"

#include <QTemporaryDir>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

using namespace loam;
using namespace loam::consent;
using namespace std::chrono_literals;
using base::Errc;

namespace {

class FakeClock final : public base::Clock
{
public:
    base::UnixTime now() const override { return time; }
    base::MonotonicTime monotonic() const override { return {}; }
    base::UnixTime time{ std::chrono::milliseconds{ 1'700'000'000'000 } };
};

OfferedFile offered(SourceId source, const std::string& path, const std::string& text)
{
    return { .source = source,
        .path = path,
        .contents = crypto::sha256(base::asBytes("file of " + text)),
        .quality = {},
        .used = text,
        .usedHash = crypto::sha256(base::asBytes(text)) };
}

FileSeen seenOf(const OfferedFile& file)
{
    return {
        .source = file.source, .path = file.path, .contents = file.contents, .used = file.usedHash
    };
}

RunId run(int number)
{
    RunId out;
    out.data.fill(static_cast<std::byte>(number));
    return out;
}

/// A source, one file the owner saw, and a grant for the private lane.
struct World
{
    QTemporaryDir folder;
    FakeClock clock;
    crypto::KeyPair key{ crypto::KeyPair::generate() };
    std::unique_ptr<Records> records;
    SourceId source{ 0 };
    OfferedFile file;
    Grant grant;

    World()
    {
        std::filesystem::create_directories(data());
        open();
        source = *records->addSource(data(), {}, {});
        OwnerTerms terms;
        terms.privateLane = true;
        static_cast<void>(records->setTerms(terms));
        file = offered(source, "a.txt", "some words of mine");
        const std::array seen{ seenOf(file) };
        static_cast<void>(records->markSeen(seen));
        grant = *records->grant(wanted(), key);
    }
    std::filesystem::path data() const { return folder.path().toStdString() + "/data"; }
    void open()
    {
        records.reset();
        records = std::move(
            *Records::open(folder.path().toStdString() + "/consent.db", key.publicKey(), clock));
    }
    Grant wanted() const
    {
        Grant out;
        out.run = run(1);
        out.purpose = Purpose::PrivateLane;
        out.sources = { source };
        out.until = clock.time + 24h;
        out.epsilonMilli = 2000;
        out.deltaPerBillion = 1000;
        return out;
    }
    RunTerms manifest() const
    {
        return { .run = run(1),
            .purpose = Purpose::PrivateLane,
            .epsilonMilli = 2000,
            .deltaPerBillion = 1000,
            .group = 16,
            .cohort = 64,
            .tokensPerRound = 1000 };
    }
};

constexpr MicroRho kRound = MicroRho::fromMicro(5000);

} // namespace

class TestGate final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void grantsRoundTripAndAreBound();
    void everyByteOfAGrantMatters();
    void costs();
    void textLeavesOnlyAfterEverything();
    void revokingStopsTheNextStep();
    void revokingWhileLockedIsSignedLater();
    void theEndComes();
    void aChangedFileWaitsUntilItIsSeen();
    void strikingStops();
    void capsHold();
    void removingASourceDoesNotRefill();
    void overlappingSourcesAreRefused();
    void aManifestCannotWeakenTheOwner();
    void versionsReplaceEachOther();
    void everythingIsLogged();
    void tamperingIsNoticed();
    void killedAtAnyMomentNothingIsUnpaid();
    void otherOwnersGrantsAreWorthless();
};

void TestGate::grantsRoundTripAndAreBound()
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

void TestGate::everyByteOfAGrantMatters()
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

void TestGate::costs()
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

void TestGate::textLeavesOnlyAfterEverything()
{
    World world;
    BatchGate gate{ *world.records };
    auto permit = gate.admit(world.grant.id, world.manifest());
    LOAM_OK(permit);
    LOAM_FAILS(gate.release(*permit, 1, { world.file }), Errc::Denied); // not charged
    LOAM_FAILS(gate.charge(*permit, 1, MicroRho{}), Errc::Denied); // not for nothing
    LOAM_OK(gate.charge(*permit, 1, kRound));
    QCOMPARE(world.records->spentOn(world.source).micro(), kRound.micro());
    LOAM_FAILS(gate.release(*permit, 2, { world.file }), Errc::Denied); // another round
    OfferedFile unseen = offered(world.source, "b.txt", "not looked at");
    OfferedFile foreign = world.file;
    foreign.source = SourceId{ 99 };
    OfferedFile lying = world.file;
    lying.used = "quite another text";
    OfferedFile poor = world.file;
    poor.quality
        = { .verdict = Verdict::Duplicate, .reason = "nearly the same as b", .language = {} };
    const auto batch = gate.release(*permit, 1, { world.file, unseen, foreign, lying, poor });
    LOAM_OK(batch);
    QCOMPARE(batch->texts.size(), std::size_t{ 1 });
    QCOMPARE(QString::fromStdString(batch->texts[0]), QStringLiteral("some words of mine"));
    QCOMPARE(batch->refused.size(), std::size_t{ 4 });
    // The round's tokens are a limit over all its releases.
    OfferedFile large = offered(world.source, "l.txt", std::string(3999, 'x'));
    const std::array seen{ seenOf(large) };
    LOAM_OK(world.records->markSeen(seen));
    const auto full = gate.release(*permit, 1, { large });
    LOAM_OK(full);
    QVERIFY(full->texts.empty());
}

void TestGate::revokingStopsTheNextStep()
{
    World world;
    BatchGate gate{ *world.records };
    auto permit = gate.admit(world.grant.id, world.manifest());
    LOAM_OK(permit);
    LOAM_OK(gate.charge(*permit, 1, kRound));
    int steps = 0;
    for (int step = 0; step < 10; ++step) {
        if (step == 4) {
            LOAM_OK(world.records->revoke(world.grant.id, &world.key));
        }
        if (!gate.check(*permit)) {
            break;
        }
        ++steps;
    }
    QCOMPARE(steps, 4);
    LOAM_FAILS(gate.release(*permit, 1, { world.file }), Errc::Denied);
    LOAM_FAILS(gate.charge(*permit, 2, kRound), Errc::Denied);
    LOAM_FAILS(gate.admit(world.grant.id, world.manifest()), Errc::Denied);
    world.open(); // and it stays so
    BatchGate again{ *world.records };
    LOAM_FAILS(again.admit(world.grant.id, world.manifest()), Errc::Denied);
    Grant renewed = world.grant;
    LOAM_FAILS(world.records->grant(renewed, world.key), Errc::Denied);
}

void TestGate::revokingWhileLockedIsSignedLater()
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

void TestGate::theEndComes()
{
    World world;
    BatchGate gate{ *world.records };
    const auto permit = gate.admit(world.grant.id, world.manifest());
    LOAM_OK(permit);
    world.clock.time += 24h;
    LOAM_FAILS(gate.check(*permit), Errc::Denied);
    // A clock set back by days gives no time either.
    world.clock.time -= 24h * 10;
    LOAM_FAILS(gate.check(*permit), Errc::Denied);
}

void TestGate::aChangedFileWaitsUntilItIsSeen()
{
    World world;
    BatchGate gate{ *world.records };
    auto permit = gate.admit(world.grant.id, world.manifest());
    LOAM_OK(gate.charge(*permit, 1, kRound));
    const OfferedFile changed = offered(world.source, "a.txt", "a new sentence about me");
    auto batch = gate.release(*permit, 1, { changed });
    LOAM_OK(batch);
    QVERIFY(batch->texts.empty());
    QVERIFY(batch->refused[0].reason.find("changed since you saw it") != std::string::npos);
    const std::array seen{ seenOf(changed) };
    LOAM_OK(world.records->markSeen(seen));
    batch = gate.release(*permit, 1, { changed });
    LOAM_OK(batch);
    QCOMPARE(batch->texts.size(), std::size_t{ 1 });
}

void TestGate::strikingStops()
{
    World world;
    BatchGate gate{ *world.records };
    auto permit = gate.admit(world.grant.id, world.manifest());
    LOAM_OK(gate.charge(*permit, 1, kRound));
    LOAM_OK(world.records->strikePath(world.source, "a.txt"));
    const auto batch = gate.release(*permit, 1, { world.file });
    LOAM_OK(batch);
    QVERIFY(batch->texts.empty());
    QVERIFY(!world.records->isStruck(world.source, "a.txt.old"));
    LOAM_OK(world.records->unstrikePath(world.source, "a.txt"));
    LOAM_FAILS(world.records->unstrikePath(world.source, "a.txt"), Errc::NotFound);
    LOAM_OK(world.records->strikePath(world.source, ""));
    QVERIFY(world.records->isStruck(world.source, "anything"));
}

void TestGate::capsHold()
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

void TestGate::removingASourceDoesNotRefill()
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

void TestGate::overlappingSourcesAreRefused()
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

void TestGate::aManifestCannotWeakenTheOwner()
{
    // Over random owners, grants and manifests: what is allowed is never weaker than any of them.
    std::mt19937 random{ 11 };
    const auto upTo = [&random](std::uint64_t most) { return random() % (most + 1); };
    int allowed = 0;
    for (int i = 0; i < 20'000; ++i) {
        OwnerTerms owner;
        owner.privateLane = upTo(3) != 0;
        owner.adapters = upTo(3) != 0;
        owner.sourceEpsilonMilli = upTo(8000);
        owner.deltaPerBillion = 1 + upTo(2000);
        owner.minimumGroup = static_cast<std::uint32_t>(2 + upTo(30));
        owner.minimumCohort = owner.minimumGroup + static_cast<std::uint32_t>(upTo(60));
        owner.maximumTokensPerRound = 1 + upTo(5000);
        owner.onlyGoodText = upTo(1) != 0;
        Grant grant;
        grant.purpose = upTo(1) != 0 ? Purpose::Adapter : Purpose::PrivateLane;
        const bool isPrivate = grant.purpose == Purpose::PrivateLane;
        grant.run = isPrivate ? run(1) : RunId{};
        grant.epsilonMilli = isPrivate ? 1 + upTo(8000) : 0;
        grant.deltaPerBillion = isPrivate ? 1 + upTo(2000) : 0;
        RunTerms manifest;
        manifest.purpose = upTo(4) == 0 ? Purpose::Adapter : grant.purpose;
        manifest.run = upTo(9) == 0 ? run(3) : grant.run;
        manifest.epsilonMilli = upTo(100'000);
        manifest.deltaPerBillion = upTo(2000);
        manifest.group = static_cast<std::uint32_t>(upTo(64));
        manifest.cohort = static_cast<std::uint32_t>(upTo(200));
        manifest.tokensPerRound = upTo(100'000);
        const auto terms = strictest(owner, grant, manifest);
        if (!terms) {
            continue;
        }
        ++allowed;
        QVERIFY(manifest.purpose == grant.purpose && manifest.run == grant.run);
        QVERIFY(terms->tokensPerRound <= owner.maximumTokensPerRound);
        QCOMPARE(terms->onlyGoodText, owner.onlyGoodText);
        if (!isPrivate) {
            QVERIFY(owner.adapters);
            continue;
        }
        QVERIFY(owner.privateLane);
        QVERIFY(manifest.group >= owner.minimumGroup && manifest.cohort >= owner.minimumCohort);
        QVERIFY(terms->deltaPerBillion <= owner.deltaPerBillion);
        const double delta = static_cast<double>(owner.deltaPerBillion) / 1e9;
        QVERIFY(epsilonOf(terms->sourceCap, delta)
            <= static_cast<double>(owner.sourceEpsilonMilli) / 1e3);
        QVERIFY(epsilonOf(terms->grantCap, delta) <= static_cast<double>(grant.epsilonMilli) / 1e3);
    }
    QVERIFY(allowed > 500);
    // And what the owner forbids later ends what was admitted before.
    World world;
    BatchGate gate{ *world.records };
    auto permit = gate.admit(world.grant.id, world.manifest());
    LOAM_OK(permit);
    OwnerTerms terms = world.records->terms();
    terms.sourceEpsilonMilli = 0;
    LOAM_OK(world.records->setTerms(terms));
    LOAM_FAILS(gate.charge(*permit, 1, kRound), Errc::Denied);
    terms.privateLane = false;
    LOAM_OK(world.records->setTerms(terms));
    LOAM_FAILS(gate.check(*permit), Errc::Denied);
    world.open();
    QVERIFY(world.records->terms() == terms);
    terms.minimumCohort = 0;
    LOAM_FAILS(world.records->setTerms(terms), Errc::Invalid);
}

void TestGate::versionsReplaceEachOther()
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

void TestGate::everythingIsLogged()
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

void TestGate::tamperingIsNoticed()
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

void TestGate::killedAtAnyMomentNothingIsUnpaid()
{
    // A child charges and "releases" (writes the round to a file) until it is killed; whatever it
    // released must have been paid for on disk.
    for (int attempt = 0; attempt < 4; ++attempt) {
        World world;
        OwnerTerms terms = world.records->terms();
        terms.sourceEpsilonMilli = 900'000;
        LOAM_OK(world.records->setTerms(terms));
        Grant large = world.grant;
        large.epsilonMilli = 900'000;
        LOAM_OK(world.records->grant(large, world.key));
        world.records.reset();
        const std::string released = world.folder.path().toStdString() + "/released";
        const pid_t child = ::fork();
        if (child == 0) {
            world.open();
            BatchGate gate{ *world.records };
            RunTerms manifest = world.manifest();
            manifest.epsilonMilli = 0;
            auto permit = gate.admit(world.grant.id, manifest);
            std::ofstream out{ released };
            for (std::uint64_t round = 1; permit; ++round) {
                if (!gate.charge(*permit, round, kRound)
                    || !gate.release(*permit, round, { world.file })) {
                    break;
                }
                out << round << std::endl;
            }
            ::_exit(0);
        }
        QVERIFY(child > 0);
        // Not a pause to wait for something: the moment of the kill is what varies.
        ::usleep(static_cast<useconds_t>(60'000 + attempt * 37'000));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        std::uint64_t rounds = 0;
        std::ifstream in{ released };
        for (std::uint64_t round = 0; in >> round;) {
            rounds = round;
        }
        world.open();
        QVERIFY(world.records->spentOn(world.source).micro()
            >= static_cast<std::int64_t>(rounds) * kRound.micro());
        QCOMPARE(world.records->find(world.grant.id)->spent.micro(),
            world.records->spentOn(world.source).micro());
        LOAM_OK(world.records->uses().verify());
    }
}

void TestGate::otherOwnersGrantsAreWorthless()
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

QTEST_GUILESS_MAIN(TestGate)
#include "tst_gate.moc"
