// SPDX-License-Identifier: GPL-3.0-or-later
#include "codec/cbor.h"
#include "fixture.h"
#include "unit/support.h"

#include <QtTest>

#include <functional>

using namespace loam;
using namespace loam::consensus;
using namespace loam::consensus::test;
using base::Errc;

using Spoil = std::function<void(Certificate&)>;
Q_DECLARE_METATYPE(Spoil)

class TestConsensusTypes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void quorums_data();
    void quorums();
    void roundTrips();
    void blockBytesAreFixed();
    void refusesEveryTruncation();
    void refusesOddFields();
    void voteVerification();
    void certificateVerifies();
    void certificateRefused_data();
    void certificateRefused();
    void bitmapIsCanonical();
    void evidencePairs();
    void evidenceVerification();
};

void TestConsensusTypes::quorums_data()
{
    QTest::addColumn<int>("validators");
    QTest::addColumn<int>("faults");
    QTest::addColumn<int>("quorum");
    QTest::newRow("1") << 1 << 0 << 1;
    QTest::newRow("2") << 2 << 0 << 2;
    QTest::newRow("3") << 3 << 0 << 3;
    QTest::newRow("4") << 4 << 1 << 3;
    QTest::newRow("6") << 6 << 1 << 5;
    QTest::newRow("7") << 7 << 2 << 5;
    QTest::newRow("100") << 100 << 33 << 67;
}

void TestConsensusTypes::quorums()
{
    QFETCH(int, validators);
    ValidatorSet set;
    set.members.resize(static_cast<std::size_t>(validators));
    QTEST(static_cast<int>(set.faults()), "faults");
    QTEST(static_cast<int>(set.quorum()), "quorum");
    // Two quorums share an honest voter: the whole argument for safety.
    QVERIFY(2 * set.quorum() - set.members.size() > set.faults());
}

void TestConsensusTypes::roundTrips()
{
    const Validators v{ 4 };
    const Block block{ 7, 5, v.genesis, base::toBytes(base::asBytes("payload")) };
    const auto blockBack = Block::decode(block.encode());
    LOAM_OK(blockBack);
    QCOMPARE(blockBack->height, block.height);
    QCOMPARE(blockBack->epoch, block.epoch);
    QVERIFY(blockBack->parent == block.parent);
    QVERIFY(blockBack->payload == block.payload);
    QVERIFY(blockBack->hash() == block.hash());

    const Vote vote = v.vote(2, VoteKind::Finalize, 9, block.hash());
    const auto voteBack = Vote::decode(vote.encode());
    LOAM_OK(voteBack);
    QVERIFY(*voteBack == vote);

    const Certificate certificate = v.certificate(VoteKind::Nullify, 9, {}, { 0, 2, 3 });
    const auto certificateBack = Certificate::decode(certificate.encode());
    LOAM_OK(certificateBack);
    QVERIFY(*certificateBack == certificate);

    const auto evidence = Evidence::of(
        v.vote(1, VoteKind::Finalize, 9, block.hash()), v.vote(1, VoteKind::Nullify, 9, {}));
    QVERIFY(evidence.has_value());
    const auto evidenceBack = Evidence::decode(evidence->encode());
    LOAM_OK(evidenceBack);
    QVERIFY(evidenceBack->first == evidence->first);
    QVERIFY(evidenceBack->second == evidence->second);
}

void TestConsensusTypes::blockBytesAreFixed()
{
    // [1, 2, 32 zero bytes, "ab"]: hashed, so these bytes may never change.
    const QString zeros{ 64, QLatin1Char('0') };
    const Block block{ 1, 2, {}, base::toBytes(base::asBytes("ab")) };
    QCOMPARE(loam::test::text(block.encode()),
        QStringLiteral("8401025820") + zeros + QStringLiteral("426162"));
    Vote vote;
    vote.epoch = 1;
    vote.height = 300;
    QCOMPARE(loam::test::text(vote.signedPayload()), QStringLiteral("84010119012c5820") + zeros);
}

void TestConsensusTypes::refusesEveryTruncation()
{
    const Validators v{ 4 };
    const base::Bytes block = Block{ 7, 5, v.genesis, base::Bytes(5) }.encode();
    const base::Bytes vote = v.vote(2, VoteKind::Notarize, 9, v.genesis).encode();
    const base::Bytes certificate
        = v.certificate(VoteKind::Finalize, 9, v.genesis, { 0, 1, 2 }).encode();
    for (std::size_t size = 0; size < block.size(); ++size) {
        LOAM_FAILS(Block::decode(base::ByteView{ block }.first(size)), Errc::Invalid);
    }
    for (std::size_t size = 0; size < vote.size(); ++size) {
        LOAM_FAILS(Vote::decode(base::ByteView{ vote }.first(size)), Errc::Invalid);
    }
    for (std::size_t size = 0; size < certificate.size(); ++size) {
        LOAM_FAILS(Certificate::decode(base::ByteView{ certificate }.first(size)), Errc::Invalid);
    }
    base::Bytes longer = vote;
    longer.push_back(std::byte{ 0 });
    LOAM_FAILS(Vote::decode(longer), Errc::Invalid);
}

