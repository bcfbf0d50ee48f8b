// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/key_stream.h"
#include "crypto/random.h"
#include "unit/support.h"

#include <algorithm>

using namespace loam;
using namespace loam::crypto;

namespace {

base::Bytes stream(
    StreamCipher cipher, const SymmetricKey& key, const Nonce& nonce, std::size_t size)
{
    base::Bytes out(size);
    KeyStream{ cipher, key, nonce }.fill(out);
    return out;
}

} // namespace

class TestKeyStream : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void published()
    {
        // RFC 8439 A.1, first vector: all zero.
        QCOMPARE(test::text(stream(StreamCipher::ChaCha20, SymmetricKey{}, Nonce{}, 64)),
            QStringLiteral("76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
                           "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"));
        // RFC 8439 2.4.2: the example starts at block 1.
        SymmetricKey key;
        for (std::size_t i = 0; i < SymmetricKey::kSize; ++i) {
            key.mutableView()[i] = static_cast<std::byte>(i);
        }
        Nonce nonce{};
        nonce[7] = std::byte{ 0x4a };
        QCOMPARE(test::text(
                     base::ByteView{ stream(StreamCipher::ChaCha20, key, nonce, 96) }.subspan(64)),
            QStringLiteral("224f51f3401bd9e12fde276fb8631ded8c131f823d2c06e27e4fcaec9ef3cf78"));
    }

    void isWhatTheSealsAdd_data()
    {
        QTest::addColumn<int>("stream");
        QTest::addColumn<int>("aead");
        QTest::addColumn<int>("block");
        // The AEADs have published vectors of their own; sealing zeros shows the stream they use.
        QTest::newRow("chacha") << static_cast<int>(StreamCipher::ChaCha20)
                                << static_cast<int>(Aead::ChaCha20Poly1305) << 64;
        QTest::newRow("aes") << static_cast<int>(StreamCipher::Aes256Ctr)
                             << static_cast<int>(Aead::Aes256Gcm) << 32;
    }
    void isWhatTheSealsAdd()
    {
        QFETCH(int, stream);
        QFETCH(int, aead);
        QFETCH(int, block);
        const SymmetricKey key = randomKey();
        const Nonce nonce = counterNonce(77);
        const base::Bytes sealed = seal(static_cast<Aead>(aead), key, nonce, {}, base::Bytes(3000));
        const auto skipped = static_cast<std::size_t>(block);
        const base::Bytes bytes
            = ::stream(static_cast<StreamCipher>(stream), key, nonce, skipped + 3000);
        QVERIFY(std::equal(bytes.begin() + block, bytes.end(), sealed.begin()));
    }

    void piecesMakeOneStream()
    {
        const SymmetricKey key = randomKey();
        for (const StreamCipher cipher : { StreamCipher::ChaCha20, StreamCipher::Aes256Ctr }) {
            const base::Bytes whole = stream(cipher, key, Nonce{}, 5000);
            KeyStream pieces{ cipher, key, Nonce{} };
            base::Bytes joined;
            for (const std::size_t size :
                std::initializer_list<std::size_t>{ 1, 7, 511, 3, 512, 1500, 13, 600, 1853 }) {
                base::Bytes piece(size);
                pieces.fill(piece);
                joined.insert(joined.end(), piece.begin(), piece.end());
                if (joined.size() < 600) {
                    KeyStream moved{ std::move(pieces) };
                    pieces = std::move(moved);
                }
            }
            QVERIFY(joined == whole);
            KeyStream words{ cipher, key, Nonce{} };
            const std::uint64_t first = words.next64();
            QCOMPARE(std::to_integer<std::uint64_t>(whole[0]), first & 255U);
            QCOMPARE(std::to_integer<std::uint64_t>(whole[7]), first >> 56U);
        }
    }

    void keysAndNoncesDiffer()
    {
        const SymmetricKey key = randomKey();
        const auto bytes = stream(StreamCipher::Aes256Ctr, key, Nonce{}, 64);
        QVERIFY(bytes != stream(StreamCipher::Aes256Ctr, key, counterNonce(1), 64));
        QVERIFY(bytes != stream(StreamCipher::Aes256Ctr, randomKey(), Nonce{}, 64));
        QVERIFY(bytes != stream(StreamCipher::ChaCha20, key, Nonce{}, 64));
    }
};

QTEST_GUILESS_MAIN(TestKeyStream)
#include "tst_key_stream.moc"
