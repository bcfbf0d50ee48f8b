// SPDX-License-Identifier: GPL-3.0-or-later
#include "gpu/pipeline_cache.h"
#include "gpu/recorder.h"
#include "gpu_support.h"

#include <QTemporaryDir>

#include <numeric>

using namespace loam;
using gpu::Access;
using gpu::Binding;

namespace {

constexpr std::uint32_t kScale[] =
#include "scale.spv.inc"
    ;
constexpr std::uint32_t kRelay[] =
#include "relay.spv.inc"
    ;

std::vector<std::uint32_t> countUp(std::size_t count)
{
    std::vector<std::uint32_t> values(count);
    std::iota(values.begin(), values.end(), 0U);
    return values;
}

template <class... Words> std::vector<std::byte> push(Words... words)
{
    const std::array<std::uint32_t, sizeof...(Words)> values{ static_cast<std::uint32_t>(
        words)... };
    const auto bytes = std::as_bytes(std::span{ values });
    return { bytes.begin(), bytes.end() };
}

} // namespace

class TestRecorder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_validated = std::make_unique<test::ValidatedDevice>();
        m_validated->open();
        if (!m_validated->device) {
            QSKIP(m_validated->missing.c_str());
        }
        m_recorder = gpu::Recorder::create(*m_validated->device, {}).value();
        m_scale = m_validated->device->makeKernel({ "scale", kScale, {} }).value();
        m_relay = m_validated->device->makeKernel({ "relay", kRelay, { 8, 5 } }).value();
    }
    void cleanup()
    {
        m_scale.reset();
        m_relay.reset();
        m_recorder.reset();
        if (m_validated) {
            m_validated->device.reset();
            QVERIFY(m_validated->isClean());
        }
    }

    void anEvictionFreesTheDeviceAndKeepsContents_data() { uploadsAndDownloads_data(); }
    void anEvictionFreesTheDeviceAndKeepsContents()
    {
        QFETCH(bool, stages);
        gpu::Device& device = openAnew(stages);
        {
            const auto values = countUp(3'000'001);
            const auto bytes = std::as_bytes(std::span{ values });
            const auto model = device.allocate(bytes.size(), gpu::Lifetime::Model).value();
            const auto work = device.allocate(bytes.size(), gpu::Lifetime::Work).value();
            m_recorder->upload({ model.get(), 0, bytes.size(), Access::Write }, bytes);
            m_recorder->copy({ work.get(), 0, bytes.size(), Access::Write },
                { model.get(), 0, bytes.size(), Access::Read });
            LOAM_OK(m_recorder->evict());
            QCOMPARE(device.reservedBytes(gpu::Lifetime::Model), 0U);
            QCOMPARE(device.reservedBytes(gpu::Lifetime::Work), 0U);
            // What is given up while it is away does not come back.
            const auto other = device.allocate(64, gpu::Lifetime::Work).value();
            LOAM_OK(m_recorder->restore());
            for (gpu::Buffer* const buffer : { model.get(), work.get() }) {
                std::vector<std::uint32_t> back(values.size());
                LOAM_OK(m_recorder->download(std::as_writable_bytes(std::span{ back }),
                    { buffer, 0, bytes.size(), Access::Read }));
                QVERIFY(back == values);
            }
        }
        m_recorder.reset();
    }

    void anInterruptMayEvict_data() { uploadsAndDownloads_data(); }
    void anInterruptMayEvict()
    {
        QFETCH(bool, stages);
        gpu::Device& device = openAnew(stages);
        {
            // 3 pieces of staging; the eviction comes before each of the commands in turn.
            const auto values = countUp(5'000'000);
            const auto bytes = std::as_bytes(std::span{ values });
            const auto from = device.allocate(bytes.size(), gpu::Lifetime::Model).value();
            const auto to = device.allocate(bytes.size(), gpu::Lifetime::Work).value();
            const Binding source{ from.get(), 0, bytes.size(), Access::Read };
            const Binding target{ to.get(), 0, bytes.size(), Access::Write };
            int evictions = 0;
            for (int when = 1; when <= 12; ++when) {
                int asked = 0;
                m_recorder->setInterrupt([&] {
                    if (++asked == when) {
                        ++evictions;
                        [&] { LOAM_OK(m_recorder->evict()); }();
                        [&] { LOAM_OK(m_recorder->restore()); }();
                    }
                    return false;
                });
                m_recorder->fill(target, 7);
                m_recorder->upload(source, bytes);
                m_recorder->copy(target, source);
                m_recorder->flush();
                std::vector<std::uint32_t> back(values.size());
                LOAM_OK(m_recorder->download(std::as_writable_bytes(std::span{ back }), target));
                QVERIFY(back == values);
            }
            QVERIFY(evictions >= 4);
        }
        m_recorder.reset();
    }

    void uploadsAndDownloads_data()
    {
        QTest::addColumn<bool>("stages");
        QTest::newRow("by the device's way") << false;
        QTest::newRow("by staging") << true;
    }
    void uploadsAndDownloads()
    {
        QFETCH(bool, stages);
        gpu::Device& device = openAnew(stages);
        {
            // More than one piece of staging.
            const auto values = countUp(5'000'001);
            const auto buffer
                = device.allocate(values.size() * 4 + 4096, gpu::Lifetime::Work).value();
            QCOMPARE(buffer->mapped() == nullptr,
                stages || device.info().kind == gpu::DeviceKind::Discrete);
            m_recorder->upload({ buffer.get(), 64, values.size() * 4, Access::Write },
                std::as_bytes(std::span{ values }));
            std::vector<std::uint32_t> back(values.size());
            LOAM_OK(m_recorder->download(std::as_writable_bytes(std::span{ back }),
                { buffer.get(), 64, values.size() * 4, Access::Read }));
            QVERIFY(back == values);
        }
        m_recorder.reset();
    }

    void dependentCommandsSeeEachOther()
    {
        constexpr std::uint32_t kCount = 1000;
        const auto a = words(kCount);
        const auto b = words(kCount);
        const auto c = words(kCount);
        const auto values = countUp(kCount);
        m_recorder->upload(whole(*a), std::as_bytes(std::span{ values }));
        const auto relay = [&](gpu::Buffer& to, gpu::Buffer& from) {
            const std::array bindings{ whole(to, Access::Write), whole(from) };
            m_recorder->dispatch(*m_relay, bindings, push(kCount), { kCount / 8, 1, 1 }, kCount);
        };
        for (int i = 0; i < 50; ++i) {
            relay(*b, *a); // a read
            relay(*c, *b); // read after write
            relay(*a, *c); // write after read
        }
        // 150 turns: an even number restores the order; every turn added 5.
        std::vector<std::uint32_t> back(kCount);
        LOAM_OK(m_recorder->download(std::as_writable_bytes(std::span{ back }), whole(*a)));
        for (std::uint32_t i = 0; i < kCount; ++i) {
            QCOMPARE(back[i], i + 750);
        }
        QCOMPARE(m_recorder->counts().dispatches, std::uint64_t{ 150 });
        QVERIFY(m_recorder->counts().submissions <= 2);
    }

    void independentCommandsNeedNoBarrier()
    {
        const auto a = words(64);
        std::vector<std::unique_ptr<gpu::Buffer>> outs;
        m_recorder->fill(whole(*a), 3);
        for (int i = 0; i < 8; ++i) {
            outs.push_back(words(64));
            const std::array bindings{ whole(*outs.back(), Access::Write), whole(*a) };
            m_recorder->dispatch(*m_relay, bindings, push(64), { 8, 1, 1 }, 64);
        }
        LOAM_OK(m_recorder->finish());
        QCOMPARE(m_recorder->counts().barriers, std::uint64_t{ 1 });
        for (const auto& out : outs) {
            std::vector<std::uint32_t> back(64);
            LOAM_OK(m_recorder->download(std::as_writable_bytes(std::span{ back }), whole(*out)));
            QVERIFY(back == std::vector<std::uint32_t>(64, 8U));
        }
    }

    void aDispatchOverTheBudgetIsCut()
    {
        constexpr std::uint32_t kCount = 1000;
        const auto a = words(kCount);
        m_recorder->fill(whole(*a), 2);
        const std::array bindings{ whole(*a, Access::ReadWrite) };
        const double work = m_recorder->budget().limit() * 6.5;
        m_recorder->dispatch(*m_scale, bindings, push(kCount, 3), { kCount, 1, 1 }, work);
        LOAM_OK(m_recorder->finish());
        QVERIFY(m_recorder->counts().submissions >= 3);
        QVERIFY(m_recorder->counts().dispatches >= 3);
        std::vector<std::uint32_t> back(kCount);
        LOAM_OK(m_recorder->download(std::as_writable_bytes(std::span{ back }), whole(*a)));
        for (std::uint32_t i = 0; i < kCount; ++i) {
            QCOMPARE(back[i], 6 + i);
        }
    }

    void inlineDataAndCopies()
    {
        const auto values = countUp(40'000); // more than one inline command holds
        const auto a = words(40'000);
        const auto b = words(40'000);
        m_recorder->put(whole(*a), std::as_bytes(std::span{ values }));
        m_recorder->copy(whole(*b), whole(*a));
        m_recorder->fill({ b.get(), 400, 40, Access::Write }, 9);
        std::vector<std::uint32_t> back(40'000);
        LOAM_OK(m_recorder->download(std::as_writable_bytes(std::span{ back }), whole(*b)));
        for (std::uint32_t i = 0; i < 40'000; ++i) {
            QCOMPARE(back[i], i >= 100 && i < 110 ? 9U : i);
        }
    }

    void anInterruptDropsWhatIsNotSubmitted()
    {
        const auto a = words(64);
        m_recorder->fill(whole(*a), 1);
        LOAM_OK(m_recorder->finish());
        m_recorder->setInterrupt([] { return true; });
        m_recorder->fill(whole(*a), 2);
        LOAM_FAILS(m_recorder->finish(), base::Errc::Cancelled);
        m_recorder->setInterrupt({});
        std::vector<std::uint32_t> back(64);
        LOAM_OK(m_recorder->download(std::as_writable_bytes(std::span{ back }), whole(*a)));
        QVERIFY(back == std::vector<std::uint32_t>(64, 1U));
        m_recorder->abandon({ base::Errc::Invalid, "asked for" });
        LOAM_FAILS(m_recorder->finish(), base::Errc::Invalid);
        LOAM_OK(m_recorder->finish());
    }

    void aBufferMayGoWhileItsWorkIsUnderWay()
    {
        const auto a = words(1000);
        for (int i = 0; i < 20; ++i) {
            const auto b = words(1000);
            const std::array bindings{ whole(*b, Access::Write), whole(*a) };
            m_recorder->dispatch(*m_relay, bindings, push(1000), { 125, 1, 1 }, 1000);
        }
        LOAM_OK(m_recorder->finish());
    }

    void compiledKernelsAreKept()
    {
        QTemporaryDir folder;
        gpu::DeviceOptions options;
        options.cacheFolder = folder.path().toStdString();
        options.build = "test";
        cleanupDevice();
        m_validated->open(options);
        const std::string driver = m_validated->device->info().driverUuid;
        static_cast<void>(m_validated->device->makeKernel({ "relay", kRelay, { 8, 1 } }).value());
        m_validated->device.reset();
        const auto path = gpu::pipelineCachePath(options.cacheFolder, driver, options.build);
        QVERIFY(std::filesystem::exists(path));
        // Damaged, it is dropped and written anew.
        QFile file{ QString::fromStdString(path.string()) };
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("damaged");
        file.close();
        m_validated->open(options);
        QVERIFY(m_validated->device != nullptr);
        static_cast<void>(m_validated->device->makeKernel({ "relay", kRelay, { 8, 1 } }).value());
        m_validated->device.reset();
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll();
        LOAM_OK(gpu::unpackPipelineCache(
            driver, "test", std::as_bytes(std::span{ bytes.data(), std::size_t(bytes.size()) })));
    }

private:
    std::unique_ptr<gpu::Buffer> words(std::size_t count)
    {
        return m_validated->device->allocate(count * 4, gpu::Lifetime::Work).value();
    }
    static Binding whole(gpu::Buffer& buffer, Access access = Access::Read)
    {
        return { &buffer, 0, buffer.bytes(), access };
    }
    /// With a recorder; `stages`: the host copies by staging, whatever it sees.
    gpu::Device& openAnew(bool stages)
    {
        gpu::DeviceOptions options;
        options.alwaysStages = stages;
        cleanupDevice();
        m_validated->open(options);
        m_recorder = gpu::Recorder::create(*m_validated->device, {}).value();
        return *m_validated->device;
    }
    void cleanupDevice()
    {
        m_scale.reset();
        m_relay.reset();
        m_recorder.reset();
        m_validated->device.reset();
    }

    std::unique_ptr<test::ValidatedDevice> m_validated;
    std::unique_ptr<gpu::Recorder> m_recorder;
    std::unique_ptr<gpu::Kernel> m_scale;
    std::unique_ptr<gpu::Kernel> m_relay;
};

QTEST_GUILESS_MAIN(TestRecorder)
#include "tst_recorder.moc"
