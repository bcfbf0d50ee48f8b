// SPDX-License-Identifier: GPL-3.0-or-later
// The operations of answering on every table of kernels against plain sums in double.
#include "backends.h"
#include "ml/cpu_inference.h"

#include <QTest>

using namespace loam;
using namespace loam::ops;
using ml::RowPlace;
using ml::View;
using ml::WeightType;
using ml::Write;

namespace {

struct Answering
{
    std::string name;
    std::unique_ptr<ml::ThreadPool> pool;
    std::unique_ptr<ml::InferenceBackend> backend;
};

std::vector<Answering> answeringDevices()
{
    std::vector<Answering> devices;
    for (const unsigned threads : { 1U, 2U }) {
        for (const ml::InferenceKernels* kernels : ml::inferenceTables()) {
            for (const bool library : { false, true }) {
                if (library && !ml::hasLibraryGemm()) {
                    continue;
                }
                auto pool = std::make_unique<ml::ThreadPool>(threads);
                auto backend = std::make_unique<ml::CpuInference>(*pool, *kernels, library);
                devices.push_back({ std::string{ kernels->name } + (library ? " library" : ""),
                    std::move(pool), std::move(backend) });
            }
        }
    }
    return devices;
}

std::unique_ptr<ml::Memory> give(ml::InferenceBackend& backend, const std::vector<float>& values)
{
    auto memory = backend.allocate(values.size()).value();
    backend.upload(*memory, values);
    return memory;
}

std::vector<float> take(ml::InferenceBackend& backend, View view)
{
    std::vector<float> values(view.count);
    succeed(backend.finish());
    succeed(backend.download(values, view));
    return values;
}

/// Blocks of a type: quantised noise, or for the types that are only read random bytes under scales
/// of usual size.
std::vector<std::byte> someWeights(WeightType type, std::size_t rows, std::size_t columns)
{
    std::vector<std::byte> bytes(rows * ml::rowBytes(type, columns));
    const auto values = noise(rows * columns, 9, 0.1);
    if (ml::quantise(type, bytes.data(), values)) {
        return bytes;
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::byte>(
            ml::exact::philox({ static_cast<std::uint32_t>(i), 5, 0, 0 }, { 1, 2 })[0] & 0xFFU);
    }
    const ml::BlockFormat format = ml::blockFormat(type);
    const std::size_t scales = type == WeightType::Q2_K ? 2 : 1;
    for (std::size_t b = 0; b < bytes.size(); b += format.bytes) {
        for (std::size_t i = 0; i < scales; ++i) {
            bytes[b + format.bytes - 2 * (i + 1)] = std::byte{ 0x11 };
            bytes[b + format.bytes - 2 * (i + 1) + 1] = std::byte{ 0x1C };
        }
    }
    return bytes;
}

} // namespace

