// SPDX-License-Identifier: GPL-3.0-or-later
// The ops of answering on Vulkan against the plain double arithmetic, over odd shapes and every
// weight type.
#include "backends.h"
#include "ml/vulkan_weights.h"

#include <QTest>

#include <cmath>

using namespace loam;
using namespace loam::ops;
using ml::RowPlace;
using ml::View;
using ml::WeightType;
using ml::Write;

namespace {

constexpr double kNear = 1e-5;

std::vector<float> get(ml::InferenceBackend& backend, View view)
{
    std::vector<float> values(view.count);
    succeed(backend.finish());
    succeed(backend.download(values, view));
    return values;
}

std::unique_ptr<ml::Memory> put(ml::InferenceBackend& backend, const std::vector<float>& values)
{
    auto memory = backend.allocate(values.size()).value();
    backend.upload(*memory, values);
    return memory;
}

/// Blocks of any type with scales of a sane size, and the values they stand for.
struct Matrix
{
    base::Bytes bytes;
    std::vector<float> values;
    ml::WeightSource source;
};
Matrix someMatrix(WeightType type, std::size_t rows, std::size_t columns, std::uint32_t stream)
{
    Matrix matrix;
    const ml::BlockFormat format = ml::blockFormat(type);
    const std::size_t width = ml::rowBytes(type, columns);
    matrix.bytes.resize(rows * width);
    matrix.values.resize(rows * columns);
    const auto plain = noise(rows * columns, stream);
    for (std::size_t r = 0; r < rows; ++r) {
        std::byte* row = matrix.bytes.data() + r * width;
        const std::span values{ plain.data() + r * columns, columns };
        if (!ml::quantise(type, row, values)) {
            // Types that are only read: random bits under scales of 2^-5.
            for (std::size_t i = 0; i < width; ++i) {
                const auto words = ml::exact::philox(
                    { static_cast<std::uint32_t>(r * width + i), stream, 79, 0 }, { 20, 26 });
                row[i] = static_cast<std::byte>(words[0] & 0xFFU);
            }
            const std::size_t scale = type == WeightType::Q2_K ? 80 : 108;
            for (std::size_t block = 0; block < width; block += format.bytes) {
                for (std::size_t i = scale; i < format.bytes; i += 2) {
                    row[block + i] = std::byte{ 0 };
                    row[block + i + 1] = std::byte{ 0x28 };
                }
            }
        }
        ml::dequantise(type, { matrix.values.data() + r * columns, columns }, row);
    }
    matrix.source = { type, rows, columns, matrix.bytes };
    return matrix;
}

std::vector<std::size_t> widthsOf(WeightType type)
{
    const std::size_t block = ml::blockFormat(type).columns;
    return block == 1 ? std::vector<std::size_t>{ 1, 37, 96 }
                      : std::vector<std::size_t>{ block, 3 * block };
}

} // namespace

