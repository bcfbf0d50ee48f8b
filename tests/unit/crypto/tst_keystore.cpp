// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "crypto/keystore.h"
#include "crypto/random.h"
#include "unit/support.h"

#include <QTemporaryDir>

#include <csignal>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace loam;
using namespace loam::crypto;
using base::Errc;

namespace {

/// Cheap, so that many cases fit into a second; the default cost has a test of its own.
constexpr ScryptCost kCheap{ 16, 1, 1 };

/// Without the flushes of an atomic write: these tests damage hundreds of files.
void overwrite(const std::filesystem::path& path, std::string_view text)
{
    // Truncating a file in place makes some file systems flush it at once.
    std::filesystem::remove(path);
    std::ofstream{ path, std::ios::binary | std::ios::trunc } << text;
}

std::string contents(const std::filesystem::path& path)
{
    const auto bytes = base::readFile(path, 1 << 20);
    return bytes ? std::string{ base::asText(*bytes) } : std::string{};
}

} // namespace

class TestKeystore : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_files{ 0 };

    std::filesystem::path fresh()
    {
        return m_folder.filePath(QStringLiteral("keystore%1.json").arg(++m_files)).toStdString();
    }

private Q_SLOTS:
    void createsAndUnlocks()
    {
        const auto path = fresh();
        const auto created = Keystore::create(path, "correct horse", kCheap);
        LOAM_OK(created);
        const auto unlocked = Keystore::unlock(path, "correct horse");
        LOAM_OK(unlocked);
        QVERIFY(unlocked->identity().publicKey() == created->identity().publicKey());
        QCOMPARE(unlocked->words(), created->words());
        const auto peeked = Keystore::peek(path);
        LOAM_OK(peeked);
        QVERIFY(*peeked == created->identity().publicKey());
        const auto signature = unlocked->identity().sign(base::asBytes("m"));
        QVERIFY(verify(*peeked, base::asBytes("m"), signature));
    }

    void defaultCostUnlocks()
    {
        const auto path = fresh();
        LOAM_OK(Keystore::create(path, "p"));
        const std::string text = contents(path);
        QVERIFY(text.find("131072") != std::string::npos);
        LOAM_OK(Keystore::unlock(path, "p"));
    }

    void fileIsPrivateAndHoldsNoSecret()
    {
        const auto path = fresh();
        const auto created = Keystore::create(path, "pass phrase", kCheap);
        LOAM_OK(created);
        struct stat info
        {
        };
        QCOMPARE(::stat(path.c_str(), &info), 0);
        QCOMPARE(info.st_mode & 0777U, 0600U);
        const std::string text = contents(path);
        QVERIFY(text.find("pass phrase") == std::string::npos);
        const auto entropy = entropyFromMnemonic(created->words());
        LOAM_OK(entropy);
        QVERIFY(text.find(base::toHex(*entropy)) == std::string::npos);
        QVERIFY(text.find(base::toHex(created->identity().seed().view())) == std::string::npos);
    }

    void wordsRestoreTheIdentity()
    {
        const auto created = Keystore::create(fresh(), "one", kCheap);
        LOAM_OK(created);
        const auto path = fresh();
        const auto restored
            = Keystore::restore(path, "  " + created->words() + "\n", "two", kCheap);
        LOAM_OK(restored);
        QVERIFY(restored->identity().publicKey() == created->identity().publicKey());
        LOAM_OK(Keystore::unlock(path, "two"));
        LOAM_FAILS(Keystore::unlock(path, "one"), Errc::Denied);
    }

    void restoreRefusesBadWords()
    {
        const auto path = fresh();
        LOAM_FAILS(Keystore::restore(path, "abandon about", "p", kCheap), Errc::Invalid);
        QVERIFY(!std::filesystem::exists(path));
    }

    void neverOverwrites()
    {
        const auto path = fresh();
        LOAM_OK(Keystore::create(path, "p", kCheap));
        const std::string before = contents(path);
        LOAM_FAILS(Keystore::create(path, "q", kCheap), Errc::Invalid);
        const auto other = Keystore::create(fresh(), "p", kCheap);
        LOAM_OK(other);
        LOAM_FAILS(Keystore::restore(path, other->words(), "q", kCheap), Errc::Invalid);
        QCOMPARE(contents(path), before);
    }

    void wrongPassphraseIsDenied_data()
    {
        QTest::addColumn<QString>("passphrase");
        QTest::newRow("empty") << "";
        QTest::newRow("other") << "something";
        QTest::newRow("case") << "Secret";
        QTest::newRow("longer") << "secret ";
    }
    void wrongPassphraseIsDenied()
    {
        QFETCH(QString, passphrase);
        const auto path = fresh();
        LOAM_OK(Keystore::create(path, "secret", kCheap));
        const auto unlocked = Keystore::unlock(path, passphrase.toStdString());
        LOAM_FAILS(unlocked, Errc::Denied);
        QVERIFY(unlocked.error().message.find("wrong passphrase") != std::string::npos);
        QVERIFY(unlocked.error().message.find("24 words") != std::string::npos);
        if (!passphrase.isEmpty()) {
            QVERIFY(unlocked.error().message.find(passphrase.toStdString()) == std::string::npos);
        }
    }

    void damageIsNamedWithItsRemedy_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::newRow("not JSON") << QByteArray{ "{" } << QByteArray{ "x" };
        QTest::newRow("other format") << QByteArray{ "loam-keystore" } << QByteArray{ "other" };
        QTest::newRow("other kdf") << QByteArray{ "\"scrypt\"" } << QByteArray{ "\"argon\"" };
        QTest::newRow("other cipher")
            << QByteArray{ "\"aes-256-gcm\"" } << QByteArray{ "\"none\"" };
        QTest::newRow("cost") << QByteArray{ "\"n\": 16" } << QByteArray{ "\"n\": 32" };
        QTest::newRow("endless cost")
            << QByteArray{ "\"n\": 16" } << QByteArray{ "\"n\": 9223372036854775808" };
        QTest::newRow("cost as text") << QByteArray{ "\"n\": 16" } << QByteArray{ "\"n\": \"16\"" };
        QTest::newRow("negative cost") << QByteArray{ "\"n\": 16" } << QByteArray{ "\"n\": -16" };
        QTest::newRow("no salt") << QByteArray{ "\"salt\"" } << QByteArray{ "\"sal\"" };
        QTest::newRow("no key") << QByteArray{ "\"public_key\"" } << QByteArray{ "\"key\"" };
        QTest::newRow("no cipher") << QByteArray{ "\"cipher\"" } << QByteArray{ "\"ciph\"" };
        QTest::newRow("short nonce")
            << QByteArray{ "\"nonce\": \"" } << QByteArray{ "\"nonce\": \"00" };
        QTest::newRow("short ciphertext")
            << QByteArray{ "\"ciphertext\": \"" } << QByteArray{ "\"ciphertext\": \"00" };
        QTest::newRow("checksum") << QByteArray{ "\"checksum\": \"" }
                                  << QByteArray{ "\"checksum\": \"zz" };
    }
    void damageIsNamedWithItsRemedy()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        const auto path = fresh();
        LOAM_OK(Keystore::create(path, "p", kCheap));
        QByteArray text = QByteArray::fromStdString(contents(path));
        QVERIFY(text.contains(from));
        text.replace(from, to);
        overwrite(path, text.toStdString());
        const auto unlocked = Keystore::unlock(path, "p");
        LOAM_FAILS(unlocked, Errc::Corrupt);
        QVERIFY2(unlocked.error().message.find("restore your identity from your 24 words")
                != std::string::npos,
            unlocked.error().message.c_str());
        LOAM_FAILS(Keystore::peek(path), Errc::Corrupt);
    }

    void everyChangedDigitIsFound()
    {
        const auto path = fresh();
        LOAM_OK(Keystore::create(path, "p", kCheap));
        const std::string good = contents(path);
        for (std::size_t i = 0; i < good.size(); ++i) {
            std::string bad = good;
            bad[i] = bad[i] == '1' ? '2' : '1';
            overwrite(path, bad);
            const auto unlocked = Keystore::unlock(path, "p");
            if (good[i] == ' ' || good[i] == '\n') {
                continue; // what separates the fields is not what they say
            }
            // A larger version number asks for an update; everything else is damage.
            const bool version = std::string_view{ good }.substr(0, i).ends_with("\"version\": ");
            LOAM_FAILS(unlocked, version ? Errc::Invalid : Errc::Corrupt);
        }
    }

    void everyTruncationIsFound()
    {
        const auto path = fresh();
        LOAM_OK(Keystore::create(path, "p", kCheap));
        const std::string good = contents(path);
        for (std::size_t size = 0; size + 1 < good.size(); ++size) {
            overwrite(path, std::string_view{ good }.substr(0, size));
            LOAM_FAILS(Keystore::unlock(path, "p"), Errc::Corrupt);
        }
    }

    void newerVersionsAskForAnUpdate()
    {
        const auto path = fresh();
        LOAM_OK(Keystore::create(path, "p", kCheap));
        QByteArray text = QByteArray::fromStdString(contents(path));
        text.replace("\"version\": 1", "\"version\": 2");
        overwrite(path, text.toStdString());
        const auto unlocked = Keystore::unlock(path, "p");
        LOAM_FAILS(unlocked, Errc::Invalid);
        QVERIFY(unlocked.error().message.find("newer version") != std::string::npos);
    }

    void missingFileIsNotFound()
    {
        LOAM_FAILS(Keystore::unlock(fresh(), "p"), Errc::NotFound);
        LOAM_FAILS(Keystore::peek(fresh()), Errc::NotFound);
    }

    void hugeFileIsRefused()
    {
        const auto path = fresh();
        LOAM_OK(base::writeFileAtomically(path, base::Bytes(100000, std::byte{ '[' })));
        LOAM_FAILS(Keystore::unlock(path, "p"), Errc::Invalid);
        LOAM_OK(base::writeFileAtomically(path, base::Bytes(60000, std::byte{ '[' })));
        LOAM_FAILS(Keystore::unlock(path, "p"), Errc::Corrupt);
    }

    void passphraseChanges()
    {
        const auto path = fresh();
        auto store = Keystore::create(path, "old", kCheap);
        LOAM_OK(store);
        const std::string before = contents(path);
        LOAM_OK(store->changePassphrase("new", kCheap));
        QVERIFY(contents(path) != before);
        LOAM_FAILS(Keystore::unlock(path, "old"), Errc::Denied);
        const auto unlocked = Keystore::unlock(path, "new");
        LOAM_OK(unlocked);
        QCOMPARE(unlocked->words(), store->words());
    }

    void badCostLeavesTheFileAlone()
    {
        const auto path = fresh();
        auto store = Keystore::create(path, "old", kCheap);
        LOAM_OK(store);
        LOAM_FAILS(store->changePassphrase("new", ScryptCost{ 3, 1, 1 }), Errc::Invalid);
        LOAM_OK(Keystore::unlock(path, "old"));
    }

    /// Killed while re-encrypting, again and again: one of the two passphrases always opens it.
    void survivesKill()
    {
        const auto path = fresh();
        auto store = Keystore::create(path, "a", kCheap);
        LOAM_OK(store);
        for (int round = 0; round < 8; ++round) {
            const pid_t child = ::fork();
            if (child == 0) {
                for (;;) {
                    if (!store->changePassphrase("b", kCheap)
                        || !store->changePassphrase("a", kCheap)) {
                        ::_exit(1);
                    }
                }
            }
            QVERIFY(child > 0);
            const std::string before = contents(path);
            QTRY_VERIFY_WITH_TIMEOUT(contents(path) != before, 3000);
            ::kill(child, SIGKILL);
            int status = 0;
            ::waitpid(child, &status, 0);
            QVERIFY(WIFSIGNALED(status));
            QVERIFY(
                Keystore::unlock(path, "a").has_value() || Keystore::unlock(path, "b").has_value());
        }
    }
};

QTEST_GUILESS_MAIN(TestKeystore)
#include "tst_keystore.moc"
