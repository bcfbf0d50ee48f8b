// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/half.h"
#include "ml/weight_type.h"

#include <QTest>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <set>

using namespace loam;
using ml::WeightType;

namespace {

constexpr std::array kAll{ WeightType::F32, WeightType::F16, WeightType::BF16, WeightType::Q4_0,
    WeightType::Q4_1, WeightType::Q5_0, WeightType::Q5_1, WeightType::Q8_0, WeightType::Q2_K,
    WeightType::Q3_K, WeightType::Q4_K, WeightType::Q5_K, WeightType::Q6_K };

std::vector<float> decoded(WeightType type, const base::Bytes& blocks, std::size_t count)
{
    std::vector<float> out(count);
    ml::dequantise(type, out, blocks.data());
    return out;
}

base::Bytes encoded(WeightType type, const std::vector<float>& values)
{
    base::Bytes out(ml::rowBytes(type, values.size()));
    const auto done = ml::quantise(type, out.data(), values);
    return done ? out : base::Bytes{};
}

std::vector<float> normal(std::size_t count, unsigned seed)
{
    std::mt19937 random{ seed };
    std::normal_distribution<float> draw{ 0.0F, 0.05F };
    std::vector<float> out(count);
    for (float& value : out) {
        value = draw(random);
    }
    return out;
}

/// Writes bits one after another into a block at places that a test names.
void put(base::Bytes& block, std::size_t byte, unsigned shift, unsigned bits)
{
    block[byte] |= static_cast<std::byte>(bits << shift);
}

void putHalf(base::Bytes& block, std::size_t byte, float value)
{
    ml::storeU16(block.data() + byte, ml::floatToHalf(value));
}

/// A block made from quants and scales that are known, and what it must decode to.
struct Known
{
    base::Bytes block;
    std::vector<float> values;
};

class Dice
{
public:
    explicit Dice(unsigned seed)
        : m_random{ seed }
    {
    }
    unsigned below(unsigned limit) { return static_cast<unsigned>(m_random() % limit); }
    /// Few bits, so that halves hold it exactly.
    float scale() { return (static_cast<float>(below(63)) - 31.0F) / 256.0F; }

private:
    std::mt19937 m_random;
};

Known simple(WeightType type, Dice& dice)
{
    const bool five = type == WeightType::Q5_0 || type == WeightType::Q5_1;
    const bool affine = type == WeightType::Q4_1 || type == WeightType::Q5_1;
    const bool eight = type == WeightType::Q8_0;
    Known out{ base::Bytes(ml::blockFormat(type).bytes), std::vector<float>(32) };
    const float d = dice.scale();
    const float least = affine ? dice.scale() : 0.0F;
    putHalf(out.block, 0, d);
    std::size_t at = 2;
    if (affine) {
        putHalf(out.block, at, least);
        at += 2;
    }
    const std::size_t high = at;
    at += five ? 4 : 0;
    for (std::size_t i = 0; i < 32; ++i) {
        const unsigned quant = dice.below(eight ? 256 : five ? 32 : 16);
        float signedQuant = static_cast<float>(quant);
        if (eight) {
            put(out.block, at + i, 0, quant);
            signedQuant -= quant >= 128 ? 256.0F : 0.0F;
        } else {
            put(out.block, at + i % 16, i < 16 ? 0 : 4, quant & 15U);
            if (five) {
                put(out.block, high + i / 8, static_cast<unsigned>(i % 8), quant >> 4U);
            }
            signedQuant -= affine ? 0.0F : five ? 16.0F : 8.0F;
        }
        out.values[i] = d * signedQuant + least;
    }
    return out;
}

/// Sub-scales of Q4_K and Q5_K in their twelve bytes.
void putPacked(base::Bytes& block, std::size_t byte, std::size_t j, unsigned scale, unsigned offset)
{
    if (j < 4) {
        put(block, byte + j, 0, scale);
        put(block, byte + 4 + j, 0, offset);
        return;
    }
    put(block, byte + 4 + j, 0, scale & 15U);
    put(block, byte + 4 + j, 4, offset & 15U);
    put(block, byte + j - 4, 6, scale >> 4U);
    put(block, byte + j, 6, offset >> 4U);
}

Known affineK(WeightType type, Dice& dice)
{
    const bool five = type == WeightType::Q5_K;
    const bool two = type == WeightType::Q2_K;
    Known out{ base::Bytes(ml::blockFormat(type).bytes), std::vector<float>(256) };
    const float d = dice.scale();
    const float dmin = dice.scale();
    putHalf(out.block, two ? 80 : 0, d);
    putHalf(out.block, two ? 82 : 2, dmin);
    const std::size_t subs = two ? 16 : 8;
    for (std::size_t j = 0; j < subs; ++j) {
        const unsigned scale = dice.below(two ? 16 : 64);
        const unsigned offset = dice.below(two ? 16 : 64);
        if (two) {
            put(out.block, j, 0, scale);
            put(out.block, j, 4, offset);
        } else {
            putPacked(out.block, 4, j, scale, offset);
        }
        for (std::size_t i = j * (256 / subs); i < (j + 1) * (256 / subs); ++i) {
            const unsigned quant = dice.below(two ? 4 : five ? 32 : 16);
            if (two) {
                put(out.block, 16 + i / 128 * 32 + i % 32, static_cast<unsigned>(i % 128 / 32 * 2),
                    quant);
            } else {
                put(out.block, (five ? 48 : 16) + i / 64 * 32 + i % 32,
                    static_cast<unsigned>(i % 64 / 32 * 4), quant & 15U);
            }
            if (five) {
                put(out.block, 16 + i % 32, static_cast<unsigned>(i / 32), quant >> 4U);
            }
            out.values[i]
                = d * static_cast<float>(scale * quant) - dmin * static_cast<float>(offset);
        }
    }
    return out;
}

Known signedK(WeightType type, Dice& dice)
{
    const bool three = type == WeightType::Q3_K;
    Known out{ base::Bytes(ml::blockFormat(type).bytes), std::vector<float>(256) };
    const float d = dice.scale();
    putHalf(out.block, three ? 108 : 208, d);
    for (std::size_t j = 0; j < 16; ++j) {
        const unsigned stored = dice.below(three ? 64 : 256);
        int scale = static_cast<int>(stored);
        if (three) {
            put(out.block, 96 + j % 8, j < 8 ? 0 : 4, stored & 15U);
            put(out.block, 104 + j % 4, static_cast<unsigned>(j / 4 * 2), stored >> 4U);
            scale -= 32;
        } else {
            put(out.block, 192 + j, 0, stored);
            scale -= stored >= 128 ? 256 : 0;
        }
        for (std::size_t i = j * 16; i < (j + 1) * 16; ++i) {
            const unsigned quant = dice.below(three ? 8 : 64);
            const std::size_t half = i / 128;
            const std::size_t in = i % 128;
            if (three) {
                put(out.block, 32 + half * 32 + i % 32, static_cast<unsigned>(in / 32 * 2),
                    quant & 3U);
                put(out.block, i % 32, static_cast<unsigned>(i / 32), quant >> 2U);
            } else {
                put(out.block, half * 64 + in % 64, static_cast<unsigned>(in / 64 * 4),
                    quant & 15U);
                put(out.block, 128 + half * 32 + in % 32, static_cast<unsigned>(in / 32 * 2),
                    quant >> 4U);
            }
            out.values[i]
                = d * static_cast<float>(scale * (static_cast<int>(quant) - (three ? 4 : 32)));
        }
    }
    return out;
}

Known known(WeightType type, Dice& dice)
{
    switch (type) {
    case WeightType::Q2_K:
    case WeightType::Q4_K:
    case WeightType::Q5_K:
        return affineK(type, dice);
    case WeightType::Q3_K:
    case WeightType::Q6_K:
        return signedK(type, dice);
    default:
        return simple(type, dice);
    }
}

} // namespace

