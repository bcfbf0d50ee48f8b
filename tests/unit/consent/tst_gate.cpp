// SPDX-License-Identifier: GPL-3.0-or-later
// The gate: text never leaves without all of consent, and never twice for one price.
#include "unit/consent/consent_world.h"
#include "unit/support.h"

#include <csignal>
#include <fstream>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

using namespace loam;
using namespace loam::consent;
using namespace loam::consent::test;
using base::Errc;

class TestGate final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void textLeavesOnlyAfterEverything();
    void aFileLargerThanARoundHasItsTurnInParts();
    void refusedFilesAreInTheLog();
    void tooLittleTextIsNotPaidFor();
    void revokingStopsTheNextStep();
    void theEndComes();
    void aChangedFileWaitsUntilItIsSeen();
    void strikingStops();
    void aManifestCannotWeakenTheOwner();
    void killedAtAnyMomentNothingIsUnpaid();
};

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

void TestGate::aFileLargerThanARoundHasItsTurnInParts()
{
    World world;
    BatchGate gate{ *world.records };
    std::string text;
    for (int line = 0; text.size() < 9000; ++line) {
        text += "line number " + std::to_string(line) + "\n";
    }
    const OfferedFile mailbox = offered(world.source, "mail.txt", text);
    const std::array seen{ seenOf(mailbox) };
    LOAM_OK(world.records->markSeen(seen));
    std::string together;
    std::string first;
    for (std::uint64_t round = 3; round < 7; ++round) { // three parts, then the first again
        auto permit = gate.admit(world.grant.id, world.manifest());
        LOAM_OK(permit);
        const auto batch = gate.serve(
            *permit, { .round = round, .cost = kRound, .leastTokens = 1 }, { mailbox, world.file });
        LOAM_OK(batch);
        QVERIFY(batch->tokens <= permit->terms().tokensPerRound);
        QVERIFY(batch->texts.front().ends_with('\n'));
        if (round == 3) {
            first = batch->texts.front();
        }
        if (round < 6) {
            together += batch->texts.front();
        } else {
            QCOMPARE(batch->texts.front(), first);
        }
    }
    QCOMPARE(together, text);
}

void TestGate::refusedFilesAreInTheLog()
{
    World world;
    BatchGate gate{ *world.records };
    auto permit = gate.admit(world.grant.id, world.manifest());
    LOAM_OK(permit);
    const OfferedFile unseen = offered(world.source, "b.txt", "not looked at");
    const auto batch = gate.serve(
        *permit, { .round = 4, .cost = kRound, .leastTokens = 1 }, { unseen, world.file });
    LOAM_OK(batch);
    QCOMPARE(batch->texts.size(), std::size_t{ 1 });
    QVERIFY(world.records->uses().chargedRounds(run(1)).contains(4));
    world.open();
    QVERIFY(world.records->uses().chargedRounds(run(1)).contains(4)); // read back
    QVERIFY(world.records->uses().chargedRounds(run(2)).empty());
    const auto log = world.records->uses().entries({ .limit = 3 });
    LOAM_OK(log);
    // Newest first: the price is on disk before anything is named.
    QVERIFY(log->at(0).kind == UseKind::Refused && log->at(1).kind == UseKind::Used
        && log->at(2).kind == UseKind::Charged);
    QCOMPARE(log->at(0).path, std::string{ "b.txt" });
    QCOMPARE(log->at(0).note, std::string{ "you have not seen it yet" });
    QCOMPARE(log->at(0).round, std::uint64_t{ 4 });
    QVERIFY(log->at(0).contents == unseen.contents);
}

void TestGate::tooLittleTextIsNotPaidFor()
{
    World world;
    BatchGate gate{ *world.records };
    auto permit = gate.admit(world.grant.id, world.manifest());
    LOAM_OK(permit);
    const OfferedFile unseen = offered(world.source, "b.txt", "not looked at");
    const BatchGate::Order order{ .round = 1, .cost = kRound, .leastTokens = 500 };
    LOAM_FAILS(gate.serve(*permit, order, { unseen, world.file }), Errc::Denied);
    LOAM_FAILS(gate.release(*permit, 1, { world.file }), Errc::Denied);
    QCOMPARE(world.records->spentOn(world.source).micro(), std::int64_t{ 0 });
    QVERIFY(world.records->uses().chargedRounds(run(1)).empty());
    const auto log = world.records->uses().entries({ .limit = 1 });
    LOAM_OK(log);
    QVERIFY(log->at(0).kind == UseKind::Refused && log->at(0).path == "b.txt");
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

QTEST_GUILESS_MAIN(TestGate)
#include "tst_gate.moc"
