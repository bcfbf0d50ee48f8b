// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends.h"
#include "ml/layer_plan.h"

#include <QTest>

using namespace loam;
using namespace loam::ops;
using ml::AttentionShape;
using ml::View;
using ml::Write;

namespace {

constexpr double kForward = 5e-6;
constexpr double kBackward = 2e-5;

/// Checks got[i] against d(sum of weights * f(x))/dx[i] at a sample of places.
bool gradientHolds(const std::vector<float>& got, const oracle::Values& x,
    const std::vector<float>& weights,
    const std::function<oracle::Values(const oracle::Values&)>& f, const std::string& what)
{
    const auto loss = [&](const oracle::Values& at) {
        const oracle::Values out = f(at);
        double sum = 0.0;
        for (std::size_t i = 0; i < out.size(); ++i) {
            sum += static_cast<double>(weights[i]) * out[i];
        }
        return sum;
    };
    constexpr std::size_t kSamples = 16;
    const std::size_t stride = std::max<std::size_t>(1, x.size() / kSamples) | 1U;
    double most = 1e-3;
    double error = 0.0;
    for (std::size_t i = 0; i < x.size(); i += stride) {
        const double wanted = oracle::derivative(loss, x, i);
        most = std::max(most, std::abs(wanted));
        error = std::max(error, std::abs(static_cast<double>(got[i]) - wanted));
    }
    return isNear(error / most, kBackward, what);
}

} // namespace

