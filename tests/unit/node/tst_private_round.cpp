// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/epsilon.h"
#include "node/private_round.h"
#include "unit/support.h"

using namespace loam;
using base::Errc;

class TestPrivateRound : public QObject
{
    Q_OBJECT

private Q_SLOTS:
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

QTEST_GUILESS_MAIN(TestPrivateRound)
#include "tst_private_round.moc"
