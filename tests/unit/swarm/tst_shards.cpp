// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "test_node.h"

#include <QtTest>

#include <fstream>

using namespace loam;
using namespace loam::swarm;
using namespace loam::swarm::test;
using base::Errc;

namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, const base::Bytes& bytes)
{
    fs::create_directories(path.parent_path());
    QVERIFY(base::writeFileAtomically(path, bytes).has_value());
}

base::Bytes read(const fs::path& path)
{
    return base::readFile(path, std::size_t{ 1 } << 30U).value_or(base::Bytes{});
}

/// Changes one byte in the middle of a file in place.
void spoil(const fs::path& path)
{
    std::fstream file{ path, std::ios::in | std::ios::out | std::ios::binary };
    file.seekg(3'000'000);
    const int byte = file.get();
    file.seekp(3'000'000);
    file.put(static_cast<char>(byte ^ 1));
    QVERIFY(file.good());
}

constexpr std::size_t kSize = 8'000'000;

} // namespace

class TestShards : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equalContentGivesEqualInfoHashes();
    void unpublishableThingsAreRefused();
    void fetchesWhatAPeerPublishes();
    void fetchesAFolder();
    void resumesAfterRestart();
    void repairsACorruptByte();
    void repairsATruncatedFileFoundAtStart();
    void checksEverythingAfterAnUncleanEnd();
    void damagedSeedSaysSo();
    void fullDiskNamesTheFile();
    void pausesResumesAndRemoves();
    void badSourcesAreRefused();

private:
    /// Two connected nodes.
    static bool connect(TestNode& a, TestNode& b)
    {
        return a.start() && b.start({ a->listening() }) && a.awaitPeer(b) && b.awaitPeer(a);
    }
};

void TestShards::equalContentGivesEqualInfoHashes()
{
    TestNode a{ 11 };
    TestNode b{ 12 };
    QVERIFY(a.start() && b.start());
    write(a.home() / "x" / "shard.bin", noise(kSize, 1));
    write(b.home() / "elsewhere" / "shard.bin", noise(kSize, 1));
    fs::permissions(b.home() / "elsewhere" / "shard.bin", fs::perms::owner_all);
    const auto first = a->publish(a.home() / "x" / "shard.bin");
    const auto second = b->publish(b.home() / "elsewhere" / "shard.bin");
    QVERIFY(first && second);
    QCOMPARE(first->infoHashV1, second->infoHashV1);
    QCOMPARE(first->infoHashV2, second->infoHashV2);
    QCOMPARE(first->infoHashV1.size(), std::size_t{ 40 });
    QCOMPARE(first->infoHashV2.size(), std::size_t{ 64 });
    QVERIFY(first->magnet.find("urn:btih:" + first->infoHashV1) != std::string::npos);
    QVERIFY(first->magnet.find("urn:btmh:1220" + first->infoHashV2) != std::string::npos);
    QCOMPARE(first->bytes, std::uint64_t{ kSize });
    QCOMPARE(first->id.value(), first->infoHashV2);

    write(b.home() / "other" / "shard.bin", noise(kSize, 2));
    QVERIFY(b->publish(b.home() / "other" / "shard.bin")->infoHashV2 != first->infoHashV2);
}

void TestShards::unpublishableThingsAreRefused()
{
    TestNode a{ 11 };
    QVERIFY(a.start());
    QCOMPARE(a->publish(a.home() / "nothing").error().code, Errc::NotFound);
    write(a.home() / "empty", {});
    QCOMPARE(a->publish(a.home() / "empty").error().code, Errc::Invalid);
    write(a.home() / "folder" / "real", noise(10, 1));
    fs::create_symlink(a.home() / "empty", a.home() / "folder" / "link");
    QCOMPARE(a->publish(a.home() / "folder").error().code, Errc::Invalid);
}

