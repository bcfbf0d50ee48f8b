// SPDX-License-Identifier: GPL-3.0-or-later
// A whole training on every kind of device, with one seed: what rounding does to it over 200 steps.
#include "backends.h"
#include "base/file.h"
#include "ml/adamw.h"
#include "ml/transformer.h"

#include <QTest>

#include <numeric>

using namespace loam;
using namespace loam::ops;

namespace {

constexpr ml::BatchShape kShape{ 4, 32 };
constexpr std::uint32_t kSteps = 200;

ml::ModelConfig byteModel()
{
    ml::ModelConfig config;
    config.dim = 48;
    config.layers = 2;
    config.heads = 4;
    config.kvHeads = 2;
    config.ffn = 128;
    config.vocab = 256;
    config.context = 32;
    return config;
}

/// Nats per token of each step's batch before the step.
std::vector<double> lossesOn(ml::Backend& backend, const base::Bytes& text)
{
    const auto model
        = ml::Transformer::create(byteModel(), backend, kShape, ml::Transformer::Purpose::Train)
              .value();
    const auto optimiser = ml::AdamW::create(model->table(), backend, {}).value();
    succeed(model->setParameters(ml::Parameters::initialise(byteModel(), 11).value()));
    std::vector<ml::Token> inputs(kShape.tokens());
    std::vector<ml::Token> targets(kShape.tokens());
    std::vector<double> out;
    for (std::uint32_t step = 0; step < kSteps; ++step) {
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const auto sequence = static_cast<std::uint32_t>(i / kShape.length);
            const std::size_t begin = ml::exact::philox({ step, sequence, 0, 0 }, { 1, 2 })[0]
                % (text.size() - kShape.length - 1);
            inputs[i] = std::to_integer<ml::Token>(text[begin + i % kShape.length]);
            targets[i] = std::to_integer<ml::Token>(text[begin + i % kShape.length + 1]);
        }
        out.push_back(model->computeGradients({ kShape, inputs, targets }).value().mean());
        ASSERT(optimiser->step(*model, 2e-3F).has_value());
    }
    return out;
}

double meanOfLast(const std::vector<double>& losses, std::size_t count)
{
    return std::accumulate(losses.end() - static_cast<std::ptrdiff_t>(count), losses.end(), 0.0)
        / static_cast<double>(count);
}

} // namespace

class TestLongRun final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void devicesStayTogetherFor200Steps()
    {
        const base::Bytes text = base::readFile(LOAM_SAMPLE_TEXT, 1U << 20U).value();
        ml::ThreadPool pool{ 2 };
        const auto reference = ml::makeReferenceBackend(pool).value();
        const std::vector<double> law = lossesOn(*reference, text);
        QVERIFY2(law.back() < 0.75 * law.front(),
            qPrintable(QStringLiteral("%1 -> %2").arg(law.front()).arg(law.back())));
        std::vector<Device> devices;
        devices.push_back({ "processor", nullptr, ml::makeFastBackend(pool).value() });
        addVulkan(devices);
        for (const Device& device : devices) {
            const std::vector<double> losses = lossesOn(*device.backend, text);
            double early = 0;
            double late = 0;
            for (std::size_t step = 0; step < kSteps; ++step) {
                double& most = step < 20 ? early : late;
                most = std::max(most, std::abs(losses[step] / law[step] - 1.0));
            }
            qInfo("%s: largest relative difference of the loss %.1e in 20 steps, %.1e in %u",
                device.name.c_str(), early, late, kSteps);
            QVERIFY(isNear(early, 1e-4, device.name));
            QVERIFY(isNear(late, 1e-3, device.name));
        }
    }

    /// With operands of 8 bits single losses part; what is learnt is the same.
    void mixedPrecisionLearnsAsMuch()
    {
        const auto info = vulkanDevice();
        if (!info) {
            QSKIP("no Vulkan device");
        }
        const base::Bytes text = base::readFile(LOAM_SAMPLE_TEXT, 1U << 20U).value();
        ml::ThreadPool pool{ 2 };
        const auto exact = ml::makeFastBackend(pool).value();
        const auto mixed
            = ml::makeVulkanBackend(vulkanOptions(*info, ml::MatmulVariant::HalfTiles)).value();
        const double wanted = meanOfLast(lossesOn(*exact, text), 40);
        const double got = meanOfLast(lossesOn(*mixed, text), 40);
        qInfo("mean loss of the last 40 steps: %.4f in fp32, %.4f with bfloat16", wanted, got);
        QVERIFY(std::abs(got / wanted - 1.0) < 5e-3);
    }
};

QTEST_GUILESS_MAIN(TestLongRun)
#include "tst_long_run.moc"
