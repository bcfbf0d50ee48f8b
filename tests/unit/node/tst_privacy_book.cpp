// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "node/epsilon.h"
#include "node/privacy_book.h"
#include "node/private_round.h"
#include "unit/support.h"

#include <QTemporaryDir>

using namespace loam;
using base::Errc;
using node::PrivacyBook;

namespace {

node::PrivacySpending spending(std::uint64_t round, double epsilon)
{
    node::PrivacySpending out;
    out.run.data.fill(std::byte{ 3 });
    out.round = round;
    out.rho = 0.03125;
    out.epsilon = epsilon;
    out.delta = 1e-6;
    out.time = base::UnixTime{ std::chrono::milliseconds{ 1'700'000'000'123 } };
    return out;
}

} // namespace

class TestPrivacyBook : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void spendingSurvivesTheProcess()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path{ folder.filePath(QStringLiteral("book")).toStdString() };
        auto book = PrivacyBook::open(path);
        LOAM_OK(book);
        LOAM_OK(book->spend(spending(0, 1.1), 8));
        LOAM_OK(book->spend(spending(1, 1.6), 8));
        // No destructor writes anything: what was granted is on disk already.
        const auto again = PrivacyBook::open(path);
        LOAM_OK(again);
        QCOMPARE(again->spendings().size(), 2U);
        QVERIFY(again->spendings()[1] == spending(1, 1.6));
        QCOMPARE(again->roundsSpent(spending(0, 0).run), 2U);
        QCOMPARE(again->roundsSpent(base::Hash256{}), 0U);
    }

    void nothingIsSpentTwiceOrBeyondThePromise()
    {
        const QTemporaryDir folder;
        auto book = PrivacyBook::open(folder.filePath(QStringLiteral("book")).toStdString());
        LOAM_OK(book->spend(spending(4, 1.1), 8));
        LOAM_FAILS(book->spend(spending(4, 1.1), 8), Errc::Denied);
        LOAM_FAILS(book->spend(spending(5, 8.1), 8), Errc::Denied);
        LOAM_FAILS(book->spend(spending(5, std::nan("")), 8), Errc::Denied);
        QCOMPARE(book->spendings().size(), 1U);
    }

    void whatCannotBeWrittenIsNotGranted()
    {
        auto book = PrivacyBook::open("/nowhere/at/all");
        LOAM_OK(book);
        LOAM_FAILS(book->spend(spending(0, 1), 8), Errc::NotFound);
        QVERIFY(book->spendings().empty());
    }

    void damageIsNoticed()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path{ folder.filePath(QStringLiteral("book")).toStdString() };
        LOAM_OK(base::writeFileAtomically(path, base::Bytes(20)));
        const auto book = PrivacyBook::open(path);
        LOAM_FAILS(book, Errc::Corrupt);
        node::ClosedBudget closed{ book.error() };
        LOAM_FAILS(closed.spend(spending(0, 1), 8), Errc::Corrupt);
    }

    void requestsAreBounded()
    {
        node::PrivateRound::Request request;
        request.address.round = 7;
        request.address.group = 2;
        request.address.attempt = 1;
        request.stage = 3;
        request.message = base::Bytes(10);
        const auto again = node::PrivateRound::Request::decode(request.encode());
        LOAM_OK(again);
        QVERIFY(again->encode() == request.encode());
        request.stage = 6;
        LOAM_FAILS(node::PrivateRound::Request::decode(request.encode()), Errc::Invalid);
        LOAM_FAILS(node::PrivateRound::Request::decode({}), Errc::Invalid);
        base::Bytes longer = again->encode();
        longer.push_back(std::byte{ 0 });
        LOAM_FAILS(node::PrivateRound::Request::decode(longer), Errc::Invalid);
    }

    void epsilonInWords()
    {
        const auto reply = node::answerEpsilon({ 4, 1, 16, 1e-6, "zcdp" });
        LOAM_OK(reply);
        QVERIFY(std::abs(reply->epsilon - 5.222) < 1e-3);
        QVERIFY(reply->sentence.find("at most 18") != std::string::npos);
        LOAM_FAILS(node::answerEpsilon({ 4, 1, 16, 1e-6, "guess" }), Errc::Invalid);
    }
};

QTEST_GUILESS_MAIN(TestPrivacyBook)
#include "tst_privacy_book.moc"