void TestShards::fetchesWhatAPeerPublishes()
{
    TestNode a{ 11 };
    TestNode b{ 12 };
    QVERIFY(connect(a, b));
    constexpr std::size_t size = std::size_t{ 16 } << 20U;
    write(a.home() / "shard.bin", noise(size, 1));
    const auto info = a->publish(a.home() / "shard.bin");
    QVERIFY(info.has_value());
    QElapsedTimer timer;
    timer.start();
    const auto id = b->fetch(info->magnet, b.home() / "models");
    QVERIFY(id && *id == info->id);
    QVERIFY(b.await<ShardComplete>(1, 20s));
    const double seconds = static_cast<double>(timer.nsecsElapsed()) / 1e9;
    qInfo(
        "16 MiB by magnet: %.2f s, %.0f MB/s", seconds, static_cast<double>(size) / 1e6 / seconds);
    const ShardComplete complete = b.seen<ShardComplete>()[0];
    QVERIFY(complete.id == info->id);
    QCOMPARE(complete.path.string(), (b.home() / "models" / "shard.bin").string());
    QCOMPARE(complete.bytes, std::uint64_t{ size });
    QVERIFY(read(complete.path) == noise(size, 1));
    QCOMPARE(b->shards()[0].state, ShardState::Seeding);
    QCOMPARE(b->shards()[0].info.infoHashV1, info->infoHashV1);
    // Again: nothing to do, and it says so.
    QVERIFY(b->fetch(info->id.value(), b.home() / "again").has_value());
    QVERIFY(b.await<ShardComplete>(2));
    QVERIFY(!fs::exists(b.home() / "again"));
}

