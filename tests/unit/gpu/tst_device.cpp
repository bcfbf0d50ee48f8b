// SPDX-License-Identifier: GPL-3.0-or-later
#include "gpu_support.h"

#include <QTemporaryDir>

using namespace loam;

class TestDevice : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void surveySpeaksOfEveryDevice()
    {
        const gpu::Survey found = gpu::survey();
        QCOMPARE(found.devices.empty(), !found.reason.empty());
        for (const gpu::DeviceInfo& info : found.devices) {
            QVERIFY(!info.name.empty());
            QCOMPARE(info.uuid.size(), std::size_t{ 32 });
            QCOMPARE(info.driverUuid.size(), std::size_t{ 32 });
            QVERIFY(info.limits.storageRange > 0 && info.limits.allocation > 0);
            QVERIFY(!info.heaps.empty());
        }
        const gpu::Survey again = gpu::survey();
        QCOMPARE(again.devices.size(), found.devices.size());
        for (std::size_t i = 0; i < found.devices.size(); ++i) {
            QCOMPARE(again.devices[i].uuid, found.devices[i].uuid);
        }
    }

    void aCpuIsNeverPreferred()
    {
        gpu::Survey found;
        QVERIFY(gpu::preferred(found) == nullptr);
        gpu::DeviceInfo info;
        info.kind = gpu::DeviceKind::Cpu;
        info.heaps = { { std::uint64_t{ 64 } << 30U, true } };
        found.devices.push_back(info);
        QVERIFY(gpu::preferred(found) == nullptr);
        info.kind = gpu::DeviceKind::Integrated;
        info.name = "integrated";
        found.devices.push_back(info);
        info.kind = gpu::DeviceKind::Discrete;
        info.name = "small";
        info.heaps = { { std::uint64_t{ 4 } << 30U, true } };
        found.devices.push_back(info);
        QCOMPARE(gpu::preferred(found)->name, std::string{ "small" });
        info.name = "large";
        info.heaps = { { std::uint64_t{ 16 } << 30U, true } };
        found.devices.push_back(info);
        QCOMPARE(gpu::preferred(found)->name, std::string{ "large" });
        found.devices.back().unusable = "old driver";
        QCOMPARE(gpu::preferred(found)->name, std::string{ "small" });
    }

    void aForeignUuidIsNotFound()
    {
        const auto opened = gpu::Device::open("00000000000000000000000000000000", {});
        QVERIFY(!opened);
        const auto code = opened.error().code;
        QVERIFY(code == base::Errc::NotFound || code == base::Errc::Unavailable);
    }

    void withoutADriverTheListIsEmptyAndSaysWhy()
    {
        qputenv("VK_ICD_FILENAMES", "/nowhere.json");
        qputenv("VK_DRIVER_FILES", "/nowhere.json");
        const gpu::Survey found = gpu::survey();
        qunsetenv("VK_ICD_FILENAMES");
        qunsetenv("VK_DRIVER_FILES");
        QVERIFY(found.devices.empty());
        QVERIFY(!found.reason.empty());
    }

    void memoryComesFromFewBlocks()
    {
        test::ValidatedDevice validated;
        validated.open();
        if (!validated.device) {
            QSKIP(validated.missing.c_str());
        }
        gpu::Device& device = *validated.device;
        LOAM_FAILS(device.allocate(0, gpu::Lifetime::Work), base::Errc::Invalid);
        std::vector<std::unique_ptr<gpu::Buffer>> buffers;
        for (std::uint64_t i = 0; i < 300; ++i) {
            buffers.push_back(device.allocate(1 + i * 577, gpu::Lifetime::Work).value());
        }
        QVERIFY(device.usedBytes(gpu::Lifetime::Work) >= 577U * 299U * 300U / 2U);
        QCOMPARE(device.reservedBytes(gpu::Lifetime::Work), std::uint64_t{ 64 } << 20U);
        QCOMPARE(device.reservedBytes(gpu::Lifetime::Model), std::uint64_t{ 0 });
        const auto large
            = device.allocate(std::uint64_t{ 40 } << 20U, gpu::Lifetime::Model).value();
        QVERIFY(device.reservedBytes(gpu::Lifetime::Model) < std::uint64_t{ 41 } << 20U);
        const auto staging = device.allocate(4096, gpu::Lifetime::Staging).value();
        QVERIFY(staging->mapped() != nullptr);
        buffers.clear();
        QCOMPARE(device.usedBytes(gpu::Lifetime::Work), std::uint64_t{ 0 });
        LOAM_FAILS(device.allocate(device.info().limits.allocation + 1, gpu::Lifetime::Work),
            base::Errc::Unavailable);
        QVERIFY(validated.isClean());
    }

    void aDamagedCacheOfKernelsDoesNoHarm()
    {
        QTemporaryDir folder;
        gpu::DeviceOptions options;
        options.cacheFolder = folder.path().toStdString();
        options.build = "test";
        test::ValidatedDevice validated;
        validated.open(options);
        if (!validated.device) {
            QSKIP(validated.missing.c_str());
        }
        // A kernel that is not one: refused by the driver or the layers, but never written down as
        // something else.
        const std::string uuid = validated.device->info().driverUuid;
        validated.device.reset();
        QFile file{ QString::fromStdString(options.cacheFolder.string())
            + QStringLiteral("/pipelines-%1-x.bin").arg(QString::fromStdString(uuid)) };
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(1000, 'x'));
        file.close();
        validated.open(options);
        QVERIFY(validated.device != nullptr);
        QVERIFY(validated.isClean());
    }
};

QTEST_GUILESS_MAIN(TestDevice)
#include "tst_device.moc"
