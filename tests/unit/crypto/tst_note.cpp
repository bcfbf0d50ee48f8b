// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/merkle.h"
#include "crypto/note.h"
#include "unit/support.h"

using namespace loam;
using namespace loam::crypto;
using base::Errc;

namespace {

/// The key, text and signature of the reference implementation's documentation.
constexpr const char* kText = "If you think cryptography is the answer to your problem,\n"
                              "then you don't know what your problem is.\n";
constexpr const char* kLine
    = "\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2p"
      "ZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

/// The example of C2SP tlog-cosignature.
constexpr const char* kCheckpoint
    = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
      "\xe2\x80\x94 example.com/behind-the-sofa "
      "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
      "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
      "\xe2\x80\x94 witness.example.com/w1 "
      "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin"
      "1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

KeyPair keyOf(unsigned char number)
{
    Seed seed;
    seed.mutableView()[0] = static_cast<std::byte>(number);
    return KeyPair{ std::move(seed) };
}

} // namespace

class TestNote : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void referenceNoteVerifies()
    {
        const auto key = base::fromBase64("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        LOAM_OK(key);
        const auto publicKey = base::PublicKey::from(base::ByteView{ *key }.subspan(1));
        LOAM_OK(publicKey);
        const std::string encoded = std::string{ kText } + "\n" + kLine;
        const auto note = SignedNote::parse(encoded);
        LOAM_OK(note);
        QCOMPARE(note->text, std::string{ kText });
        QCOMPARE(note->signatures.size(), std::size_t{ 1 });
        QCOMPARE(note->signatures[0].name, std::string{ "PeterNeumann" });
        QCOMPARE(test::text(note->signatures[0].keyId), QStringLiteral("c74f20a3"));
        QVERIFY(noteKeyId("PeterNeumann", *publicKey) == note->signatures[0].keyId);
        QVERIFY(verifyNoteSignature(note->signatures[0], *publicKey, note->text));
        QVERIFY(!verifyNoteSignature(note->signatures[0], *publicKey, note->text + "x"));
        QCOMPARE(note->encode(), encoded);
    }

    void specificationCheckpointParses()
    {
        const auto note = SignedNote::parse(kCheckpoint);
        LOAM_OK(note);
        QCOMPARE(note->encode(), std::string{ kCheckpoint });
        const auto checkpoint = Checkpoint::parse(note->text);
        LOAM_OK(checkpoint);
        QCOMPARE(checkpoint->origin, std::string{ "example.com/behind-the-sofa" });
        QCOMPARE(checkpoint->size, std::uint64_t{ 20852163 });
        QCOMPARE(checkpoint->body(), note->text);
        QCOMPARE(note->signatures.size(), std::size_t{ 2 });
        // 8 bytes of time (1679315147 in the specification's example), 64 of Ed25519.
        QCOMPARE(note->signatures[1].signature.size(), std::size_t{ 72 });
        QCOMPARE(test::text(base::ByteView{ note->signatures[1].signature }.first(8)),
            QStringLiteral("00000000641850cb"));
    }

    void notesRoundTrip()
    {
        const KeyPair log = keyOf(1);
        const KeyPair witness = keyOf(2);
        const base::UnixTime time{ std::chrono::milliseconds{ 1700000000999 } };
        SignedNote note{ "text\n\nwith an empty line\n", {} };
        note.signatures.push_back(signNote("example.com/log", log, note.text));
        note.signatures.push_back(cosign("example.com/witness", witness, note.text, time));
        const auto back = SignedNote::parse(note.encode());
        LOAM_OK(back);
        QCOMPARE(back->text, note.text);
        QVERIFY(back->signatures == note.signatures);
        QVERIFY(verifyNoteSignature(back->signatures[0], log.publicKey(), back->text));
        const auto seen = verifyCosignature(back->signatures[1], witness.publicKey(), back->text);
        QVERIFY(seen.has_value());
        // Whole seconds are signed.
        QVERIFY(*seen == base::UnixTime{ std::chrono::seconds{ 1700000000 } });
    }

    void cosignaturesCoverTimeTextAndKind()
    {
        const KeyPair key = keyOf(3);
        const base::UnixTime time{ std::chrono::seconds{ 1679315147 } };
        const NoteSignature good = cosign("w", key, "a\n1\nx\n", time);
        QVERIFY(verifyCosignature(good, key.publicKey(), "a\n1\nx\n").has_value());
        QVERIFY(!verifyCosignature(good, key.publicKey(), "a\n2\nx\n").has_value());
        QVERIFY(!verifyCosignature(good, keyOf(4).publicKey(), "a\n1\nx\n").has_value());
        NoteSignature changed = good;
        changed.signature[7] ^= std::byte{ 1 };
        QVERIFY(!verifyCosignature(changed, key.publicKey(), "a\n1\nx\n").has_value());
        changed = good;
        changed.name = "v";
        QVERIFY(!verifyCosignature(changed, key.publicKey(), "a\n1\nx\n").has_value());
        changed = good;
        changed.signature.pop_back();
        QVERIFY(!verifyCosignature(changed, key.publicKey(), "a\n1\nx\n").has_value());
        // Neither kind passes for the other.
        QVERIFY(!verifyNoteSignature(good, key.publicKey(), "a\n1\nx\n"));
        QVERIFY(!verifyCosignature(signNote("w", key, "a\n1\nx\n"), key.publicKey(), "a\n1\nx\n")
                     .has_value());
        // What is signed is exactly the text of the specification.
        const auto raw = base::Signature::from(base::ByteView{ good.signature }.subspan(8));
        LOAM_OK(raw);
        QVERIFY(verify(
            key.publicKey(), base::asBytes("cosignature/v1\ntime 1679315147\na\n1\nx\n"), *raw));
    }

    void refusesNotes_data()
    {
        QTest::addColumn<QByteArray>("note");
        const QByteArray line{ kLine };
        QTest::newRow("empty") << QByteArray{};
        QTest::newRow("no signature") << QByteArray{ "text\n\n" };
        QTest::newRow("no empty line") << QByteArray{ "text\n" } + line;
        QTest::newRow("last line open") << QByteArray{ "text\n\n" } + line.chopped(1);
        QTest::newRow("no dash") << QByteArray{ "text\n\nPeterNeumann AAAAAAA=\n" };
        QTest::newRow("hyphen") << QByteArray{ "text\n\n- PeterNeumann AAAAAAA=\n" };
        QTest::newRow("no name") << QByteArray{ "text\n\n\xe2\x80\x94  AAAAAAA=\n" };
        QTest::newRow("plus in name") << QByteArray{ "text\n\n\xe2\x80\x94 a+b AAAAAAA=\n" };
        QTest::newRow("no-break space") << QByteArray{ "text\n\n\xe2\x80\x94 a\xc2\xa0"
                                                       "b AAAAAAA=\n" };
        QTest::newRow("thin space") << QByteArray{ "text\n\n\xe2\x80\x94 a\xe2\x80\x89"
                                                   "b AAAAAAA=\n" };
        QTest::newRow("no base64") << QByteArray{ "text\n\n\xe2\x80\x94 a AAAA===\n" };
        QTest::newRow("key id only") << QByteArray{ "text\n\n\xe2\x80\x94 a AAAAAA==\n" };
        QTest::newRow("tab") << QByteArray{ "te\txt\n\n" } + line;
        QTest::newRow("carriage return") << QByteArray{ "text\r\n\n" } + line;
        QTest::newRow("zero byte") << QByteArray{ "te\0xt\n\n", 7 } + line;
        QTest::newRow("not UTF-8") << QByteArray{ "te\xfft\n\n" } + line;
        QTest::newRow("too many") << QByteArray{ "text\n\n" } + line.repeated(257);
        QTest::newRow("too large") << QByteArray(1 << 20, 'a') + QByteArray{ "\n\n" } + line;
    }
    void refusesNotes()
    {
        QFETCH(QByteArray, note);
        LOAM_FAILS(SignedNote::parse(note.toStdString()), Errc::Invalid);
    }

    void acceptsUnknownSignatures()
    {
        const auto note = SignedNote::parse("text\n\n\xe2\x80\x94 a\xe2\x80\xa6z AAAAAAA=\n");
        LOAM_OK(note);
        QCOMPARE(note->signatures[0].signature.size(), std::size_t{ 1 });
        const QByteArray many = QByteArray{ "text\n\n" } + QByteArray{ kLine }.repeated(256);
        LOAM_OK(SignedNote::parse(many.toStdString()));
    }

    void refusesCheckpoints_data()
    {
        QTest::addColumn<QString>("body");
        const QString root = u"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="_qs;
        QTest::newRow("empty") << u""_qs;
        QTest::newRow("no origin") << u"\n1\n"_qs + root + u"\n"_qs;
        QTest::newRow("leading zero") << u"a\n01\n"_qs + root + u"\n"_qs;
        QTest::newRow("sign") << u"a\n+1\n"_qs + root + u"\n"_qs;
        QTest::newRow("negative") << u"a\n-1\n"_qs + root + u"\n"_qs;
        QTest::newRow("no size") << u"a\n\n"_qs + root + u"\n"_qs;
        QTest::newRow("huge size") << u"a\n18446744073709551616\n"_qs + root + u"\n"_qs;
        QTest::newRow("short root") << u"a\n1\nCsUY\n"_qs;
        QTest::newRow("bad root") << u"a\n1\n"_qs + root + u"=\n"_qs;
        QTest::newRow("open root") << u"a\n1\n"_qs + root;
        QTest::newRow("extension") << u"a\n1\n"_qs + root + u"\nmore\n"_qs;
    }
    void refusesCheckpoints()
    {
        QFETCH(QString, body);
        LOAM_FAILS(Checkpoint::parse(body.toStdString()), Errc::Invalid);
    }

    void proofsStandAlone_data()
    {
        QTest::addColumn<QString>("extra");
        QTest::newRow("plain") << "";
        QTest::newRow("with extra data") << "0102ff";
    }
    void proofsStandAlone()
    {
        QFETCH(QString, extra);
        MerkleTree tree;
        for (int i = 0; i < 11; ++i) {
            tree.append(merkleLeaf(base::asBytes(std::to_string(i))));
        }
        const KeyPair log = keyOf(5);
        const Checkpoint checkpoint{ "loam/test", tree.size(), tree.root() };
        LogProof proof{ 6, test::hex(extra.toStdString()), tree.inclusionProof(6, 11).value(),
            { checkpoint.body(), {} } };
        proof.checkpoint.signatures.push_back(signNote("loam/test", log, checkpoint.body()));
        const std::string encoded = proof.encode();
        QVERIFY(
            encoded.starts_with(extra.isEmpty() ? "c2sp.org/tlog-proof@v1\nindex 6\n"
                                                : "c2sp.org/tlog-proof@v1\nextra AQL/\nindex 6\n"));
        const auto back = LogProof::parse(encoded);
        LOAM_OK(back);
        QCOMPARE(back->encode(), encoded);
        QCOMPARE(test::text(back->extra), extra);
        const auto seen = Checkpoint::parse(back->checkpoint.text);
        LOAM_OK(seen);
        QVERIFY(verifyNoteSignature(
            back->checkpoint.signatures[0], log.publicKey(), back->checkpoint.text));
        QVERIFY(verifyInclusion(
            merkleLeaf(base::asBytes("6")), back->index, seen->size, back->path, seen->root));
    }

    void refusesProofs_data()
    {
        QTest::addColumn<QString>("proof");
        const QString rest = QStringLiteral("\n") + QString::fromUtf8(kCheckpoint);
        const QString head = u"c2sp.org/tlog-proof@v1\n"_qs;
        const QString hash = u"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"_qs;
        QTest::newRow("empty") << u""_qs;
        QTest::newRow("other version") << u"c2sp.org/tlog-proof@v2\nindex 0\n"_qs + rest;
        QTest::newRow("no index") << head + rest;
        QTest::newRow("leading zero") << head + u"index 00\n"_qs + rest;
        QTest::newRow("empty extra") << head + u"extra \nindex 0\n"_qs + rest;
        QTest::newRow("extra last") << head + u"index 0\nextra AAAA\n"_qs + rest;
        QTest::newRow("short hash") << head + u"index 0\nAAAA\n"_qs + rest;
        QTest::newRow("no checkpoint") << head + u"index 0\n"_qs + hash + u"\n"_qs;
        QTest::newRow("no empty line") << head + u"index 0\n"_qs + hash;
        QTest::newRow("long path") << head + u"index 0\n"_qs + hash.repeated(64) + rest;
    }
    void refusesProofs()
    {
        QFETCH(QString, proof);
        LOAM_FAILS(LogProof::parse(proof.toStdString()), Errc::Invalid);
    }
};

QTEST_GUILESS_MAIN(TestNote)
#include "tst_note.moc"
