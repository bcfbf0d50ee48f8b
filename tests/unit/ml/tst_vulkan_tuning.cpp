// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/vulkan_tuning.h"
#include "unit/support.h"

#include <QTemporaryDir>

using namespace loam;

namespace {

gpu::DeviceInfo someDevice(gpu::DeviceKind kind)
{
    gpu::DeviceInfo info;
    info.kind = kind;
    info.uuid = "00112233445566778899aabbccddeeff";
    info.limits.workgroupInvocations = 1024;
    info.limits.sharedBytes = 32'768;
    return info;
}

} // namespace

class TestVulkanTuning : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void plansSuitTheDevice()
    {
        for (const auto& plan : ml::productPlans(someDevice(gpu::DeviceKind::Cpu), {})) {
            QVERIFY(plan.variant == ml::MatmulVariant::Registers);
        }
        gpu::DeviceInfo info = someDevice(gpu::DeviceKind::Discrete);
        const auto plans = ml::productPlans(info, {});
        QVERIFY(plans.size() > 2);
        // The smallest device that Vulkan allows: 128 lanes, 16 KiB.
        info.limits.workgroupInvocations = 128;
        info.limits.sharedBytes = 16'384;
        const auto few = ml::productPlans(info, {});
        QVERIFY(!few.empty() && few.size() < plans.size());
        info.limits.sharedBytes = 2'048;
        const auto smallest = ml::productPlans(info, {});
        QCOMPARE(smallest.size(), std::size_t{ 1 });
        for (const auto* list : { &plans, &few, &smallest }) {
            for (const auto& plan : *list) {
                QVERIFY(plan.variant == ml::MatmulVariant::Tiles);
                // Every result of a tile has exactly one lane.
                QCOMPARE(plan.tileM / plan.laneM * (plan.tileN / plan.laneN), plan.lanes);
                QCOMPARE(plan.tileM % plan.laneM + plan.tileN % plan.laneN, 0U);
            }
        }
    }

    void roundingMustPay()
    {
        const gpu::DeviceInfo info = someDevice(gpu::DeviceKind::Discrete);
        const auto exact = ml::productPlans(info, {});
        const auto both = ml::productPlans(info, {}, true);
        QCOMPARE(both.size(), 2 * exact.size());
        QVERIFY(both[1].variant == ml::MatmulVariant::HalfTiles);
        QCOMPARE(ml::productPlans(info, ml::MatmulVariant::Tiles, true).size(), exact.size());
        QCOMPARE(ml::productPlans(someDevice(gpu::DeviceKind::Cpu), {}, true).size(),
            ml::productPlans(someDevice(gpu::DeviceKind::Cpu), {}).size());
        for (const auto& [seconds, wins] : { std::pair{ 0.95, false }, { 0.85, true } }) {
            QTemporaryDir folder;
            const auto plan = ml::choosePlan(info, both, folder.path().toStdString(),
                [seconds](const ml::ProductPlan& tried) -> base::Result<double> {
                    return tried.variant == ml::MatmulVariant::HalfTiles ? seconds : 1.0;
                });
            QCOMPARE(plan.variant == ml::MatmulVariant::HalfTiles, wins);
        }
    }

    void theQuickestIsKept()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        const gpu::DeviceInfo info = someDevice(gpu::DeviceKind::Discrete);
        const auto plans = ml::productPlans(info, {});
        int asked = 0;
        const auto measure = [&](const ml::ProductPlan& plan) -> base::Result<double> {
            ++asked;
            if (plan.lanes == 64) {
                return base::fail(base::Errc::Unavailable, "does not run here");
            }
            return plan.lanes == 128 ? 0.001 : 0.002;
        };
        QCOMPARE(ml::choosePlan(info, plans, path, measure).lanes, 128U);
        QCOMPARE(asked, static_cast<int>(plans.size()));
        QCOMPARE(ml::choosePlan(info, plans, path, measure).lanes, 128U);
        QCOMPARE(asked, static_cast<int>(plans.size()));
        // Another device has a file of its own; without a folder nothing is measured.
        gpu::DeviceInfo other = info;
        other.uuid[0] = 'f';
        QCOMPARE(ml::choosePlan(other, plans, path, measure).lanes, 128U);
        QCOMPARE(asked, static_cast<int>(2 * plans.size()));
        QCOMPARE(ml::choosePlan(info, plans, {}, measure).lanes, plans.front().lanes);
        QCOMPARE(asked, static_cast<int>(2 * plans.size()));
    }

    void aDamagedFileIsMeasuredAnew()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        const gpu::DeviceInfo info = someDevice(gpu::DeviceKind::Discrete);
        const auto plans = ml::productPlans(info, {});
        int asked = 0;
        const auto measure = [&](const ml::ProductPlan&) -> base::Result<double> {
            ++asked;
            return 0.001;
        };
        ml::choosePlan(info, plans, path, measure);
        const QString name = folder.filePath(QStringLiteral("tuning-%1-%2.txt")
                                                 .arg(QString::fromStdString(info.uuid))
                                                 .arg(plans.size()));
        QFile file{ name };
        QVERIFY(file.open(QIODevice::ReadOnly));
        QByteArray good = file.readAll();
        file.close();
        good.chop(2);
        for (const QByteArray& bad :
            { QByteArray{}, QByteArray{ "nonsense" }, QByteArray{ good + "99\n" },
                QByteArray{ good + "-1\n" }, QByteArray(10'000, 'x') }) {
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(bad);
            file.close();
            asked = 0;
            ml::choosePlan(info, plans, path, measure);
            QCOMPARE(asked, static_cast<int>(plans.size()));
        }
    }

    void anUnknownDeviceIsAnError()
    {
        ml::VulkanOptions options;
        options.device = "00000000000000000000000000000000";
        for (const base::Errc code : { ml::makeVulkanBackend(options).error().code,
                 ml::makeVulkanInference(options).error().code }) {
            QVERIFY(code == base::Errc::NotFound || code == base::Errc::Unavailable);
        }
    }
};

QTEST_GUILESS_MAIN(TestVulkanTuning)
#include "tst_vulkan_tuning.moc"
