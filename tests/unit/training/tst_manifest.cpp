// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/manifest.h"

#include <QtTest>

#include <functional>

using namespace loam;
using training::RunManifest;

namespace {

RunManifest valid()
{
    RunManifest manifest;
    manifest.name = "first light";
    manifest.dataset = "fortunes, the King James Bible";
    manifest.licence = "public domain";
    manifest.tokenizerHash.data.fill(std::byte{ 9 });
    manifest.tokenizerBytes = 50'000;
    manifest.probeHash.data.fill(std::byte{ 8 });
    manifest.probeBytes = 60'000;
    return manifest;
}

} // namespace

Q_DECLARE_METATYPE(std::function<void(RunManifest&)>)

class TestManifest final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void roundTrip();
    void boundsAreNamed_data();
    void boundsAreNamed();
    void truncationsAndTrailingBytesAreRefused();
    void everyByteMatters();
    void learningRateWarmsUp();
};

void TestManifest::roundTrip()
{
    RunManifest manifest = valid();
    manifest.model.dim = 64;
    manifest.model.normEps = 1e-6F;
    manifest.keepPerChunk = 64;
    manifest.initSeed = ~std::uint64_t{ 0 };
    const auto decoded = RunManifest::decode(manifest.encode());
    QVERIFY2(decoded.has_value(), decoded ? "" : decoded.error().message.c_str());
    QVERIFY(*decoded == manifest);
    QCOMPARE(decoded->hash(), manifest.hash());
    QVERIFY(decoded->hash() != valid().hash());
}

void TestManifest::boundsAreNamed_data()
{
    QTest::addColumn<std::function<void(RunManifest&)>>("change");
    QTest::addColumn<QString>("field");
    const auto row = [](const char* field, std::function<void(RunManifest&)> change) {
        QTest::newRow(field) << change << QString::fromLatin1(field);
    };
    row("name length", [](RunManifest& m) { m.name.clear(); });
    row("tokenizer_bytes", [](RunManifest& m) { m.tokenizerBytes = 0; });
    row("probe_bytes", [](RunManifest& m) { m.probeBytes = std::uint64_t{ 1 } << 40U; });
    row("model", [](RunManifest& m) { m.model.heads = 3; });
    row("inner_steps", [](RunManifest& m) { m.innerSteps = 0; });
    row("batch", [](RunManifest& m) { m.batch = 4'000'000; });
    row("learning_rate", [](RunManifest& m) { m.learningRateMicro = 0; });
    row("beta2", [](RunManifest& m) { m.beta2Micro = 1'000'000; });
    row("keep_per_chunk", [](RunManifest& m) { m.keepPerChunk = 4097; });
    row("error_feedback", [](RunManifest& m) { m.errorFeedbackMicro = 1'000'001; });
    row("outer_rate", [](RunManifest& m) { m.outerRateMicro = 0; });
    row("norm_clip", [](RunManifest& m) { m.normClipMicro = 10; });
    row("probe_tokens", [](RunManifest& m) { m.probeTokens = m.model.context - 1; });
    row("window_seconds", [](RunManifest& m) { m.windowSeconds = 0; });
}

void TestManifest::boundsAreNamed()
{
    QFETCH(std::function<void(RunManifest&)>, change);
    QFETCH(QString, field);
    RunManifest manifest = valid();
    change(manifest);
    const auto decoded = RunManifest::decode(manifest.encode());
    QVERIFY(!decoded.has_value());
    QCOMPARE(decoded.error().code, base::Errc::Invalid);
    QVERIFY2(QString::fromStdString(decoded.error().message).contains(field),
        decoded.error().message.c_str());
}

void TestManifest::truncationsAndTrailingBytesAreRefused()
{
    const base::Bytes bytes = valid().encode();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        QVERIFY(!RunManifest::decode(base::ByteView{ bytes }.first(size)).has_value());
    }
    base::Bytes longer = bytes;
    longer.push_back(std::byte{ 0 });
    QVERIFY(!RunManifest::decode(longer).has_value());
}

void TestManifest::everyByteMatters()
{
    // What decodes at all encodes to the very bytes that came in: the hash names one manifest.
    const base::Bytes bytes = valid().encode();
    int accepted = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            base::Bytes changed = bytes;
            changed[i] ^= static_cast<std::byte>(1U << bit);
            const auto decoded = RunManifest::decode(changed);
            if (decoded) {
                ++accepted;
                QVERIFY(decoded->encode() == changed);
            }
        }
    }
    QVERIFY(accepted > 0);
}

void TestManifest::learningRateWarmsUp()
{
    const RunManifest manifest = valid();
    QCOMPARE(manifest.globalStep(2, 5), std::uint64_t{ 65 });
    QCOMPARE(manifest.learningRate(0), 0.002 / 20);
    QCOMPARE(manifest.learningRate(9), 0.001);
    QCOMPARE(manifest.learningRate(19), 0.002);
    QCOMPARE(manifest.learningRate(1'000'000), 0.002);
    RunManifest abrupt = manifest;
    abrupt.warmupSteps = 0;
    QCOMPARE(abrupt.learningRate(0), 0.002);
}

QTEST_GUILESS_MAIN(TestManifest)
#include "tst_manifest.moc"