void TestShards::fetchesAFolder()
{
    TestNode a{ 11 };
    TestNode b{ 12 };
    QVERIFY(connect(a, b));
    write(a.home() / "model" / "b.bin", noise(1'000'000, 1));
    write(a.home() / "model" / "deep" / "a.bin", noise(300'001, 2));
    write(a.home() / "model" / "config.json", text("{}"));
    const auto info = a->publish(a.home() / "model");
    QVERIFY(info.has_value());
    QCOMPARE(info->bytes, std::uint64_t{ 1'300'003 });
    QVERIFY(b->fetch(info->infoHashV2, b.home() / "models").has_value());
    QVERIFY(b.await<ShardComplete>());
    QVERIFY(read(b.home() / "models" / "model" / "deep" / "a.bin") == noise(300'001, 2));
    QVERIFY(read(b.home() / "models" / "model" / "config.json") == text("{}"));
}

void TestShards::resumesAfterRestart()
{
    TestNode a{ 11 };
    TestNode b{ 12 };
    // libtorrent lets three idle seconds' worth through at once, so this takes five seconds.
    b.config().caps.download = 1'000'000;
    QVERIFY(connect(a, b));
    write(a.home() / "shard.bin", noise(kSize, 1));
    const auto info = a->publish(a.home() / "shard.bin");
    QVERIFY(b->fetch(info->magnet, b.home() / "models").has_value());
    QVERIFY(b.await<ShardProgress>(
        1, [](const ShardProgress& progress) { return progress.bytesDone >= 1'000'000; }));
    b.stop();
    QVERIFY(b.seen<ShardComplete>().empty());
    b.forget();
    b.config().caps.download.reset();
    QVERIFY(b.start());
    QVERIFY(
        QTest::qWaitFor([&b] { return b->shards()[0].state == ShardState::Downloading; }, 5000));
    // Nobody to ask yet: what is there now was there before.
    const std::uint64_t kept = b->shards()[0].bytesDone;
    QVERIFY2(kept >= 900'000 && kept < kSize, qPrintable(QString::number(kept)));
    b->addEndpoint(a->listening());
    QVERIFY(b.await<ShardComplete>());
    QVERIFY(read(b.home() / "models" / "shard.bin") == noise(kSize, 1));
    // Complete and quiet after one more restart.
    b.stop();
    b.forget();
    QVERIFY(b.start());
    QVERIFY(QTest::qWaitFor([&b] { return b->shards()[0].state == ShardState::Seeding; }, 5000));
    QVERIFY(b.seen<ShardComplete>().empty() && b.seen<ShardDamaged>().empty());
}

void TestShards::repairsACorruptByte()
{
    TestNode a{ 11 };
    TestNode b{ 12 };
    QVERIFY(connect(a, b));
    write(a.home() / "shard.bin", noise(kSize, 1));
    const auto info = a->publish(a.home() / "shard.bin");
    QVERIFY(b->fetch(info->magnet, b.home()).has_value());
    QVERIFY(b.await<ShardComplete>());
    spoil(b.home() / "shard.bin");
    QVERIFY(read(b.home() / "shard.bin") != noise(kSize, 1));
    QVERIFY(b->verify(info->id).has_value());
    QVERIFY(b.await<ShardDamaged>());
    const ShardDamaged damage = b.seen<ShardDamaged>()[0];
    QCOMPARE(damage.files.size(), std::size_t{ 1 });
    QCOMPARE(damage.files[0].string(), (b.home() / "shard.bin").string());
    QVERIFY(damage.bytes > 0 && damage.bytes <= 131'072);
    QVERIFY(b.await<ShardComplete>(2));
    QVERIFY(read(b.home() / "shard.bin") == noise(kSize, 1));
    // An undamaged shard passes.
    QVERIFY(b->verify(info->id).has_value());
    QVERIFY(b.await<ShardComplete>(3));
    QCOMPARE(b.seen<ShardDamaged>().size(), std::size_t{ 1 });
}

void TestShards::repairsATruncatedFileFoundAtStart()
{
    TestNode a{ 11 };
    TestNode b{ 12 };
    QVERIFY(connect(a, b));
    write(a.home() / "shard.bin", noise(kSize, 1));
    const auto info = a->publish(a.home() / "shard.bin");
    QVERIFY(b->fetch(info->magnet, b.home()).has_value());
    QVERIFY(b.await<ShardComplete>());
    b.stop();
    fs::resize_file(b.home() / "shard.bin", 5'000'000);
    b.forget();
    QVERIFY(b.start({ a->listening() }));
    QVERIFY(b.await<ShardDamaged>());
    QVERIFY(b.await<ShardComplete>());
    QVERIFY(read(b.home() / "shard.bin") == noise(kSize, 1));
    // A single byte changed while nobody was looking is noticed by the file's time.
    b.stop();
    spoil(b.home() / "shard.bin");
    b.forget();
    QVERIFY(b.start({ a->listening() }));
    QVERIFY(b.await<ShardDamaged>());
    QVERIFY(b.await<ShardComplete>());
    QVERIFY(read(b.home() / "shard.bin") == noise(kSize, 1));
}

void TestShards::checksEverythingAfterAnUncleanEnd()
{
    TestNode a{ 11 };
    TestNode b{ 12 };
    QVERIFY(connect(a, b));
    write(a.home() / "shard.bin", noise(kSize, 1));
    const auto info = a->publish(a.home() / "shard.bin");
    QVERIFY(b->fetch(info->magnet, b.home()).has_value());
    QVERIFY(b.await<ShardComplete>());
    b.stop();
    // As after a crash: the mark is there, and the time of the file tells nothing.
    const auto changed = fs::last_write_time(b.home() / "shard.bin");
    spoil(b.home() / "shard.bin");
    fs::last_write_time(b.home() / "shard.bin", changed);
    write(b.home() / "torrents" / "in-use", text("x"));
    b.forget();
    QVERIFY(b.start({ a->listening() }));
    QVERIFY(b.await<ShardDamaged>());
    QVERIFY(b.await<ShardComplete>());
    QVERIFY(read(b.home() / "shard.bin") == noise(kSize, 1));
    // An unreadable state file is reported, and does not stop the others.
    b.stop();
    write(b.home() / "torrents" / (std::string(64, 'a') + ".resume"), text("garbage"));
    b.forget();
    QVERIFY(b.start());
    QVERIFY(b.await<Notice>());
    QVERIFY(b.seen<Notice>()[0].error.message.find("aaaa.resume") != std::string::npos);
    QCOMPARE(b->shards().size(), std::size_t{ 1 });
}

void TestShards::damagedSeedSaysSo()
{
    TestNode a{ 11 };
    QVERIFY(a.start());
    write(a.home() / "shard.bin", noise(kSize, 1));
    const auto info = a->publish(a.home() / "shard.bin");
    fs::resize_file(a.home() / "shard.bin", 1'000'000);
    QVERIFY(a->verify(info->id).has_value());
    QVERIFY(a.await<ShardDamaged>());
    QCOMPARE(a.seen<ShardDamaged>()[0].files[0].string(), (a.home() / "shard.bin").string());
    QVERIFY(a.seen<ShardDamaged>()[0].bytes >= kSize - 1'000'000);
    QVERIFY(a.seen<ShardComplete>().empty());
}

void TestShards::fullDiskNamesTheFile()
{
    TestNode a{ 11 };
    TestNode b{ 12 };
    QVERIFY(connect(a, b));
    write(a.home() / "shard.bin", noise(kSize, 1));
    const auto info = a->publish(a.home() / "shard.bin");
    // The folder's name is taken by a file that cannot be written: as good as a full disk.
    fs::create_directories(b.home() / "models");
    fs::create_directory_symlink("/dev/full", b.home() / "models" / "shard.bin");
    QVERIFY(b->fetch(info->magnet, b.home() / "models").has_value());
    QVERIFY(b.await<ShardFailed>());
    const std::string message = b.seen<ShardFailed>()[0].error.message;
    QVERIFY2(message.find("shard.bin") != std::string::npos, message.c_str());
    QCOMPARE(b->shards()[0].state, ShardState::Failed);
    fs::remove(b.home() / "models" / "shard.bin");
    QVERIFY(b->resume(info->id).has_value());
    QVERIFY(b.await<ShardComplete>());
    QVERIFY(read(b.home() / "models" / "shard.bin") == noise(kSize, 1));
}

void TestShards::pausesResumesAndRemoves()
{
    TestNode a{ 11 };
    TestNode b{ 12 };
    b.config().caps.download = 1'000'000;
    QVERIFY(connect(a, b));
    write(a.home() / "shard.bin", noise(kSize, 1));
    const auto info = a->publish(a.home() / "shard.bin");
    QVERIFY(b->fetch(info->magnet, b.home() / "models").has_value());
    QVERIFY(b.await<ShardProgress>());
    QVERIFY(b->pause(info->id).has_value());
    QVERIFY(QTest::qWaitFor([&b] { return b->shards()[0].state == ShardState::Paused; }, 5000));
    b->setRateCaps({});
    QVERIFY(b->resume(info->id).has_value());
    QVERIFY(b.await<ShardComplete>());
    QVERIFY(b->remove(info->id, FilesOnDisk::Delete).has_value());
    QVERIFY(b->shards().empty());
    QVERIFY(QTest::qWaitFor([&b] { return !fs::exists(b.home() / "models" / "shard.bin"); }, 5000));
    QVERIFY(a->remove(info->id, FilesOnDisk::Keep).has_value());
    QVERIFY(fs::exists(a.home() / "shard.bin"));
    for (auto act : { &Swarm::pause, &Swarm::resume, &Swarm::verify }) {
        QCOMPARE(((*b).*act)(info->id).error().code, Errc::NotFound);
    }
    b.stop();
    b.forget();
    QVERIFY(b.start());
    QVERIFY(b->shards().empty());
}

void TestShards::badSourcesAreRefused()
{
    TestNode a{ 11 };
    QVERIFY(a.start());
    for (const char* source : { "", "abc", "magnet:?xt=urn:btih:zz", "magnet:", "0123" }) {
        const auto id = a->fetch(source, a.home() / "models");
        QVERIFY2(!id && id.error().code == Errc::Invalid, source);
    }
    const auto id = a->fetch(std::string(40, 'a'), "/proc/none");
    QVERIFY(!id);
    QVERIFY(a->shards().empty());
}

QTEST_GUILESS_MAIN(TestShards)
#include "tst_shards.moc"