class TestWeightType : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void namesAndSizes()
    {
        for (const WeightType type : kAll) {
            QCOMPARE(ml::weightTypeFromName(ml::weightTypeName(type)), std::optional{ type });
        }
        QVERIFY(!ml::weightTypeFromName("Q9_9").has_value());
        QCOMPARE(ml::rowBytes(WeightType::Q4_K, 512), std::size_t{ 288 });
        QCOMPARE(ml::rowBytes(WeightType::F16, 7), std::size_t{ 14 });
    }

    void halvesRoundToNearestEven()
    {
        for (unsigned bits = 0; bits < 0x10000; ++bits) {
            const auto half = static_cast<std::uint16_t>(bits);
            const float value = ml::halfToFloat(half);
            if (std::isnan(value)) {
                QVERIFY((ml::floatToHalf(value) & 0x7FFFU) > 0x7C00U);
                continue;
            }
            QCOMPARE(ml::floatToHalf(value), half);
            if ((bits & 0x7FFFU) >= 0x7BFFU) {
                continue;
            }
            // Half way to the next one goes to the even one, a hair to either side does not.
            const float next = ml::halfToFloat(static_cast<std::uint16_t>(bits + 1));
            const float middle = (value + next) / 2.0F;
            QCOMPARE(ml::floatToHalf(middle), static_cast<std::uint16_t>(bits + (bits & 1U)));
            QCOMPARE(ml::floatToHalf(std::nextafter(middle, value)), half);
            QCOMPARE(ml::floatToHalf(std::nextafter(middle, next)),
                static_cast<std::uint16_t>(bits + 1));
        }
        QCOMPARE(ml::floatToHalf(65519.0F), std::uint16_t{ 0x7BFF });
        QCOMPARE(ml::floatToHalf(65520.0F), std::uint16_t{ 0x7C00 });
        QCOMPARE(ml::floatToHalf(-1e30F), std::uint16_t{ 0xFC00 });
        QCOMPARE(ml::halfToFloat(0x0001), std::ldexp(1.0F, -24));
        QCOMPARE(ml::halfToFloat(0x3C00), 1.0F);
        QCOMPARE(ml::floatToBfloat(1.00390625F), std::uint16_t{ 0x3F80 });
        QCOMPARE(ml::floatToBfloat(1.01171875F), std::uint16_t{ 0x3F82 });
        QVERIFY(std::isnan(
            ml::bfloatToFloat(ml::floatToBfloat(std::numeric_limits<float>::quiet_NaN()))));
    }

    void blocksMeanWhatTheFormulaSays_data()
    {
        QTest::addColumn<int>("type");
        for (const WeightType type : kAll) {
            if (ml::blockFormat(type).columns > 1) {
                QTest::newRow(std::string{ ml::weightTypeName(type) }.c_str())
                    << static_cast<int>(type);
            }
        }
    }
    void blocksMeanWhatTheFormulaSays()
    {
        QFETCH(int, type);
        const auto which = static_cast<WeightType>(type);
        Dice dice{ 7 };
        for (int i = 0; i < 200; ++i) {
            const Known one = known(which, dice);
            QCOMPARE(decoded(which, one.block, one.values.size()), one.values);
        }
    }

    /// What the reference quantisers of ggml make of x[i] = ((i * 37) % 64 - 31) / 16.
    void equalsOtherTools_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<QByteArray>("hex");
        QTest::newRow("F16") << static_cast<int>(WeightType::F16)
                             << QByteArray{
                                    "c0bf003640bd003c80b9803e00ac00bf803880bcc03c00b8403f003040be"
                                    "003a80bb803d00b50040003580bd803b00ba403e00b040bf0038c0bc803c"
                                    "80b8003f"
                                };
        QTest::newRow("BF16") << static_cast<int>(WeightType::BF16)
                              << QByteArray{
                                     "f8bfc03ea8bf803f30bfd03f80bde0bf103f90bf983f00bfe83f003ec8bf"
                                     "403f70bfb03fa0be0040a03eb0bf703f40bfc83f00bee8bf003f98bf903f"
                                     "10bfe03f"
                                 };
        QTest::newRow("Q4_0") << static_cast<int>(WeightType::Q4_0)
                              << QByteArray{ "00b4cf379d047be248bf269df36ad148ae15" };
        QTest::newRow("Q4_1") << static_cast<int>(WeightType::Q4_1)
                              << QByteArray{ "3334c0bf40d962fb952eb751da730c953ec851ea" };
        QTest::newRow("Q5_0") << static_cast<int>(WeightType::Q5_0)
                              << QByteArray{ "00b0d54aa5568f5d3b08e6b3916e4c19f7c4a27f5d2a" };
        QTest::newRow("Q5_1") << static_cast<int>(WeightType::Q5_1)
                              << QByteArray{ "1130c0bf2ab55aa980a2d5f72a4c7f91c4e6193b6e80b3d5" };
        QTest::newRow("Q8_0") << static_cast<int>(WeightType::Q8_0)
                              << QByteArray{
                                     "08248518ad40d467fc9124b94be073089d30c457ec7f14a93cd063f88d20"
                                     "b547dc6f"
                                 };
    }
    void equalsOtherTools()
    {
        QFETCH(int, type);
        QFETCH(QByteArray, hex);
        std::vector<float> values(32);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = (static_cast<float>(i * 37 % 64) - 31.0F) / 16.0F;
        }
        const base::Bytes block = encoded(static_cast<WeightType>(type), values);
        QCOMPARE(base::toHex(block), hex.toStdString());
    }

    /// The error that the number of bits explains, in units of the deviation of normal weights.
    void roundTripsWithinTheError_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("most");
        const auto row = [](WeightType type, double most) {
            QTest::newRow(std::string{ ml::weightTypeName(type) }.c_str())
                << static_cast<int>(type) << most;
        };
        row(WeightType::F32, 0.0);
        row(WeightType::F16, 0.0003);
        row(WeightType::BF16, 0.0025);
        row(WeightType::Q8_0, 0.007);
        row(WeightType::Q6_K, 0.02);
        row(WeightType::Q5_K, 0.042);
        row(WeightType::Q5_1, 0.045);
        row(WeightType::Q5_0, 0.05);
        row(WeightType::Q4_K, 0.085);
        row(WeightType::Q4_1, 0.09);
        row(WeightType::Q4_0, 0.1);
    }
    void roundTripsWithinTheError()
    {
        QFETCH(int, type);
        QFETCH(double, most);
        const auto which = static_cast<WeightType>(type);
        const std::vector<float> values = normal(64 * 256, 3);
        const std::vector<float> back = decoded(which, encoded(which, values), values.size());
        double error = 0;
        double power = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            error += std::pow(static_cast<double>(back[i] - values[i]), 2);
            power += std::pow(static_cast<double>(values[i]), 2);
        }
        const double relative = std::sqrt(error / power);
        QVERIFY2(relative <= most, std::to_string(relative).c_str());
    }

    void hardBlocksStayFinite()
    {
        for (const WeightType type : kAll) {
            if (type == WeightType::Q2_K || type == WeightType::Q3_K) {
                std::byte unused{};
                const auto refused = ml::quantise(type, &unused, {});
                QVERIFY(!refused.has_value());
                QCOMPARE(refused.error().code, base::Errc::Invalid);
                continue;
            }
            for (const float value :
                { 0.0F, -0.0F, 1.0F, -1.0F, 1e-45F, 1e-38F, -1e-7F, 65504.0F, -65504.0F }) {
                std::vector<float> values(256, value);
                const float smallest = ml::halfToFloat(1);
                for (const float one : decoded(type, encoded(type, values), 256)) {
                    QVERIFY(std::fabs(one - value) <= std::fabs(value) * 0.04F + 8 * smallest);
                }
                values[17] = -value;
                for (const float one : decoded(type, encoded(type, values), 256)) {
                    QVERIFY(std::isfinite(one));
                    QVERIFY(std::fabs(one) <= std::fabs(value) * 1.2F + 64 * smallest);
                }
            }
            if (ml::blockFormat(type).columns > 1) {
                for (const float bad : { std::numeric_limits<float>::quiet_NaN(),
                         std::numeric_limits<float>::infinity(), -1e6F }) {
                    std::vector<float> values(256, 0.5F);
                    values[200] = bad;
                    QVERIFY(encoded(type, values).empty());
                }
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestWeightType)
#include "tst_weight_type.moc"
