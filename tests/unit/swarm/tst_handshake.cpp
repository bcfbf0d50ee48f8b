// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/random.h"
#include "samples.h"
#include "swarm/handshake.h"
#include "swarm/lanes.h"
#include "swarm/policy.h"
#include "swarm/types.h"

#include <QtTest>

using namespace loam;
using namespace loam::swarm;
using namespace loam::swarm::test;
using namespace std::chrono_literals;
using base::Bytes;
using base::Errc;

namespace {

crypto::SymmetricKey key(unsigned char fill)
{
    std::array<std::byte, 32> bytes{};
    bytes.fill(static_cast<std::byte>(fill));
    return crypto::SymmetricKey{ bytes };
}

base::NetworkId network(unsigned char fill)
{
    base::NetworkId out;
    out.data.fill(static_cast<std::byte>(fill));
    return out;
}

struct Side
{
    crypto::KeyPair identity{ crypto::KeyPair::generate() };
    Handshake handshake;

    explicit Side(const base::NetworkId& net)
        : handshake{ identity, net, Instance{}, "test 1", 4242 }
    {
    }
};

} // namespace

class TestHandshake : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void handshakeAgrees();
    void handshakeRefusesOtherNetwork();
    void handshakeRefusesImpostor();
    void handshakeRefusesItself();
    void handshakeRefusesAlteredBytes();
    void handshakeRefusesOtherVersion();
    void proofOutOfTurnIsRefused();
    void cipherRefusesReplayReorderTruncationAndChange();
    void cipherMatchesRfc8439Layout();
};

void TestHandshake::handshakeAgrees()
{
    Side a{ network(7) };
    Side b{ network(7) };
    const auto proofA = a.handshake.receiveHello(b.handshake.hello());
    const auto proofB = b.handshake.receiveHello(a.handshake.hello());
    QVERIFY(proofA && proofB);
    QVERIFY(!a.handshake.isComplete());
    QVERIFY(a.handshake.receiveProof(*proofB).has_value());
    QVERIFY(b.handshake.receiveProof(*proofA).has_value());
    QCOMPARE(a.handshake.peer()->id == b.identity.publicKey(), true);
    QCOMPARE(a.handshake.peer()->agent, std::string{ "test 1" });
    QCOMPARE(a.handshake.peer()->port, std::uint16_t{ 4242 });

    FrameCipher toB = a.handshake.takeCipher();
    FrameCipher toA = b.handshake.takeCipher();
    for (int round = 0; round < 3; ++round) {
        const Bytes there = toB.seal(text("hello"));
        QVERIFY(there != toA.seal(text("hello")) || round < 0);
        QCOMPARE(*toA.open(there) == text("hello"), true);
    }
}

void TestHandshake::handshakeRefusesOtherNetwork()
{
    Side a{ network(1) };
    Side b{ network(2) };
    const auto proofA = a.handshake.receiveHello(b.handshake.hello());
    const auto proofB = b.handshake.receiveHello(a.handshake.hello());
    const auto done = a.handshake.receiveProof(*proofB);
    QVERIFY(!done);
    QCOMPARE(done.error().code, Errc::Denied);
    QVERIFY(!b.handshake.receiveProof(*proofA));
    QVERIFY(!a.handshake.isComplete());
}

void TestHandshake::handshakeRefusesImpostor()
{
    // Mallory greets in Alice's name with an ephemeral key of his own, but cannot sign for her.
    Side alice{ network(1) };
    Side mallory{ network(1) };
    Side bob{ network(1) };
    auto forged = *Hello::decode(mallory.handshake.hello());
    forged.id = alice.identity.publicKey();
    const auto ignored = bob.handshake.receiveHello(forged.encode());
    QVERIFY(ignored.has_value());
    const auto proof = mallory.handshake.receiveHello(bob.handshake.hello());
    QVERIFY(proof.has_value());
    QVERIFY(!bob.handshake.receiveProof(*proof));
}