class TestInference : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_devices = answeringDevices(); }

    void multiply_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("outputs");
        QTest::addColumn<int>("columns");
        for (int type = 0; type < static_cast<int>(ml::kWeightTypes); ++type) {
            const auto block
                = static_cast<int>(ml::blockFormat(static_cast<WeightType>(type)).columns);
            const int odd = block == 1 ? 77 : block == 32 ? 352 : 768;
            for (const auto& [rows, outputs] :
                { std::pair{ 1, 37 }, { 3, 5 }, { 4, 16 }, { 7, 65 }, { 67, 83 } }) {
                QTest::addRow("%s %d x %d x %d",
                    std::string{ ml::weightTypeName(static_cast<WeightType>(type)) }.c_str(), rows,
                    outputs, odd)
                    << type << rows << outputs << odd;
            }
        }
    }
    void multiply()
    {
        QFETCH(int, type);
        QFETCH(int, rows);
        QFETCH(int, outputs);
        QFETCH(int, columns);
        const auto kind = static_cast<WeightType>(type);
        const auto r = static_cast<std::size_t>(rows);
        const auto n = static_cast<std::size_t>(outputs);
        const auto k = static_cast<std::size_t>(columns);
        const auto bytes = someWeights(kind, n, k);
        std::vector<float> w(n * k);
        ml::dequantise(kind, w, bytes.data());
        const auto x = noise(r * k, 1);
        const auto before = noise(r * n, 2);
        const oracle::Values product
            = oracle::matmul(ml::Layout::NT, { r, n, k }, widen(x), widen(w));
        oracle::Values sum = product;
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] += static_cast<double>(before[i]);
        }
        // Activations of 8 bits: an error of 1/254 of the largest of 32 in each term.
        const double bound = ml::blockFormat(kind).columns == 1 ? 5e-6 : 1.2e-2;
        for (const Answering& device : m_devices) {
            ml::InferenceBackend& b = *device.backend;
            const auto weights = b.adopt({ kind, n, k, bytes }).value();
            const auto in = give(b, x);
            const auto out = give(b, before);
            const auto other = give(b, before);
            b.multiply(*out, *in, *weights, r, Write::Accumulate);
            b.multiply(*other, *in, *weights, r, Write::Overwrite);
            QVERIFY(isNear(distance(take(b, *out), sum), bound, device.name));
            QVERIFY(isNear(distance(take(b, *other), product), bound, device.name));
        }
    }

    /// With activations that 8 bits hold exactly nothing but rounding of floats is left.
    void integerProductsAreExact_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("rows");
        for (int type = 3; type < static_cast<int>(ml::kWeightTypes); ++type) {
            for (const int rows : { 1, 9 }) {
                QTest::addRow("%s %d",
                    std::string{ ml::weightTypeName(static_cast<WeightType>(type)) }.c_str(), rows)
                    << type << rows;
            }
        }
    }
    void integerProductsAreExact()
    {
        QFETCH(int, type);
        QFETCH(int, rows);
        const auto kind = static_cast<WeightType>(type);
        const auto r = static_cast<std::size_t>(rows);
        constexpr std::size_t kOut = 21;
        constexpr std::size_t kColumns = 512;
        const auto bytes = someWeights(kind, kOut, kColumns);
        std::vector<float> w(kOut * kColumns);
        ml::dequantise(kind, w, bytes.data());
        std::vector<float> x(r * kColumns);
        for (std::size_t i = 0; i < x.size(); ++i) {
            // Every block holds an extreme value, at which narrow sums would overflow.
            x[i] = i % 32 == 0 || i % 64 > 40
                ? 127.0F
                : static_cast<float>(static_cast<int>(i * 31 % 255) - 127);
        }
        const auto product
            = oracle::matmul(ml::Layout::NT, { r, kOut, kColumns }, widen(x), widen(w));
        for (const Answering& device : m_devices) {
            ml::InferenceBackend& b = *device.backend;
            const auto weights = b.adopt({ kind, kOut, kColumns, bytes }).value();
            const auto in = give(b, x);
            const auto out = give(b, std::vector<float>(r * kOut));
            b.multiply(*out, *in, *weights, r, Write::Overwrite);
            QVERIFY(isNear(distance(take(b, *out), product), 2e-5, device.name));
        }
    }

    void attention_data()
    {
        QTest::addColumn<int>("kvHeads");
        QTest::addColumn<int>("headDim");
        QTest::addColumn<int>("window");
        for (const auto& [kvHeads, dim, window] :
            { std::array{ 1, 8, 0 }, { 2, 40, 0 }, { 4, 64, 0 }, { 1, 32, 7 }, { 2, 16, 150 } }) {
            QTest::addRow("%d heads of %d, window %d", kvHeads, dim, window)
                << kvHeads << dim << window;
        }
    }
    void attention()
    {
        QFETCH(int, kvHeads);
        QFETCH(int, headDim);
        QFETCH(int, window);
        constexpr std::size_t kHeads = 4;
        constexpr std::size_t kContext = 300;
        const auto kv = static_cast<std::size_t>(kvHeads);
        const auto hd = static_cast<std::size_t>(headDim);
        const auto seen = static_cast<std::size_t>(window);
        const std::size_t width = kv * hd;
        // Slot 1 gets a whole prompt, slot 0 is ahead by some tokens and gets one more.
        std::vector<RowPlace> earlier;
        for (std::uint32_t i = 0; i < 170; ++i) {
            earlier.push_back({ 0, i });
        }
        std::vector<RowPlace> places{ { 0, 170 } };
        for (std::uint32_t i = 0; i < 203; ++i) {
            places.push_back({ 1, i });
        }
        const auto k0 = noise(earlier.size() * width, 1);
        const auto v0 = noise(earlier.size() * width, 2);
        const auto k1 = noise(places.size() * width, 3);
        const auto v1 = noise(places.size() * width, 4);
        const auto q = noise(places.size() * kHeads * hd, 5);
        const auto rowOf = [&](std::size_t slot, std::size_t position, bool isKey) {
            const std::vector<float>& late = isKey ? k1 : v1;
            if (slot == 1) {
                return late.data() + (position + 1) * width;
            }
            return position == 170 ? late.data() : (isKey ? k0 : v0).data() + position * width;
        };
        oracle::Values wanted(q.size());
        const double scale = 0.3;
        for (std::size_t r = 0; r < places.size(); ++r) {
            const std::size_t end = places[r].position + std::size_t{ 1 };
            const std::size_t begin = seen > 0 && end > seen ? end - seen : 0;
            for (std::size_t h = 0; h < kHeads; ++h) {
                const std::size_t group = h / (kHeads / kv);
                const float* query = q.data() + (r * kHeads + h) * hd;
                double total = 0.0;
                std::vector<double> sum(hd, 0.0);
                for (std::size_t p = begin; p < end; ++p) {
                    double score = 0.0;
                    for (std::size_t i = 0; i < hd; ++i) {
                        score += static_cast<double>(query[i])
                            * static_cast<double>(rowOf(places[r].slot, p, true)[group * hd + i]);
                    }
                    const double weight = std::exp(scale * score);
                    total += weight;
                    for (std::size_t i = 0; i < hd; ++i) {
                        sum[i] += weight
                            * static_cast<double>(rowOf(places[r].slot, p, false)[group * hd + i]);
                    }
                }
                for (std::size_t i = 0; i < hd; ++i) {
                    wanted[(r * kHeads + h) * hd + i] = sum[i] / total;
                }
            }
        }
        for (const Answering& device : m_devices) {
            ml::InferenceBackend& b = *device.backend;
            const auto cache = b.makeCache({ 2, 2, kContext, kv, hd }).value();
            const auto ks0 = give(b, k0);
            const auto vs0 = give(b, v0);
            const auto ks1 = give(b, k1);
            const auto vs1 = give(b, v1);
            const auto qs = give(b, q);
            const auto out = give(b, std::vector<float>(q.size()));
            b.store(*cache, 1, *ks0, *vs0, earlier);
            b.store(*cache, 1, *ks1, *vs1, places);
            b.attention(*out, *qs, *cache, 1, places, kHeads, 0.3F, seen);
            // The cache holds binary16: 11 significant bits.
            QVERIFY(isNear(distance(take(b, *out), wanted), 3e-3, device.name));
        }
    }

    void rowOperations()
    {
        constexpr std::size_t kRows = 5;
        constexpr std::size_t kHeads = 3;
        constexpr std::size_t kHeadDim = 10;
        constexpr std::size_t kDim = kHeads * kHeadDim;
        const auto x = noise(kRows * kDim, 1, 3.0);
        const auto up = noise(kRows * kDim, 2);
        const auto gain = noise(kDim, 3);
        const std::vector<float> frequencies{ 1.0F, 0.3F, 0.1F, 0.03F, 0.01F };
        const std::vector<RowPlace> places{ { 0, 9 }, { 1, 0 }, { 1, 1 }, { 2, 700 }, { 0, 10 } };
        oracle::Values silu(x.size());
        oracle::Values gelu(x.size());
        oracle::Values halves(x.size());
        oracle::Values pairs(x.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double g = static_cast<double>(x[i]);
            const double u = static_cast<double>(up[i]);
            silu[i] = g / (1.0 + std::exp(-g)) * u;
            gelu[i] = 0.5 * g
                * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (g + 0.044715 * g * g * g))) * u;
        }
        for (std::size_t r = 0; r < kRows; ++r) {
            for (std::size_t h = 0; h < kHeads; ++h) {
                for (std::size_t i = 0; i < kHeadDim / 2; ++i) {
                    const double angle = places[r].position * static_cast<double>(frequencies[i]);
                    const std::size_t base = (r * kHeads + h) * kHeadDim;
                    const auto turn = [&](oracle::Values& out, std::size_t a, std::size_t c) {
                        const double p = static_cast<double>(x[base + a]);
                        const double s = static_cast<double>(x[base + c]);
                        out[base + a] = p * std::cos(angle) - s * std::sin(angle);
                        out[base + c] = s * std::cos(angle) + p * std::sin(angle);
                    };
                    turn(halves, i, i + kHeadDim / 2);
                    turn(pairs, 2 * i, 2 * i + 1);
                }
            }
        }
        const auto norm = oracle::rmsNorm(widen(x), widen(gain), 1e-5);
        for (const Answering& device : m_devices) {
            ml::InferenceBackend& b = *device.backend;
            const auto gains = give(b, gain);
            const auto ups = give(b, up);
            const auto turns = give(b, frequencies);
            const auto out = give(b, x);
            const auto check = [&](const oracle::Values& wanted) {
                const double error = distance(take(b, *out), wanted);
                b.upload(*out, x);
                return isNear(error, 5e-6, device.name);
            };
            b.rmsNorm(*out, *out, *gains, kRows, kDim, 1e-5F);
            QVERIFY(check(norm));
            b.gatedActivation(*out, *out, *ups, kRows, kDim, ml::Activation::Silu);
            QVERIFY(check(silu));
            b.gatedActivation(*out, *out, *ups, kRows, kDim, ml::Activation::GeluTanh);
            QVERIFY(check(gelu));
            b.rope(*out, *turns, places, kHeads, kHeadDim, ml::RopeStyle::Halves);
            QVERIFY(check(halves));
            b.rope(*out, *turns, places, kHeads, kHeadDim, ml::RopeStyle::Pairs);
            QVERIFY(check(pairs));
        }
    }

    void interruptAbandonsWhatIsUnderWay()
    {
        ml::ThreadPool pool{ 2 };
        const auto backend = ml::makeCpuInference(pool).value();
        const auto x = give(*backend, noise(64, 1));
        backend->setInterrupt([] { return true; });
        backend->add(*x, *x);
        const auto done = backend->finish();
        QVERIFY(!done && done.error().code == base::Errc::Cancelled);
        backend->setInterrupt({});
        backend->add(*x, *x);
        QVERIFY(backend->finish().has_value());
    }

private:
    std::vector<Answering> m_devices;
};

QTEST_GUILESS_MAIN(TestInference)
#include "tst_inference.moc"