class TestOps : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_devices = allDevices(); }

    void rmsNorm_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("dim");
        for (const auto& [rows, dim] :
            { std::pair{ 1, 2 }, { 3, 8 }, { 17, 13 }, { 129, 48 }, { 200, 260 } }) {
            QTest::addRow("%d x %d", rows, dim) << rows << dim;
        }
    }
    void rmsNorm()
    {
        QFETCH(int, rows);
        QFETCH(int, dim);
        const auto r = static_cast<std::size_t>(rows);
        const auto d = static_cast<std::size_t>(dim);
        constexpr float kEps = 1e-5F;
        const auto x = noise(r * d, 1);
        const auto delta = noise(r * d, 2, 0.5);
        const auto gain = noise(d, 3, 0.3);
        const auto dOut = noise(r * d, 4);
        const auto dBefore = noise(r * d, 5);
        oracle::Values sum = widen(x);
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] = static_cast<double>(x[i] + delta[i]);
        }
        const oracle::Values wanted = oracle::rmsNorm(sum, widen(gain), double{ kEps });
        for (const Device& device : m_devices) {
            ml::Backend& backend = *device.backend;
            const auto xs = put(backend, x);
            const auto deltas = put(backend, delta);
            const auto gains = put(backend, gain);
            const auto sums = put(backend, std::vector<float>(r * d));
            const auto out = put(backend, std::vector<float>(r * d));
            const auto inverse = put(backend, std::vector<float>(r));
            backend.addRmsNorm(*sums, *out, *inverse, *xs, *deltas, *gains, r, d, kEps);
            QVERIFY(isNear(distance(get(backend, *sums), sum), 1e-7, device.name));
            QVERIFY(isNear(distance(get(backend, *out), wanted), kForward, device.name));
            backend.addRmsNorm({}, *out, *inverse, *sums, {}, *gains, r, d, kEps);
            QVERIFY(isNear(distance(get(backend, *out), wanted), kForward, device.name));

            const auto dOuts = put(backend, dOut);
            const auto dX = put(backend, dBefore);
            const auto dGain = put(backend, std::vector<float>(d, 7.0F));
            backend.rmsNormBackward(
                *dX, *dGain, *dOuts, *sums, *inverse, *gains, r, d, Write::Overwrite);
            auto gotX = get(backend, *dX);
            for (std::size_t i = 0; i < gotX.size(); ++i) {
                gotX[i] -= dBefore[i];
            }
            QVERIFY(gradientHolds(
                gotX, sum, dOut,
                [&](const oracle::Values& at) {
                    return oracle::rmsNorm(at, widen(gain), double{ kEps });
                },
                device.name + " dX"));
            const auto gotGain = get(backend, *dGain);
            QVERIFY(gradientHolds(
                gotGain, widen(gain), dOut,
                [&](const oracle::Values& at) { return oracle::rmsNorm(sum, at, double{ kEps }); },
                device.name + " dGain"));
            backend.rmsNormBackward(
                *dX, *dGain, *dOuts, *sums, *inverse, *gains, r, d, Write::Accumulate);
            oracle::Values twice = widen(gotGain);
            for (double& value : twice) {
                value *= 2.0;
            }
            QVERIFY(isNear(distance(get(backend, *dGain), twice), kForward, device.name));
        }
    }

    void attention_data()
    {
        QTest::addColumn<int>("batch");
        QTest::addColumn<int>("length");
        QTest::addColumn<int>("heads");
        QTest::addColumn<int>("kvHeads");
        QTest::addColumn<int>("headDim");
        const std::array<std::array<int, 5>, 7> shapes{ { { 1, 1, 1, 1, 2 }, { 2, 3, 4, 2, 6 },
            { 3, 17, 2, 2, 16 }, { 1, 64, 6, 2, 8 }, { 2, 65, 2, 1, 10 }, { 1, 129, 3, 3, 32 },
            { 2, 129, 4, 1, 8 } } };
        for (const auto& [b, t, h, kv, hd] : shapes) {
            QTest::addRow("B %d, T %d, %d/%d heads of %d", b, t, h, kv, hd)
                << b << t << h << kv << hd;
        }
    }
    void attention()
    {
        const AttentionShape shape = fetchShape();
        const auto qkv = noise(shape.batch * shape.length * shape.rowDim(), 1);
        const auto dOut = noise(shape.batch * shape.length * shape.qDim(), 2);
        const oracle::Values wanted = oracle::attention(widen(qkv), shape);
        bool first = true;
        std::vector<float> reference;
        for (const Device& device : m_devices) {
            ml::Backend& backend = *device.backend;
            const auto in = put(backend, qkv);
            const auto out = put(backend, std::vector<float>(dOut.size()));
            const auto logSum
                = put(backend, std::vector<float>(shape.batch * shape.length * shape.heads));
            backend.attention(*out, *logSum, *in, shape);
            QVERIFY(isNear(distance(get(backend, *out), wanted), kForward, device.name));

            const auto dOuts = put(backend, dOut);
            const auto dQkv = put(backend, std::vector<float>(qkv.size(), 9.0F));
            backend.attentionBackward(*dQkv, *dOuts, *in, *out, *logSum, shape);
            const auto got = get(backend, *dQkv);
            // Finite differences of a long attention are slow: once, then everyone agrees.
            if (first) {
                QVERIFY(gradientHolds(
                    got, widen(qkv), dOut,
                    [&](const oracle::Values& at) { return oracle::attention(at, shape); },
                    device.name));
                reference = got;
            }
            first = false;
            QVERIFY(isNear(distance(got, widen(reference)), kBackward, device.name));
        }
    }

    void attentionStep_data() { attention_data(); }
    void attentionStep()
    {
        // The last token of a sequence against a cache must see what whole attention saw.
        AttentionShape shape = fetchShape();
        shape.batch = 1;
        const auto qkv = noise(shape.length * shape.rowDim(), 1);
        const oracle::Values whole = oracle::attention(widen(qkv), shape);
        const oracle::Values wanted(
            whole.end() - static_cast<std::ptrdiff_t>(shape.qDim()), whole.end());
        std::vector<float> keys;
        std::vector<float> values;
        for (std::size_t t = 0; t < shape.length; ++t) {
            const auto k
                = qkv.begin() + static_cast<std::ptrdiff_t>(t * shape.rowDim() + shape.qDim());
            const auto width = static_cast<std::ptrdiff_t>(shape.kvDim());
            keys.insert(keys.end(), k, k + width);
            values.insert(values.end(), k + width, k + 2 * width);
        }
        const auto last = qkv.end() - static_cast<std::ptrdiff_t>(shape.rowDim());
        const std::vector<float> query(last, last + static_cast<std::ptrdiff_t>(shape.qDim()));
        for (const Device& device : m_devices) {
            ml::Backend& backend = *device.backend;
            const auto out = put(backend, std::vector<float>(shape.qDim()));
            const auto q = put(backend, query);
            const auto k = put(backend, keys);
            const auto v = put(backend, values);
            backend.attentionStep(*out, *q, *k, *v, shape);
            QVERIFY(isNear(distance(get(backend, *out), wanted), kForward, device.name));
        }
    }

    void rope_data() { attention_data(); }
    void rope()
    {
        const AttentionShape shape = fetchShape();
        ml::ModelConfig config;
        config.heads = static_cast<std::uint32_t>(shape.heads);
        config.dim = static_cast<std::uint32_t>(shape.qDim());
        config.context = 200;
        constexpr std::size_t kPosition = 5;
        const auto qkv = noise(shape.batch * shape.length * shape.rowDim(), 1);
        const oracle::Values wanted
            = oracle::rope(widen(qkv), shape, static_cast<double>(config.ropeTheta), kPosition);
        for (const Device& device : m_devices) {
            ml::Backend& backend = *device.backend;
            const auto values = put(backend, qkv);
            const auto table = put(backend, ml::ropeTable(config));
            backend.rope(*values, *table, shape, kPosition, ml::Direction::Forward);
            QVERIFY(isNear(distance(get(backend, *values), wanted), kForward, device.name));
            // A rotation's gradient is the rotation back.
            backend.rope(*values, *table, shape, kPosition, ml::Direction::Backward);
            QVERIFY(isNear(distance(get(backend, *values), widen(qkv)), kForward, device.name));
        }
    }

    void swiglu_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("ffn");
        for (const auto& [rows, ffn] : { std::pair{ 1, 1 }, { 3, 7 }, { 17, 24 }, { 129, 353 } }) {
            QTest::addRow("%d x %d", rows, ffn) << rows << ffn;
        }
    }
    void swiglu()
    {
        QFETCH(int, rows);
        QFETCH(int, ffn);
        const auto r = static_cast<std::size_t>(rows);
        const auto f = static_cast<std::size_t>(ffn);
        const auto gateUp = noise(r * 2 * f, 1, 3.0);
        const auto dOut = noise(r * f, 2);
        const oracle::Values wanted = oracle::swiglu(widen(gateUp), f);
        for (const Device& device : m_devices) {
            ml::Backend& backend = *device.backend;
            const auto in = put(backend, gateUp);
            const auto out = put(backend, std::vector<float>(r * f));
            backend.swiglu(*out, *in, r, f);
            QVERIFY(isNear(distance(get(backend, *out), wanted), kForward, device.name));
            const auto dOuts = put(backend, dOut);
            const auto again = put(backend, std::vector<float>(r * f));
            const auto dGateUp = put(backend, std::vector<float>(r * 2 * f, 9.0F));
            backend.swigluBackward(*dGateUp, *again, *dOuts, *in, r, f);
            QVERIFY(isNear(distance(get(backend, *again), wanted), kForward, device.name));
            QVERIFY(gradientHolds(
                get(backend, *dGateUp), widen(gateUp), dOut,
                [&](const oracle::Values& at) { return oracle::swiglu(at, f); }, device.name));
        }
    }

    void embedding()
    {
        constexpr std::size_t kVocab = 11;
        constexpr std::size_t kDim = 70;
        const auto table = noise(kVocab * kDim, 1);
        const auto dOut = noise(40 * kDim, 2);
        const auto tokens = someTokens(40, kVocab, 3);
        oracle::Values wanted;
        oracle::Values wantedGradient(table.size(), 1.0);
        for (std::size_t r = 0; r < tokens.size(); ++r) {
            for (std::size_t i = 0; i < kDim; ++i) {
                const std::size_t place = static_cast<std::size_t>(tokens[r]) * kDim + i;
                wanted.push_back(static_cast<double>(table[place]));
                wantedGradient[place] += static_cast<double>(dOut[r * kDim + i]);
            }
        }
        for (const Device& device : m_devices) {
            ml::Backend& backend = *device.backend;
            const auto weights = put(backend, table);
            const auto out = put(backend, std::vector<float>(dOut.size()));
            backend.embed(*out, *weights, tokens, kDim);
            QCOMPARE(distance(get(backend, *out), wanted), 0.0);
            const auto gradient = put(backend, std::vector<float>(table.size(), 1.0F));
            const auto dOuts = put(backend, dOut);
            backend.embedBackward(*gradient, *dOuts, tokens, kDim);
            QVERIFY(
                isNear(distance(get(backend, *gradient), wantedGradient), kForward, device.name));
        }
    }

    void headLoss_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("dim");
        QTest::addColumn<int>("vocab");
        // The last one needs several chunks of logits.
        for (const auto& [rows, dim, vocab] :
            { std::tuple{ 1, 2, 3 }, { 3, 8, 17 }, { 17, 12, 130 }, { 40, 4, 60'000 } }) {
            QTest::addRow("%d x %d, vocab %d", rows, dim, vocab) << rows << dim << vocab;
        }
    }
    void headLoss()
    {
        QFETCH(int, rows);
        QFETCH(int, dim);
        QFETCH(int, vocab);
        const auto r = static_cast<std::size_t>(rows);
        const auto d = static_cast<std::size_t>(dim);
        const auto v = static_cast<std::size_t>(vocab);
        constexpr float kScale = 0.25F;
        const auto x = noise(r * d, 1);
        const auto head = noise(v * d, 2);
        auto targets = someTokens(r, v, 3);
        if (r > 2) {
            targets[1] = ml::kIgnoredTarget;
        }
        const oracle::Values wanted = oracle::headLoss(widen(x), widen(head), targets, d, v);
        const std::vector<float> weights(r, kScale);
        const bool isSmall = v < 1000;
        std::vector<float> reference;
        for (const Device& device : m_devices) {
            ml::Backend& backend = *device.backend;
            const auto xs = put(backend, x);
            const auto heads = put(backend, head);
            const auto nats = put(backend, std::vector<float>(r));
            const auto scratch = backend.allocate(backend.headScratch(r, v)).value();
            backend.headLoss(*nats, *xs, *heads, targets, d, v, *scratch);
            QVERIFY(isNear(distance(get(backend, *nats), wanted), kForward, device.name));

            const auto dX = put(backend, std::vector<float>(r * d, 9.0F));
            const auto dHead = put(backend, std::vector<float>(v * d, 9.0F));
            backend.headLossBackward(
                *nats, *dX, *dHead, *xs, *heads, targets, d, v, kScale, Write::Overwrite, *scratch);
            QVERIFY(isNear(distance(get(backend, *nats), wanted), kForward, device.name));
            const auto gotHead = get(backend, *dHead);
            if (isSmall) {
                QVERIFY(gradientHolds(
                    get(backend, *dX), widen(x), weights,
                    [&](const oracle::Values& at) {
                        return oracle::headLoss(at, widen(head), targets, d, v);
                    },
                    device.name + " dX"));
                QVERIFY(gradientHolds(
                    gotHead, widen(head), weights,
                    [&](const oracle::Values& at) {
                        return oracle::headLoss(widen(x), at, targets, d, v);
                    },
                    device.name + " dHead"));
            }
            if (reference.empty()) {
                reference = gotHead;
            }
            QVERIFY(isNear(distance(gotHead, widen(reference)), kBackward, device.name));
        }
    }

    void adamW()
    {
        constexpr std::size_t kCount = 70'001;
        const auto weights = noise(kCount, 1);
        const auto gradient = noise(kCount, 2);
        const auto first = noise(kCount, 3, 0.1);
        auto second = noise(kCount, 4, 0.1);
        for (float& value : second) {
            value *= value;
        }
        const ml::AdamWStep step{ 0.01F, 0.9F, 0.95F, 1e-8F, 0.1F, 0.271F, 0.142F, 0.5F };
        oracle::Values wanted(kCount);
        for (std::size_t i = 0; i < kCount; ++i) {
            const double g = 0.5 * static_cast<double>(gradient[i]);
            const double m = 0.9 * static_cast<double>(first[i]) + 0.1 * g;
            const double v = 0.95 * static_cast<double>(second[i]) + 0.05 * g * g;
            const double w = static_cast<double>(weights[i]);
            wanted[i] = w - 0.01 * (0.1 * w + (m / 0.271) / (std::sqrt(v / 0.142) + 1e-8));
        }
        for (const Device& device : m_devices) {
            ml::Backend& backend = *device.backend;
            const auto w = put(backend, weights);
            const auto g = put(backend, gradient);
            const auto m = put(backend, first);
            const auto v = put(backend, second);
            backend.adamW(*w, *g, *m, *v, step);
            QVERIFY(isNear(distance(get(backend, *w), wanted), kForward, device.name));
        }
    }

    void sumOfSquares()
    {
        const auto x = noise(200'003, 1);
        oracle::Values wanted{ 0.0 };
        for (const float value : x) {
            wanted[0] += static_cast<double>(value) * static_cast<double>(value);
        }
        for (const Device& device : m_devices) {
            const auto values = put(*device.backend, x);
            const auto out = put(*device.backend, { 0.0F });
            device.backend->sumOfSquares(*out, *values);
            QVERIFY(isNear(distance(get(*device.backend, *out), wanted), 1e-7, device.name));
        }
    }

    void interruptAbandonsAndIsReported()
    {
        for (const Device& device : m_devices) {
            ml::Backend& backend = *device.backend;
            const auto out = put(backend, std::vector<float>(64, 1.0F));
            backend.setInterrupt([] { return true; });
            backend.fill(*out, 2.0F);
            const auto result = backend.finish();
            QVERIFY(!result.has_value());
            QCOMPARE(result.error().code, base::Errc::Cancelled);
            backend.setInterrupt({});
            QCOMPARE(get(backend, *out), std::vector<float>(64, 1.0F));
            backend.fill(*out, 2.0F);
            QCOMPARE(get(backend, *out), std::vector<float>(64, 2.0F));
        }
    }

private:
    static AttentionShape fetchShape()
    {
        const auto number = [](const char* name) {
            return static_cast<std::size_t>(
                *static_cast<int*>(QTest::qData(name, qMetaTypeId<int>())));
        };
        return { number("batch"), number("length"), number("heads"), number("kvHeads"),
            number("headDim") };
    }

    std::vector<Device> m_devices;
};

QTEST_GUILESS_MAIN(TestOps)
#include "tst_ops.moc"