void TestHandshake::handshakeRefusesItself()
{
    Side a{ network(1) };
    Handshake other{ a.identity, network(1), Instance{}, "test", 1 };
    const auto done = a.handshake.receiveHello(other.hello());
    QVERIFY(!done);
    QCOMPARE(done.error().code, Errc::Denied);
}

void TestHandshake::handshakeRefusesAlteredBytes()
{
    // Whatever byte of a greeting is changed on the way, no session comes about.
    const std::size_t size = Side{ network(1) }.handshake.hello().size();
    for (std::size_t at = 0; at < size; ++at) {
        Side a{ network(1) };
        Side b{ network(1) };
        Bytes altered = a.handshake.hello();
        altered[at] ^= std::byte{ 1 };
        const auto proofA = a.handshake.receiveHello(b.handshake.hello());
        const auto proofB = b.handshake.receiveHello(altered);
        const bool accepted = proofB && b.handshake.receiveProof(*proofA);
        QVERIFY2(!accepted, qPrintable(QString::number(at)));
    }
    Side a{ network(1) };
    Side b{ network(1) };
    auto proof = *a.handshake.receiveHello(b.handshake.hello());
    QVERIFY(b.handshake.receiveHello(a.handshake.hello()).has_value());
    proof[5] ^= std::byte{ 0x80 };
    QVERIFY(!b.handshake.receiveProof(proof));
}

void TestHandshake::handshakeRefusesOtherVersion()
{
    Side a{ network(1) };
    Side b{ network(1) };
    auto hello = *Hello::decode(b.handshake.hello());
    hello.version = 2;
    const auto done = a.handshake.receiveHello(hello.encode());
    QVERIFY(!done);
    QVERIFY(done.error().message.find("version 2") != std::string::npos);
}

void TestHandshake::proofOutOfTurnIsRefused()
{
    Side a{ network(1) };
    Side b{ network(1) };
    QVERIFY(!a.handshake.receiveProof(noise(80, 1)));
    const auto proof = b.handshake.receiveHello(a.handshake.hello());
    QVERIFY(a.handshake.receiveHello(b.handshake.hello()).has_value());
    QVERIFY(!a.handshake.receiveHello(b.handshake.hello()));
    QVERIFY(a.handshake.receiveProof(*proof).has_value());
    QVERIFY(!a.handshake.receiveProof(*proof));
}

void TestHandshake::cipherRefusesReplayReorderTruncationAndChange()
{
    const auto receiver = [] { return FrameCipher{ key(9), key(1) }; };
    FrameCipher sender{ key(1), key(2) };
    const Bytes first = sender.seal(text("one"));
    const Bytes second = sender.seal(text("two"));

    FrameCipher inOrder = receiver();
    QVERIFY(inOrder.open(first) && inOrder.open(second));
    FrameCipher replayed = receiver();
    QVERIFY(replayed.open(first).has_value());
    QCOMPARE(replayed.open(first).error().code, Errc::Corrupt);
    FrameCipher reordered = receiver();
    QVERIFY(!reordered.open(second));
    FrameCipher truncated = receiver();
    QVERIFY(!truncated.open(base::ByteView{ first }.first(first.size() - 1)));
    QVERIFY(!truncated.open({}));
    for (std::size_t bit = 0; bit < first.size() * 8; ++bit) {
        Bytes changed = first;
        changed[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        FrameCipher cipher = receiver();
        QVERIFY(!cipher.open(changed));
    }
    FrameCipher large = receiver();
    QVERIFY(!large.open(Bytes(kMaxSealedFrame + 1)));
}

void TestHandshake::cipherMatchesRfc8439Layout()
{
    FrameCipher sender{ key(3), key(4) };
    const Bytes ignored = sender.seal({});
    const Bytes sealed = sender.seal(text("payload"));
    const auto opened = crypto::open(crypto::Aead::ChaCha20Poly1305, key(3),
        crypto::counterNonce(1), base::asBytes("loam/frame/v1"), sealed);
    QVERIFY(opened.has_value());
    QCOMPARE(*opened == text("payload"), true);
    QCOMPARE(ignored.size(), crypto::kTagSize);
}

QTEST_GUILESS_MAIN(TestHandshake)
#include "tst_handshake.moc"
