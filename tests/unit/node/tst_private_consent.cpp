// SPDX-License-Identifier: GPL-3.0-or-later
// Private text on its way to a round: real files, the real extractor, the real gate.
#include "node/private_consent.h"
#include "training/private_lane.h"
#include "unit/support.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

using namespace loam;
using namespace std::chrono_literals;
using base::Errc;
using consent::UseKind;

namespace {

const char* const kLetter
    = "Dear Martha, the meeting is moved to Thursday, and the old shed will be painted before it.\n"
      "We shall plant the south bed first, since the soil there is warm already in March.\n"
      "The neighbours asked for seeds of the tall beans that climbed over the wall last year.\n";

base::Hash256 runId(int number)
{
    base::Hash256 out;
    out.data.fill(static_cast<std::byte>(number));
    return out;
}

node::PrivateRoundTerms roundOf(std::uint64_t number)
{
    node::PrivateRoundTerms out;
    out.run = runId(1);
    out.round = number;
    out.size = 1024;
    out.group = 16;
    out.cohort = 600;
    out.leastTokens = 8;
    return out;
}

} // namespace

class TestPrivateConsent final : public QObject
{
    Q_OBJECT

private:
    using Batches = base::Result<node::DataService::Batches>;

    QString fileOf(const QString& name) const
    {
        return m_folder->path() + QStringLiteral("/papers/") + name;
    }
    void write(const QString& name, const QByteArray& text) const
    {
        QVERIFY(QDir{}.mkpath(m_folder->path() + QStringLiteral("/papers")));
        QFile file{ fileOf(name) };
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }
    bool isRead(std::uint64_t files) const
    {
        std::optional<node::DataService::Overview> seen;
        m_data->overview([&seen](base::Result<node::DataService::Overview> overview) {
            seen = std::move(*overview);
        });
        [&] { QTRY_VERIFY(seen.has_value()); }();
        const auto& summary = seen->sources.front().second;
        return summary.isScanned && summary.waiting == 0 && summary.files == files;
    }
    consent::Grant give()
    {
        consent::Grant wanted;
        wanted.run = runId(1);
        wanted.purpose = consent::Purpose::PrivateLane;
        wanted.sources = { m_source };
        wanted.until = m_data->records().clock().now() + 24h;
        wanted.epsilonMilli = 2000;
        wanted.deltaPerBillion = 1000;
        std::optional<base::Result<consent::Grant>> given;
        m_data->grant(wanted, [&given](base::Result<consent::Grant> grant) { given = grant; });
        [&] { QTRY_VERIFY(given.has_value() && given->has_value()); }();
        return **given;
    }
    Batches open(const node::PrivateRoundTerms& round)
    {
        std::optional<Batches> out;
        node::PrivateConsent{ *m_data }.open(
            round, [&out](Batches batches) { out = std::move(batches); });
        [&] { QTRY_VERIFY_WITH_TIMEOUT(out.has_value(), 20'000); }();
        return std::move(*out);
    }
    std::vector<consent::UseEntry> logged(UseKind kind)
    {
        std::vector<consent::UseEntry> out
            = m_data->records().uses().entries({ .limit = 1000, .oldestFirst = true }).value();
        std::erase_if(out, [kind](const auto& entry) { return entry.kind != kind; });
        return out;
    }
    void reopen()
    {
        m_data.reset();
        m_data = std::move(*node::DataService::open(
            { m_folder->path().toStdString() }, m_key.publicKey(), LOAM_EXTRACTOR));
        m_data->setKey(&m_key);
    }

    crypto::KeyPair m_key{ crypto::KeyPair::generate() };
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<node::DataService> m_data;
    consent::SourceId m_source{ 0 };

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        write(QStringLiteral("letter.txt"), kLetter);
        write(QStringLiteral("other.txt"),
            "The harbour was empty when we came, and the boats lay on the sand behind the wall.\n"
            "My brother counted nine of them and wrote their names into his small green book.\n");
        reopen();
        consent::OwnerTerms terms;
        terms.privateLane = true;
        LOAM_OK(m_data->records().setTerms(terms));
        const auto added = m_data->add(
            std::filesystem::path{ m_folder->path().toStdString() } / "papers", {}, {});
        LOAM_OK(added);
        m_source = *added;
        QTRY_VERIFY_WITH_TIMEOUT(isRead(2), 20'000);
    }
    void cleanup()
    {
        m_data.reset();
        m_folder.reset();
    }

    void nothingWithoutAGrant()
    {
        const node::PrivateConsent consent{ *m_data };
        LOAM_FAILS(consent.grantFor(runId(1)), Errc::Denied);
        LOAM_FAILS(open(roundOf(0)), Errc::Denied);
        give();
        LOAM_OK(consent.grantFor(runId(1)));
        LOAM_FAILS(consent.grantFor(runId(2)), Errc::Denied);
        QVERIFY(logged(UseKind::Used).empty() && logged(UseKind::Charged).empty());
    }

    void aRoundIsPaidThenReleased()
    {
        const consent::Grant grant = give();
        const auto batches = open(roundOf(3));
        LOAM_OK(batches);
        QCOMPARE(batches->batch.texts.size(), 2U);
        QVERIFY(batches->batch.refused.empty());
        // Default noise 4: rho = 1 / 32.
        const auto charged = logged(UseKind::Charged);
        QCOMPARE(charged.size(), 1U);
        QCOMPARE(charged[0].cost.micro(), 31'250);
        QCOMPARE(charged[0].round, 3U);
        QCOMPARE(logged(UseKind::Used).size(), 2U);
        QVERIFY(charged[0].index < logged(UseKind::Used)[0].index);
        const node::PrivateConsent consent{ *m_data };
        QCOMPARE(consent.roundsSpent(runId(1)), 1U);
        LOAM_OK(consent.check(batches->permit));
        LOAM_OK(m_data->revoke(grant.id));
        LOAM_FAILS(consent.check(batches->permit), Errc::Denied);
    }

    void aRevocationIsHeardAtOnce()
    {
        const consent::Grant grant = give();
        const auto batches = open(roundOf(0));
        LOAM_OK(batches);
        // As the round driver listens: by the time revoke() returns, work has been told to end.
        bool isStopped = false;
        connect(m_data.get(), &node::DataService::changed, this,
            [&] { isStopped = !node::PrivateConsent{ *m_data }.check(batches->permit); });
        LOAM_OK(m_data->revoke(grant.id));
        QVERIFY(isStopped);
        LOAM_FAILS(open(roundOf(1)), Errc::Denied);
        QCOMPARE(logged(UseKind::Charged).size(), 1U);
    }

    void revokedWhileFilesAreReadNothingIsSpent()
    {
        const consent::Grant grant = give();
        std::optional<Batches> out;
        node::PrivateConsent{ *m_data }.open(
            roundOf(0), [&out](Batches batches) { out = std::move(batches); });
        QVERIFY(!out); // being read on another thread
        LOAM_OK(m_data->revoke(grant.id));
        QTRY_VERIFY(out.has_value());
        LOAM_FAILS(*out, Errc::Denied);
        QVERIFY(logged(UseKind::Charged).empty() && logged(UseKind::Used).empty());
    }

    void aRoundIsNotHadTwice()
    {
        give();
        LOAM_OK(open(roundOf(0)));
        LOAM_FAILS(open(roundOf(0)), Errc::Denied);
        reopen(); // as after a kill
        LOAM_FAILS(open(roundOf(0)), Errc::Denied);
        QCOMPARE(logged(UseKind::Charged).size(), 1U);
        LOAM_OK(open(roundOf(1)));
        QCOMPARE(node::PrivateConsent{ *m_data }.roundsSpent(runId(1)), 2U);
    }

    void theRunsPromiseHolds()
    {
        give();
        node::PrivateRoundTerms round = roundOf(0);
        round.terms.rounds = 1;
        LOAM_OK(open(round));
        round.round = 1;
        LOAM_FAILS(open(round), Errc::Denied);
        round.terms.rounds = 16;
        round.terms.epsilonMicro = 1'200'000; // one round costs 1.14, two more
        LOAM_FAILS(open(round), Errc::Denied);
        QCOMPARE(logged(UseKind::Charged).size(), 1U);
    }

    void theOwnersCapHolds()
    {
        give(); // epsilon 2 at 1e-6: rho 0.067, two rounds of 0.031
        LOAM_OK(open(roundOf(0)));
        LOAM_OK(open(roundOf(1)));
        LOAM_FAILS(open(roundOf(2)), Errc::Denied);
        QCOMPARE(logged(UseKind::Charged).size(), 2U);
    }

    void smallCohortsAreRefused()
    {
        give();
        node::PrivateRoundTerms round = roundOf(0);
        round.cohort = 20; // the owner asks for 64
        LOAM_FAILS(open(round), Errc::Denied);
        round.cohort = 64;
        round.group = 4;
        LOAM_FAILS(open(round), Errc::Denied);
        QVERIFY(logged(UseKind::Charged).empty());
        QCOMPARE(logged(UseKind::Refused).size(), 2U);
    }

    void aChangedFileWaitsUntilItIsSeen()
    {
        give();
        write(QStringLiteral("letter.txt"), QByteArray{ kLetter } + "A line nobody has seen.\n");
        const auto batches = open(roundOf(0));
        LOAM_OK(batches);
        QCOMPARE(batches->batch.texts.size(), 1U);
        QVERIFY(batches->batch.texts[0].find("harbour") != std::string::npos);
        const auto refused = logged(UseKind::Refused);
        QCOMPARE(refused.size(), 1U);
        QCOMPARE(refused[0].path, std::string{ "letter.txt" });
        QCOMPARE(refused[0].note, std::string{ "it changed since you saw it" });
        QCOMPARE(refused[0].round, 0U);
        bool isAccepted = false;
        m_data->accept(
            { m_source }, [&isAccepted](const auto& count) { isAccepted = bool{ count }; });
        QTRY_VERIFY(isAccepted);
        const auto after = open(roundOf(1));
        LOAM_OK(after);
        QCOMPARE(after->batch.texts.size(), 2U);
    }

    void aFolderPulledAwayCostsNothing()
    {
        give();
        const auto batches = open(roundOf(0));
        LOAM_OK(batches);
        QVERIFY(QDir{ m_folder->path() + QStringLiteral("/papers") }.removeRecursively());
        // What was released is this round's; the grant holds. The next round finds nothing.
        LOAM_OK(node::PrivateConsent{ *m_data }.check(batches->permit));
        const auto next = open(roundOf(1));
        LOAM_FAILS(next, Errc::Denied);
        QVERIFY(next.error().message.find("0 tokens") != std::string::npos);
        QCOMPARE(logged(UseKind::Charged).size(), 1U);
        // Taken out of the sources, it ends the grant and the round with it.
        LOAM_OK(m_data->remove(m_source));
        LOAM_FAILS(node::PrivateConsent{ *m_data }.check(batches->permit), Errc::Denied);
    }

    void theGateNeverShowsLessThanTheAccountant()
    {
        const training::PrivateTerms terms;
        const auto cost = node::PrivateConsent::costOf(terms);
        consent::MicroRho sum;
        for (std::uint64_t rounds = 1; rounds <= 64; ++rounds) {
            sum = *sum.add(cost);
            const double shown = consent::epsilonOf(sum, 1e-6);
            QVERIFY(shown >= training::privateCost(terms, 1024, rounds).epsilon);
        }
    }
};

QTEST_GUILESS_MAIN(TestPrivateConsent)
#include "tst_private_consent.moc"