void TestConsensusTypes::refusesOddFields()
{
    const Validators v{ 4 };
    Vote vote = v.vote(2, VoteKind::Notarize, 9, v.genesis);
    vote.kind = static_cast<VoteKind>(4);
    LOAM_FAILS(Vote::decode(vote.encode()), Errc::Invalid);
    vote.kind = static_cast<VoteKind>(0);
    LOAM_FAILS(Vote::decode(vote.encode()), Errc::Invalid);
    vote.kind = VoteKind::Nullify; // but it names a block
    LOAM_FAILS(Vote::decode(vote.encode()), Errc::Invalid);
    vote = v.vote(2, VoteKind::Notarize, 0, v.genesis);
    LOAM_FAILS(Vote::decode(vote.encode()), Errc::Invalid);
    vote = v.vote(2, VoteKind::Notarize, 9, v.genesis);
    vote.voter = kMaxValidators;
    LOAM_FAILS(Vote::decode(vote.encode()), Errc::Invalid);
    LOAM_FAILS(Block::decode(Block{ 0, 5, v.genesis, {} }.encode()), Errc::Invalid);
    LOAM_FAILS(Block::decode(Block{ 1, 5, v.genesis, base::Bytes(kMaxPayload + 1) }.encode()),
        Errc::Invalid);
    LOAM_OK(Block::decode(Block{ 1, 5, v.genesis, base::Bytes(kMaxPayload) }.encode()));
}

void TestConsensusTypes::voteVerification()
{
    const Validators v{ 4 };
    const Vote vote = v.vote(2, VoteKind::Notarize, 9, v.genesis);
    LOAM_OK(vote.verify(v.set, v.network));
    LOAM_FAILS(vote.verify(v.set, base::NetworkId{}), Errc::Invalid);

    const auto refused = [&](auto change) {
        Vote changed = vote;
        change(changed);
        return !changed.verify(v.set, v.network).has_value();
    };
    QVERIFY(refused([](Vote& x) { x.kind = VoteKind::Finalize; }));
    QVERIFY(refused([](Vote& x) { x.epoch = 6; }));
    QVERIFY(refused([](Vote& x) { x.height = 10; }));
    QVERIFY(refused([](Vote& x) { x.block = {}; }));
    QVERIFY(refused([](Vote& x) { x.voter = 1; }));
    QVERIFY(refused([](Vote& x) { x.voter = 4; }));
    QVERIFY(refused([](Vote& x) { x.signature.data[3] ^= std::byte{ 1 }; }));
}

void TestConsensusTypes::certificateVerifies()
{
    const Validators v{ 7 };
    for (const auto& voters :
        { std::vector<std::size_t>{ 0, 1, 2, 3, 4 }, std::vector<std::size_t>{ 2, 3, 4, 5, 6 },
            std::vector<std::size_t>{ 0, 1, 2, 3, 4, 5, 6 } }) {
        LOAM_OK(v.certificate(VoteKind::Finalize, 3, v.genesis, voters).verify(v.set, v.network));
    }
}

void TestConsensusTypes::certificateRefused_data()
{
    QTest::addColumn<Spoil>("spoil");
    const auto row = [](const char* name, Spoil spoil) { QTest::newRow(name) << spoil; };
    row("below quorum", [](Certificate& c) {
        c.voters.pop_back();
        c.signatures.pop_back();
    });
    row("nobody", [](Certificate& c) {
        c.voters.clear();
        c.signatures.clear();
    });
    row("duplicate voter", [](Certificate& c) {
        c.voters[4] = c.voters[3];
        c.signatures[4] = c.signatures[3];
    });
    row("wrong order", [](Certificate& c) {
        std::swap(c.voters[0], c.voters[1]);
        std::swap(c.signatures[0], c.signatures[1]);
    });
    row("signatures swapped", [](Certificate& c) { std::swap(c.signatures[0], c.signatures[1]); });
    row("unknown voter", [](Certificate& c) { c.voters[4] = 7; });
    row("one signature missing", [](Certificate& c) { c.signatures.pop_back(); });
    row("wrong signature", [](Certificate& c) { c.signatures[2].data[0] ^= std::byte{ 1 }; });
    row("other kind", [](Certificate& c) { c.kind = VoteKind::Notarize; });
    row("other height", [](Certificate& c) { ++c.height; });
    row("other epoch", [](Certificate& c) { ++c.epoch; });
    row("other block", [](Certificate& c) { c.block = {}; });
    row("dummy with a block", [](Certificate& c) { c.kind = VoteKind::Nullify; });
}