class TestVulkanInference : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const auto info = vulkanDevice();
        if (!info) {
            QSKIP("NO VULKAN DEVICE: inference on it is not tested");
        }
        m_backend = ml::makeVulkanInference(vulkanOptions(*info, ml::MatmulVariant::Tiles)).value();
        m_registers
            = ml::makeVulkanInference(vulkanOptions(*info, ml::MatmulVariant::Registers)).value();
    }

    void multiply_data() { eachType(); }
    void multiply()
    {
        QFETCH(int, index);
        const auto type = static_cast<WeightType>(index);
        for (const std::size_t columns : widthsOf(type)) {
            for (const std::size_t outputs :
                { std::size_t{ 1 }, std::size_t{ 5 }, std::size_t{ 70 }, std::size_t{ 140 } }) {
                const Matrix matrix = someMatrix(type, outputs, columns, 5);
                // From 32 rows on weights are unpacked first.
                for (const std::size_t rows :
                    { std::size_t{ 1 }, std::size_t{ 3 }, std::size_t{ 17 }, std::size_t{ 41 } }) {
                    multipliesAlike(*m_backend, matrix, rows);
                    multipliesAlike(*m_registers, matrix, rows);
                }
            }
        }
    }
    /// More weights than are unpacked at a time.
    void multiplyMany()
    {
        const Matrix matrix = someMatrix(WeightType::Q4_0, 4'100, 576, 5);
        multipliesAlike(*m_backend, matrix, 33);
        multipliesAlike(*m_registers, matrix, 33);
    }

    void embed_data() { eachType(); }
    void embed()
    {
        QFETCH(int, index);
        const auto type = static_cast<WeightType>(index);
        ml::InferenceBackend& backend = *m_backend;
        constexpr std::size_t kVocab = 23;
        for (const std::size_t columns : widthsOf(type)) {
            const Matrix matrix = someMatrix(type, kVocab, columns, 6);
            const auto table = backend.adopt(matrix.source).value();
            const auto tokens = someTokens(9, kVocab, 3);
            const auto out = put(backend, std::vector<float>(tokens.size() * columns));
            backend.embed(*out, *table, tokens, 3.0F);
            oracle::Values wanted;
            for (const ml::Token token : tokens) {
                for (std::size_t c = 0; c < columns; ++c) {
                    wanted.push_back(3.0
                        * static_cast<double>(
                            matrix.values[static_cast<std::size_t>(token) * columns + c]));
                }
            }
            QVERIFY(isNear(distance(get(backend, *out), wanted), 5e-7, "embed"));
        }
    }

    void badMatricesAreRefused()
    {
        const base::Bytes bytes(180);
        const auto refused = [&](ml::WeightSource source) {
            const auto adopted = m_backend->adopt(source);
            return !adopted && adopted.error().code == base::Errc::Invalid;
        };
        QVERIFY(refused({ WeightType::Q4_0, 10, 33, bytes }));
        QVERIFY(refused({ WeightType::Q4_0, 11, 32, bytes }));
        QVERIFY(refused({ WeightType::F32, 0, 32, bytes }));
        QVERIFY(refused({ WeightType::F32, std::size_t{ 1 } << 60U, 16, bytes }));
        QVERIFY(!refused({ WeightType::Q4_0, 10, 32, bytes }));
        QVERIFY(!m_backend->makeCache({ 1, std::size_t{ 1 } << 40U, 1U << 20U, 4, 64 }));
    }

    void smallOps()
    {
        ml::InferenceBackend& backend = *m_backend;
        constexpr std::size_t kRows = 13;
        constexpr std::size_t kDim = 37;
        const auto x = noise(kRows * kDim, 1, 3.0);
        const auto y = noise(kRows * kDim, 2);
        const auto gain = noise(kDim, 3);
        const auto xs = put(backend, x);
        const auto ys = put(backend, y);
        const auto gains = put(backend, gain);
        const auto out = put(backend, std::vector<float>(x.size()));

        backend.rmsNorm(*out, *xs, *gains, kRows, kDim, 1e-5F);
        const oracle::Values normed = oracle::rmsNorm(widen(x), widen(gain), double{ 1e-5F });
        QVERIFY(isNear(distance(get(backend, *out), normed), kNear, "norm"));
        backend.upload(*out, x);
        backend.rmsNorm(*out, *out, *gains, kRows, kDim, 1e-5F);
        QVERIFY(isNear(distance(get(backend, *out), normed), kNear, "norm in place"));

        for (const ml::Activation activation : { ml::Activation::Silu, ml::Activation::GeluTanh }) {
            oracle::Values wanted;
            for (std::size_t i = 0; i < x.size(); ++i) {
                const double g = static_cast<double>(x[i]);
                const double gelu = 0.5 * g
                    * (1.0
                        + std::tanh(
                            std::sqrt(2.0 / 3.14159265358979) * (g + 0.044715 * g * g * g)));
                const double silu = g / (1.0 + std::exp(-g));
                wanted.push_back(
                    (activation == ml::Activation::Silu ? silu : gelu) * static_cast<double>(y[i]));
            }
            backend.upload(*out, x);
            backend.gatedActivation(*out, *out, *ys, kRows, kDim, activation);
            QVERIFY(isNear(distance(get(backend, *out), wanted), kNear, "activation"));
        }
        oracle::Values wanted = widen(x);
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            wanted[i] += static_cast<double>(y[i]) + static_cast<double>(gain[i % kDim]);
        }
        backend.upload(*out, x);
        backend.add(*out, *ys);
        backend.addBias(*out, *gains, kRows, kDim);
        QVERIFY(isNear(distance(get(backend, *out), wanted), 1e-6, "sums"));
    }

    void rope_data()
    {
        QTest::addColumn<int>("headDim");
        QTest::addColumn<bool>("pairs");
        for (const int headDim : { 2, 6, 64 }) {
            for (const bool pairs : { false, true }) {
                QTest::addRow("%d %d", headDim, pairs) << headDim << pairs;
            }
        }
    }
    void rope()
    {
        QFETCH(int, headDim);
        QFETCH(bool, pairs);
        ml::InferenceBackend& backend = *m_backend;
        const auto width = static_cast<std::size_t>(headDim);
        constexpr std::size_t kHeads = 3;
        const std::vector<RowPlace> places{ { 0, 0 }, { 1, 1 }, { 0, 17 }, { 2, 4095 },
            { 0, 131'071 } };
        std::vector<float> frequencies(width / 2);
        for (std::size_t i = 0; i < frequencies.size(); ++i) {
            frequencies[i] = static_cast<float>(
                std::pow(10'000.0, -2.0 * static_cast<double>(i) / static_cast<double>(width)));
        }
        const auto x = noise(places.size() * kHeads * width, 1);
        oracle::Values wanted = widen(x);
        for (std::size_t r = 0; r < places.size() * kHeads; ++r) {
            for (std::size_t i = 0; i < width / 2; ++i) {
                const double angle = static_cast<double>(places[r / kHeads].position)
                    * static_cast<double>(frequencies[i]);
                const std::size_t low = r * width + (pairs ? 2 * i : i);
                const std::size_t high = pairs ? low + 1 : low + width / 2;
                const double a = wanted[low];
                const double b = wanted[high];
                wanted[low] = a * std::cos(angle) - b * std::sin(angle);
                wanted[high] = b * std::cos(angle) + a * std::sin(angle);
            }
        }
        const auto xs = put(backend, x);
        const auto turns = put(backend, frequencies);
        backend.rope(*xs, *turns, places, kHeads, width,
            pairs ? ml::RopeStyle::Pairs : ml::RopeStyle::Halves);
        QVERIFY(isNear(distance(get(backend, *xs), wanted), kNear, "rope"));
    }

    void attention_data()
    {
        QTest::addColumn<int>("headDim");
        QTest::addColumn<int>("heads");
        QTest::addColumn<int>("kvHeads");
        QTest::addColumn<int>("window");
        QTest::newRow("one head") << 8 << 1 << 1 << 0;
        QTest::newRow("grouped") << 10 << 6 << 2 << 0;
        QTest::newRow("window") << 16 << 4 << 4 << 5;
        QTest::newRow("wide") << 64 << 2 << 1 << 0;
    }
    void attention()
    {
        QFETCH(int, headDim);
        QFETCH(int, heads);
        QFETCH(int, kvHeads);
        QFETCH(int, window);
        ml::InferenceBackend& backend = *m_backend;
        const auto hd = static_cast<std::size_t>(headDim);
        const auto h = static_cast<std::size_t>(heads);
        const auto kv = static_cast<std::size_t>(kvHeads);
        const auto w = static_cast<std::size_t>(window);
        constexpr std::size_t kContext = 40;
        const auto cache = backend.makeCache({ 2, 2, kContext, kv, hd }).value();
        // Slot 0 has 21 tokens, slot 1 has 33, written in two batches that mix both.
        std::vector<RowPlace> all;
        for (std::uint32_t t = 0; t < 33; ++t) {
            all.push_back({ 1, t });
            if (t < 21) {
                all.push_back({ 0, t });
            }
        }
        const auto k = noise(all.size() * kv * hd, 1);
        const auto v = noise(all.size() * kv * hd, 2);
        const auto ks = put(backend, k);
        const auto vs = put(backend, v);
        const std::span places{ all };
        const std::size_t half = 20;
        const std::size_t split = half * kv * hd;
        backend.store(*cache, 1, View{ *ks }.slice(0, split), View{ *vs }.slice(0, split),
            places.first(half));
        backend.store(*cache, 1, View{ *ks }.slice(split, k.size() - split),
            View{ *vs }.slice(split, v.size() - split), places.subspan(half));
        // Alone, and as the rows of a prompt.
        std::vector<RowPlace> asked{ { 0, 20 }, { 1, 32 }, { 1, 0 }, { 0, 7 } };
        for (std::uint32_t position = 3; position < 13; ++position) {
            asked.push_back({ 1, position });
        }
        const auto q = noise(asked.size() * h * hd, 3);
        const auto qs = put(backend, q);
        const auto out = put(backend, std::vector<float>(q.size()));
        constexpr float kScale = 0.3F;
        backend.attention(*out, *qs, *cache, 1, asked, h, kScale, w);

        oracle::Values wanted(q.size(), 0.0);
        for (std::size_t r = 0; r < asked.size(); ++r) {
            for (std::size_t head = 0; head < h; ++head) {
                double total = 0.0;
                const std::size_t from = (r * h + head) * hd;
                for (std::size_t j = 0; j < all.size(); ++j) {
                    const bool isSeen = all[j].slot == asked[r].slot
                        && all[j].position <= asked[r].position
                        && (w == 0 || all[j].position + w > asked[r].position);
                    if (!isSeen) {
                        continue;
                    }
                    const std::size_t place = (j * kv + head / (h / kv)) * hd;
                    double dot = 0.0;
                    for (std::size_t i = 0; i < hd; ++i) {
                        dot += static_cast<double>(q[from + i]) * static_cast<double>(k[place + i]);
                    }
                    const double weight = std::exp(dot * double{ kScale });
                    total += weight;
                    for (std::size_t i = 0; i < hd; ++i) {
                        wanted[from + i] += weight * static_cast<double>(v[place + i]);
                    }
                }
                for (std::size_t i = 0; i < hd; ++i) {
                    wanted[from + i] /= total;
                }
            }
        }
        QVERIFY(isNear(distance(get(backend, *out), wanted), kNear, "attention"));
    }

private:
    static void eachType()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < ml::kWeightTypes; ++i) {
            const std::string name{ ml::weightTypeName(static_cast<WeightType>(i)) };
            QTest::newRow(name.c_str()) << static_cast<int>(i);
        }
    }

    static void multipliesAlike(
        ml::InferenceBackend& backend, const Matrix& matrix, std::size_t rows)
    {
        const std::size_t columns = matrix.source.columns;
        const std::size_t outputs = matrix.source.rows;
        const auto weights = backend.adopt(matrix.source).value();
        const auto x = noise(rows * columns, 1);
        const auto before = noise(rows * outputs, 2);
        const auto in = put(backend, x);
        const auto out = put(backend, before);
        oracle::Values wanted = oracle::matmul(
            ml::Layout::NT, { rows, outputs, columns }, widen(x), widen(matrix.values));
        backend.multiply(*out, *in, *weights, rows, Write::Overwrite);
        QVERIFY(isNear(distance(get(backend, *out), wanted), kNear, "overwrite"));
        backend.upload(*out, before);
        backend.multiply(*out, *in, *weights, rows, Write::Accumulate);
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            wanted[i] += static_cast<double>(before[i]);
        }
        QVERIFY(isNear(distance(get(backend, *out), wanted), kNear, "accumulate"));
    }

    std::unique_ptr<ml::InferenceBackend> m_backend;
    std::unique_ptr<ml::InferenceBackend> m_registers;
};

QTEST_GUILESS_MAIN(TestVulkanInference)
#include "tst_vulkan_inference.moc"
