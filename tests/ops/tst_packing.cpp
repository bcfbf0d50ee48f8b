// SPDX-License-Identifier: GPL-3.0-or-later
// The largest values of an update, as every device packs them.
#include "backends.h"

#include <QTest>

using namespace loam;
using namespace loam::ops;

namespace {

/// Few different magnitudes and both zeros: most are ties.
std::vector<float> steps(std::size_t count)
{
    std::vector<float> values = noise(count, 2);
    for (float& value : values) {
        value = std::trunc(2.0F * value) / 2.0F;
    }
    return values;
}

/// From below the smallest normal to almost the largest number.
std::vector<float> extremes(std::size_t count)
{
    std::vector<float> values = noise(count, 3);
    for (std::size_t i = 0; i < count; ++i) {
        values[i] = std::ldexp(values[i], static_cast<int>(i * 37 % 260) - 138);
    }
    return values;
}

/// What Backend::packLargest should write, with zeros behind the bits of a chunk.
std::vector<std::uint32_t> packedByOne(const std::vector<float>& x, std::uint32_t keep)
{
    const std::size_t stride = ml::packedChunkWords(keep);
    std::vector<std::uint32_t> words;
    ml::ChunkPacker packer;
    for (std::size_t begin = 0; begin < x.size(); begin += ml::kChunkValues) {
        const std::size_t count = std::min(ml::kChunkValues, x.size() - begin);
        ml::BitWriter bits;
        packer.pack(bits, std::span{ x }.subspan(begin, count),
            std::min(keep, static_cast<std::uint32_t>(count)));
        words.push_back(static_cast<std::uint32_t>(bits.size()));
        words.insert(words.end(), bits.words().begin(), bits.words().end());
        words.resize(words.size() + stride - 1 - bits.words().size());
    }
    return words;
}

/// Compares the bits that count.
bool isPackedAs(
    const std::vector<float>& got, const std::vector<std::uint32_t>& wanted, std::uint32_t keep)
{
    const std::size_t stride = ml::packedChunkWords(keep);
    for (std::size_t begin = 0; begin < wanted.size(); begin += stride) {
        for (std::size_t i = 0; i <= (wanted[begin] + 31) / 32; ++i) {
            const auto word = std::bit_cast<std::uint32_t>(got[begin + i]);
            if (word != wanted[begin + i]) {
                qWarning("chunk %zu, word %zu: %08x instead of %08x", begin / stride, i, word,
                    wanted[begin + i]);
                return false;
            }
        }
    }
    return true;
}

} // namespace

class TestPacking : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_devices = allDevices(); }

    void packLargest_data()
    {
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("keep");
        for (const auto& [count, keep] :
            { std::pair{ 1, 1 }, { 1, 512 }, { 33, 2 }, { 300, 64 }, { 4095, 4095 }, { 4096, 1 },
                { 4096, 64 }, { 4097, 512 }, { 9000, 2000 }, { 12'288, 4095 }, { 12'290, 4096 } }) {
            QTest::addRow("%d values, %d of each chunk", count, keep) << count << keep;
        }
    }
    void packLargest()
    {
        QFETCH(int, count);
        QFETCH(int, keep);
        const auto kept = static_cast<std::uint32_t>(keep);
        const auto values = static_cast<std::size_t>(count);
        for (const auto& x : { noise(values, 1, 1e-3), steps(values), extremes(values) }) {
            const std::vector<std::uint32_t> wanted = packedByOne(x, kept);
            for (const Device& device : m_devices) {
                const auto in = put(*device.backend, x);
                const auto out = put(*device.backend, std::vector<float>(wanted.size(), 7.0F));
                device.backend->packLargest(*out, *in, kept);
                QVERIFY2(isPackedAs(get(*device.backend, *out), wanted, kept), device.name.c_str());
            }
        }
    }
    void aChunkThatIsNotFiniteIsNotPacked()
    {
        std::vector<float> x = noise(9'000, 1);
        x[5'000] = -std::numeric_limits<float>::infinity();
        for (const Device& device : m_devices) {
            const auto in = put(*device.backend, x);
            const std::size_t stride = ml::packedChunkWords(16);
            const auto out = put(*device.backend, std::vector<float>(3 * stride, 7.0F));
            device.backend->packLargest(*out, *in, 16);
            const std::vector<float> packed = get(*device.backend, *out);
            QVERIFY(std::bit_cast<std::uint32_t>(packed[0]) > 32);
            QCOMPARE(std::bit_cast<std::uint32_t>(packed[stride]), 0U);
            QVERIFY(std::bit_cast<std::uint32_t>(packed[2 * stride]) > 32);
        }
    }

private:
    std::vector<Device> m_devices;
};

QTEST_GUILESS_MAIN(TestPacking)
#include "tst_packing.moc"