void TestConsensusTypes::certificateRefused()
{
    QFETCH(Spoil, spoil);
    const Validators v{ 7 };
    Certificate certificate = v.certificate(VoteKind::Finalize, 3, v.genesis, { 0, 1, 2, 3, 4 });
    spoil(certificate);
    LOAM_FAILS(certificate.verify(v.set, v.network), Errc::Invalid);
    LOAM_FAILS(certificate.verify(ValidatorSet{}, v.network), Errc::Invalid);
}

void TestConsensusTypes::bitmapIsCanonical()
{
    const auto encoded = [](const base::Bytes& bitmap, std::size_t signatures) {
        codec::Writer writer;
        writer.array(6).unsignedInt(2).unsignedInt(5).unsignedInt(1).bytes(base::Hash256{}.view());
        writer.bytes(bitmap).bytes(base::Bytes(64 * signatures));
        return writer.take();
    };
    const auto two = Certificate::decode(encoded({ std::byte{ 0x01 }, std::byte{ 0x80 } }, 2));
    LOAM_OK(two);
    QCOMPARE(two->voters, (std::vector<ValidatorIndex>{ 0, 15 }));
    LOAM_FAILS(Certificate::decode(encoded({ std::byte{ 3 }, std::byte{ 0 } }, 2)), Errc::Invalid);
    LOAM_FAILS(Certificate::decode(encoded({ std::byte{ 3 } }, 1)), Errc::Invalid);
    LOAM_FAILS(
        Certificate::decode(encoded(base::Bytes(kMaxValidators / 8 + 1, std::byte{ 1 }), 33)),
        Errc::Invalid);
}

void TestConsensusTypes::evidencePairs()
{
    const Validators v{ 4 };
    const base::Hash256 a = hashOf("a");
    const base::Hash256 b = hashOf("b");
    const auto found
        = [&](VoteKind k1, const base::Hash256& b1, VoteKind k2, const base::Hash256& b2) {
              return Evidence::of(v.vote(1, k1, 9, b1), v.vote(1, k2, 9, b2)).has_value();
          };
    QVERIFY(found(VoteKind::Notarize, a, VoteKind::Notarize, b));
    QVERIFY(found(VoteKind::Finalize, a, VoteKind::Finalize, b));
    QVERIFY(found(VoteKind::Nullify, {}, VoteKind::Finalize, a));
    QVERIFY(found(VoteKind::Finalize, a, VoteKind::Nullify, {}));
    // All of these an honest validator may sign.
    QVERIFY(!found(VoteKind::Notarize, a, VoteKind::Notarize, a));
    QVERIFY(!found(VoteKind::Notarize, a, VoteKind::Nullify, {}));
    QVERIFY(!found(VoteKind::Notarize, a, VoteKind::Finalize, a));
    QVERIFY(!found(VoteKind::Notarize, a, VoteKind::Finalize, b));
    QVERIFY(!found(VoteKind::Nullify, {}, VoteKind::Nullify, {}));
    QVERIFY(
        !Evidence::of(v.vote(1, VoteKind::Notarize, 9, a), v.vote(2, VoteKind::Notarize, 9, b)));
    QVERIFY(
        !Evidence::of(v.vote(1, VoteKind::Notarize, 9, a), v.vote(1, VoteKind::Notarize, 8, b)));
}

void TestConsensusTypes::evidenceVerification()
{
    const Validators v{ 4 };
    const auto evidence = Evidence::of(v.vote(1, VoteKind::Notarize, 9, hashOf("a")),
        v.vote(1, VoteKind::Notarize, 9, hashOf("b")));
    QVERIFY(evidence.has_value());
    LOAM_OK(evidence->verify(v.set, v.network));
    LOAM_FAILS(evidence->verify(v.set, base::NetworkId{}), Errc::Invalid);
    LOAM_FAILS(
        (Evidence{ evidence->second, evidence->first }.verify(v.set, v.network)), Errc::Invalid);
    LOAM_FAILS(
        (Evidence{ evidence->first, evidence->first }.verify(v.set, v.network)), Errc::Invalid);
    Evidence forged = *evidence;
    forged.second.signature.data[0] ^= std::byte{ 1 };
    LOAM_FAILS(forged.verify(v.set, v.network), Errc::Invalid);
}

QTEST_GUILESS_MAIN(TestConsensusTypes)
#include "tst_types.moc"
