// SPDX-License-Identifier: GPL-3.0-or-later
#include "fixture.h"
#include "unit/support.h"

#include <QtTest>

#include <random>

using namespace loam;
using namespace loam::consensus;
using namespace loam::consensus::test;
using base::Errc;

namespace {

std::vector<Message> oneOfEach()
{
    const Validators v{ 4 };
    const Certificate certificate = v.certificate(VoteKind::Nullify, 1, {}, { 0, 1, 2 });
    const Proposal proposal = v.proposal(2, v.genesis, "payload", { certificate });
    return { v.vote(1, VoteKind::Notarize, 3, v.genesis), certificate, proposal,
        Fetch{ 5, 1, 2, { v.genesis } }, Answer{ 5, false, { proposal.block }, { certificate } },
        Status{ 5, 1, 2, 3 }, WakeHint{ 5, 6 } };
}

} // namespace

class TestConsensusMessage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void roundTrips();
    void hashIsOfTheReceivedBytes();
    void refusesTruncationAndTail();
    void refusesForeignVote();
    void refusesLongLists();
    void survivesNoise();
};

void TestConsensusMessage::roundTrips()
{
    const std::vector<Message> messages = oneOfEach();
    QCOMPARE(messages.size(), std::variant_size_v<Message>);
    for (const Message& message : messages) {
        const base::Bytes bytes = encodeMessage(message);
        const auto back = decodeMessage(bytes);
        LOAM_OK(back);
        QCOMPARE(back->index(), message.index());
        QVERIFY(encodeMessage(*back) == bytes);
    }
}

void TestConsensusMessage::hashIsOfTheReceivedBytes()
{
    const auto back = decodeMessage(encodeMessage(oneOfEach()[2]));
    LOAM_OK(back);
    const auto& proposal = std::get<Proposal>(*back);
    QVERIFY(proposal.block.hash == proposal.block.block->hash());
}

void TestConsensusMessage::refusesTruncationAndTail()
{
    for (const Message& message : oneOfEach()) {
        base::Bytes bytes = encodeMessage(message);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            LOAM_FAILS(decodeMessage(base::ByteView{ bytes }.first(size)), Errc::Invalid);
        }
        bytes.push_back(std::byte{ 0 });
        LOAM_FAILS(decodeMessage(bytes), Errc::Invalid);
    }
}

void TestConsensusMessage::refusesForeignVote()
{
    const Validators v{ 4 };
    const Proposal good = v.proposal(2, v.genesis, "payload");
    Proposal bad = good;
    bad.vote = v.vote(2, VoteKind::Notarize, 2, v.genesis);
    LOAM_FAILS(decodeMessage(encodeMessage(bad)), Errc::Invalid);
    bad.vote = v.vote(2, VoteKind::Finalize, 2, good.block.hash);
    LOAM_FAILS(decodeMessage(encodeMessage(bad)), Errc::Invalid);
    bad.vote = v.vote(2, VoteKind::Notarize, 3, good.block.hash);
    LOAM_FAILS(decodeMessage(encodeMessage(bad)), Errc::Invalid);
}

void TestConsensusMessage::refusesLongLists()
{
    const Validators v{ 4 };
    LOAM_OK(decodeMessage(encodeMessage(Fetch{ 5, 1, 1, std::vector<base::Hash256>(kMaxWanted) })));
    LOAM_FAILS(
        decodeMessage(encodeMessage(Fetch{ 5, 1, 1, std::vector<base::Hash256>(kMaxWanted + 1) })),
        Errc::Invalid);
    const Certificate certificate = v.certificate(VoteKind::Nullify, 1, {}, { 0, 1, 2 });
    Answer answer{ 5, true, {}, std::vector<Certificate>(kMaxCertificates, certificate) };
    LOAM_OK(decodeMessage(encodeMessage(answer)));
    answer.certificates.push_back(certificate);
    LOAM_FAILS(decodeMessage(encodeMessage(answer)), Errc::Invalid);
}

void TestConsensusMessage::survivesNoise()
{
    // Whatever comes in is either refused or means exactly its bytes.
    std::mt19937 random{ 7 };
    for (const Message& message : oneOfEach()) {
        const base::Bytes bytes = encodeMessage(message);
        for (int i = 0; i < 2000; ++i) {
            base::Bytes noisy = bytes;
            for (int flips = 1 + i % 3; flips > 0; --flips) {
                noisy[random() % noisy.size()] = static_cast<std::byte>(random() & 0xffU);
            }
            const auto decoded = decodeMessage(noisy);
            if (decoded) {
                QVERIFY(encodeMessage(*decoded) == noisy);
            }
        }
    }
}

QTEST_GUILESS_MAIN(TestConsensusMessage)
#include "tst_message.moc"
