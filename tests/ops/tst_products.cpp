// SPDX-License-Identifier: GPL-3.0-or-later
// Products on every device, in full and in mixed precision.
#include "backends.h"
#include "ml/half.h"

#include <QTest>

using namespace loam;
using namespace loam::ops;

namespace {

constexpr double kForward = 5e-6;

} // namespace

class TestProducts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_devices = allDevices(); }

    void matmul_data()
    {
        QTest::addColumn<int>("layout");
        QTest::addColumn<int>("m");
        QTest::addColumn<int>("n");
        QTest::addColumn<int>("k");
        const std::array<std::array<int, 3>, 9> shapes{ { { 1, 1, 1 }, { 1, 37, 65 }, { 3, 5, 7 },
            { 17, 16, 8 }, { 6, 16, 256 }, { 73, 257, 259 }, { 129, 48, 33 }, { 130, 600, 17 },
            { 520, 96, 300 } } };
        for (int layout = 0; layout < 3; ++layout) {
            for (const auto& [m, n, k] : shapes) {
                QTest::addRow("layout %d, %d x %d x %d", layout, m, n, k) << layout << m << n << k;
            }
        }
    }
    void matmul()
    {
        QFETCH(int, layout);
        QFETCH(int, m);
        QFETCH(int, n);
        QFETCH(int, k);
        const ml::MatmulShape shape{ static_cast<std::size_t>(m), static_cast<std::size_t>(n),
            static_cast<std::size_t>(k) };
        const auto a = noise(shape.m * shape.k, 1);
        const auto b = noise(shape.k * shape.n, 2);
        const auto before = noise(shape.m * shape.n, 3);
        const auto kind = static_cast<ml::Layout>(layout);
        const oracle::Values product = oracle::matmul(kind, shape, widen(a), widen(b));
        oracle::Values sum = product;
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] += static_cast<double>(before[i]);
        }
        for (const Device& device : m_devices) {
            const auto left = put(*device.backend, a);
            const auto right = put(*device.backend, b);
            const auto out = put(*device.backend, before);
            device.backend->matmul({ kind, shape, *out, *left, *right, ml::Write::Accumulate });
            QVERIFY(isNear(distance(get(*device.backend, *out), sum), kForward, device.name));
            device.backend->matmul({ kind, shape, *out, *left, *right, ml::Write::Overwrite });
            QVERIFY(isNear(distance(get(*device.backend, *out), product), kForward, device.name));
        }
    }

    void tilesMayRoundOperands_data() { matmul_data(); }
    void tilesMayRoundOperands()
    {
        QFETCH(int, layout);
        QFETCH(int, m);
        QFETCH(int, n);
        QFETCH(int, k);
        const auto info = vulkanDevice();
        if (!info) {
            QSKIP("no Vulkan device");
        }
        const auto backend
            = ml::makeVulkanBackend(vulkanOptions(*info, ml::MatmulVariant::HalfTiles)).value();
        const ml::MatmulShape shape{ static_cast<std::size_t>(m), static_cast<std::size_t>(n),
            static_cast<std::size_t>(k) };
        // A flat tile takes few rows, in full precision.
        const bool rounds = m > 16;
        auto a = noise(shape.m * shape.k, 1);
        auto b = noise(shape.k * shape.n, 2);
        const auto kind = static_cast<ml::Layout>(layout);
        const auto left = put(*backend, a);
        const auto right = put(*backend, b);
        const auto out = put(*backend, std::vector<float>(shape.m * shape.n));
        backend->matmul({ kind, shape, *out, *left, *right, ml::Write::Overwrite });
        for (auto* values : { &a, &b }) {
            for (float& value : *values) {
                value = rounds ? ml::bfloatToFloat(ml::floatToBfloat(value)) : value;
            }
        }
        const oracle::Values wanted = oracle::matmul(kind, shape, widen(a), widen(b));
        QVERIFY(isNear(distance(get(*backend, *out), wanted), kForward, "bfloat16"));
    }
    void tilesThatRoundKeepWhatIsNotFinite()
    {
        const auto info = vulkanDevice();
        if (!info) {
            QSKIP("no Vulkan device");
        }
        const auto backend
            = ml::makeVulkanBackend(vulkanOptions(*info, ml::MatmulVariant::HalfTiles)).value();
        constexpr ml::MatmulShape kShape{ 20, 20, 20 };
        for (const std::uint32_t bits : { 0x7FFFFFFFU, 0x7F800001U, 0x7F800000U, 0xFF800000U }) {
            std::vector<float> a(kShape.m * kShape.k, 1.0F);
            a[3] = std::bit_cast<float>(bits);
            const auto left = put(*backend, a);
            const auto right = put(*backend, std::vector<float>(kShape.k * kShape.n, 1.0F));
            const auto out = put(*backend, std::vector<float>(kShape.m * kShape.n));
            backend->matmul({ ml::Layout::NN, kShape, *out, *left, *right, ml::Write::Overwrite });
            const std::vector<float> got = get(*backend, *out);
            QVERIFY(!std::isfinite(got[0]));
            QCOMPARE(got[kShape.n], 20.0F);
        }
    }

private:
    std::vector<Device> m_devices;
};

QTEST_GUILESS_MAIN(TestProducts)
#include "tst_products.moc"
