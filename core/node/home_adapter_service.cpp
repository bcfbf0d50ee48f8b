// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/home_adapter_service.h"

#include "base/file.h"
#include "crypto/random.h"
#include "node/corpora.h"
#include "node/log.h"
#include "node/model_manifest.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace loam::node {

using base::Errc;
using base::fail;
using base::Result;
namespace fs = std::filesystem;

namespace {

    constexpr std::size_t kMaxAdapters = 1000;
    constexpr std::size_t kMaxName = 80;

    std::int64_t unixSeconds()
    {
        return std::chrono::duration_cast<std::chrono::seconds>(
            base::SystemClock{}.now().time_since_epoch())
            .count();
    }

    std::string lowered(std::string_view text)
    {
        return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()))
            .toLower()
            .toStdString();
    }

    std::string freshId(const std::string& name)
    {
        std::array<std::byte, 8> random{};
        crypto::randomBytes(random);
        return modelId(name, base::toHex(random));
    }

} // namespace

Result<std::unique_ptr<HomeAdapterService>> HomeAdapterService::open(Context context)
{
    const fs::path folder = context.home.adapters();
    TRY(base::makeFolder(folder));
    std::unique_ptr<HomeAdapterService> out{ new HomeAdapterService{ std::move(context) } };
    std::error_code code;
    for (fs::directory_iterator it{ folder, code }, end; !code && it != end; it.increment(code)) {
        auto adapter = HomeAdapter::load(it->path());
        if (!adapter) {
            qCWarning(lcNode).noquote()
                << "an adapter is passed over:" << QString::fromStdString(adapter.error().message);
            continue;
        }
        if (adapter->state == AdapterState::Training) {
            adapter->state = AdapterState::Waiting; // the node ended while it was trained
        }
        out->m_adapters.push_back(std::move(*adapter));
    }
    std::ranges::sort(out->m_adapters, std::ranges::greater{}, &HomeAdapter::created);
    return out;
}

HomeAdapterService::HomeAdapterService(Context context)
    : m_context{ std::move(context) }
    , m_worker{ std::make_unique<WorkerProcess>(
          m_context.program, WorkerProcess::Urgency::WhenIdle) }
{
    // The gate is asked before each step; this hears of a revocation in the midst of one.
    m_gateTick.setInterval(std::chrono::milliseconds{ 100 });
    connect(&m_gateTick, &QTimer::timeout, this, &HomeAdapterService::checkGate);
    connect(&m_context.data, &DataService::changed, this, &HomeAdapterService::checkGate);
}

HomeAdapterService::~HomeAdapterService()
{
    m_running.clear();
    ++m_attempt;
    m_worker.reset();
}

AdapterFiles HomeAdapterService::filesOf(const HomeAdapter& adapter) const
{
    return { m_context.home.adapters() / adapter.id };
}

HomeAdapter* HomeAdapterService::known(std::string_view id)
{
    const auto found = std::ranges::find(m_adapters, id, &HomeAdapter::id);
    return found == m_adapters.end() ? nullptr : &*found;
}

Result<std::string> HomeAdapterService::keyOf(const HomeAdapter& adapter) const
{
    TRY_ASSIGN(const crypto::SymmetricKey key,
        m_context.identity.deriveKey("loam/adapter/key/v1", adapter.id));
    return base::toHex(key.view());
}

Result<HomeAdapter> HomeAdapterService::find(std::string_view idOrName) const
{
    const std::string wanted = lowered(idOrName);
    const HomeAdapter* best = nullptr;
    bool isAmbiguous = false;
    for (const HomeAdapter& adapter : m_adapters) {
        const std::string id = lowered(adapter.id);
        const std::string name = lowered(adapter.name);
        if (id == wanted || name == wanted) {
            return adapter;
        }
        if (!wanted.empty() && (id.starts_with(wanted) || name.starts_with(wanted))) {
            isAmbiguous = best != nullptr;
            best = &adapter;
        }
    }
    if (isAmbiguous) {
        return fail(Errc::Invalid,
            "several adapters begin with \"" + std::string{ idOrName }
                + "\"; give more of the name, see `loamctl adapter list`");
    }
    if (best == nullptr) {
        return fail(Errc::NotFound,
            "there is no adapter \"" + std::string{ idOrName } + "\"; see `loamctl adapter list`");
    }
    return *best;
}

bool HomeAdapterService::isNamed(std::string_view idOrName) const
{
    const std::string wanted = lowered(idOrName);
    return std::ranges::any_of(m_adapters, [&wanted](const HomeAdapter& one) {
        return lowered(one.id) == wanted || lowered(one.name) == wanted;
    });
}

Result<HomeAdapter*> HomeAdapterService::chosen(const std::string& idOrName)
{
    TRY_ASSIGN(const HomeAdapter found, find(idOrName));
    return known(found.id);
}

Result<ServedModel> HomeAdapterService::served(std::string_view idOrName) const
{
    TRY_ASSIGN(const HomeAdapter adapter, find(idOrName));
    if (adapter.trained == 0) {
        return fail(Errc::Unavailable,
            "the adapter " + adapter.name + " is not trained yet ("
                + std::string{ adapterStateName(adapter.state) }
                + (adapter.reason.empty() ? "" : ": " + adapter.reason) + ")");
    }
    TRY_ASSIGN(const std::string key, keyOf(adapter));
    QJsonObject source = adapter.baseSource;
    source[QLatin1String{ "adapter" }]
        = QString::fromStdString(filesOf(adapter).weights().string());
    source[QLatin1String{ "key" }] = QString::fromStdString(key);
    const std::uint64_t memory
        = adapter.baseMemory == 0 ? 0 : adapter.baseMemory + adapter.extraMemory;
    return ServedModel{ adapter.id, adapter.name, std::move(source), memory };
}

Result<MeterService::Request> HomeAdapterService::measured(std::string_view idOrName) const
{
    TRY_ASSIGN(const HomeAdapter adapter, find(idOrName));
    TRY_ASSIGN(const ServedModel model, served(idOrName));
    TRY_ASSIGN(const auto grant, base::fixedFromHex<consent::GrantId>(adapter.grant));
    return MeterService::Request{ .model = model.source,
        .subject = { { QStringLiteral("subject"), QStringLiteral("adapter") },
            { QStringLiteral("adapter"), QString::fromStdString(adapter.id) },
            { QStringLiteral("name"), QString::fromStdString(adapter.name) } },
        .grant = grant,
        .heldOutEvery = kHeldOutAtHome,
        .contents = { adapter.contents.begin(), adapter.contents.end() },
        .probe = {} };
}

Result<HomeAdapter> HomeAdapterService::prepare(const TrainRequest& request) const
{
    if (!m_context.identity.isUnlocked()) {
        return fail(Errc::Denied,
            "the wallet is locked, and an adapter is sealed with its key; unlock it with `loamctl "
            "wallet unlock`");
    }
    if (m_adapters.size() >= kMaxAdapters) {
        return fail(Errc::Invalid, "there are a thousand adapters already; remove some");
    }
    TRY_ASSIGN(const ServedModel model, m_context.findModel(request.model));
    if (model.source.contains(QLatin1String{ "adapter" })) {
        return fail(Errc::Invalid, "choose a model, not another adapter, as the base");
    }
    if (!isTrainable(model.architecture)) {
        return fail(Errc::Invalid,
            model.name + " is a " + model.architecture
                + " model; those of the llama and qwen2 families can be trained: see `loamctl "
                  "model "
                  "list`");
    }
    TRY_ASSIGN(const std::vector<consent::Source> all, m_context.data.records().sources());
    std::vector<consent::SourceId> wanted = request.sources;
    if (request.grant) {
        const consent::GrantRecord* record = m_context.data.records().find(*request.grant);
        if (record == nullptr || record->grant.purpose != consent::Purpose::Adapter) {
            return fail(
                Errc::NotFound, "there is no such grant for an adapter; see `loamctl data grants`");
        }
        wanted = record->grant.sources;
    }
    HomeAdapter out;
    for (const consent::SourceId id : wanted) {
        const auto source = std::ranges::find(all, id, &consent::Source::id);
        if (source == all.end()) {
            return fail(Errc::NotFound,
                "there is no source " + std::to_string(id.value()) + "; see `loamctl data list`");
        }
        out.sources.emplace_back(id.value(), source->path.string());
    }
    if (out.sources.empty()) {
        return fail(Errc::Invalid,
            "there is no text to train on: add a folder with `loamctl data add FOLDER`");
    }
    out.name = request.name.empty()
        ? fs::path{ out.sources.front().second }.filename().string() + " on " + model.name
        : request.name;
    out.name.resize(std::min(out.name.size(), kMaxName));
    const auto isTaken
        = [&out](const HomeAdapter& other) { return lowered(other.name) == lowered(out.name); };
    if (std::ranges::any_of(m_adapters, isTaken)) {
        return fail(
            Errc::Invalid, "there is an adapter " + out.name + " already; choose another name");
    }
    out.id = freshId(out.name);
    out.baseId = model.id;
    out.baseName = model.name;
    out.baseSource = model.source;
    out.baseMemory = model.memory;
    out.created = unixSeconds();
    out.steps = request.steps;
    out.rank = request.rank;
    out.learningRate = request.learningRate;
    out.isNow = request.isNow;
    return out;
}

void HomeAdapterService::train(const TrainRequest& request, Trained done)
{
    auto prepared = prepare(request);
    if (!prepared) {
        done(tl::unexpected{ prepared.error() });
        return;
    }
    if (request.grant) {
        granted(std::move(*prepared), m_context.data.records().find(*request.grant)->grant, done);
        return;
    }
    if (!m_context.data.records().terms().adapters) {
        done(fail(Errc::Denied,
            "first allow adapters at home: `loamctl data budget --adapters on`, or My data"));
        return;
    }
    consent::Grant wanted;
    wanted.purpose = consent::Purpose::Adapter;
    wanted.sources = request.sources;
    std::ranges::sort(wanted.sources);
    wanted.until = m_context.data.records().clock().now() + request.grantFor;
    m_context.data.grant(
        wanted, [this, adapter = std::move(*prepared), done](Result<consent::Grant> given) {
            if (!given) {
                done(tl::unexpected{ given.error() });
                return;
            }
            granted(adapter, *given, done);
        });
}

Result<> HomeAdapterService::adoptBase(HomeAdapter& adapter) const
{
    const AdapterFiles files = filesOf(adapter);
    TRY(base::makeFolder(files.folder));
    if (!adapter.baseSource.contains(QLatin1String{ "params" })) {
        return {};
    }
    // A run throws old parameters away; the adapter belongs to these and keeps them.
    TRY(base::makeFolder(files.base()));
    for (const char* part : { "manifest", "params", "tokenizer" }) {
        const fs::path from
            = adapter.baseSource.value(QLatin1String{ part }).toString().toStdString();
        const fs::path to = files.base() / from.filename();
        std::error_code code;
        fs::create_hard_link(from, to, code);
        if (code) {
            fs::copy_file(from, to, code);
        }
        if (code) {
            return fail(
                Errc::Io, "cannot keep " + from.string() + " for the adapter: " + code.message());
        }
        adapter.baseSource[QLatin1String{ part }] = QString::fromStdString(to.string());
    }
    return {};
}

void HomeAdapterService::granted(
    HomeAdapter adapter, const consent::Grant& grant, const Trained& done)
{
    adapter.grant = base::toHex(grant.id.view());
    auto stored = adoptBase(adapter);
    if (stored) {
        stored = adapter.save(filesOf(adapter).folder);
    }
    if (!stored) {
        std::error_code ignored;
        fs::remove_all(filesOf(adapter).folder, ignored);
        done(tl::unexpected{ stored.error() });
        return;
    }
    m_adapters.insert(m_adapters.begin(), adapter);
    Q_EMIT changed();
    done(adapter);
    pump();
}

void HomeAdapterService::save(const HomeAdapter& adapter)
{
    if (const auto saved = adapter.save(filesOf(adapter).folder); !saved) {
        qCWarning(lcNode).noquote() << QString::fromStdString(saved.error().message);
    }
}

void HomeAdapterService::settle(HomeAdapter& adapter, AdapterState state, const std::string& reason)
{
    adapter.state = state;
    adapter.reason = reason;
    save(adapter);
    Q_EMIT changed();
}

Result<> HomeAdapterService::start(const std::string& idOrName, bool isNow)
{
    TRY_ASSIGN(HomeAdapter* const adapter, chosen(idOrName));
    if (adapter->state == AdapterState::Ready) {
        return fail(Errc::Invalid, adapter->name + " is trained already");
    }
    adapter->isNow = isNow;
    m_failures = 0;
    if (adapter->id == m_running) {
        save(*adapter);
        applySchedule();
        return {};
    }
    m_worker->restart();
    settle(*adapter, AdapterState::Waiting, {});
    pump();
    return {};
}

Result<> HomeAdapterService::stop(const std::string& idOrName)
{
    TRY_ASSIGN(HomeAdapter* const adapter, chosen(idOrName));
    if (adapter->id == m_running) {
        interrupt(AdapterState::Stopped, "you stopped it");
        return {};
    }
    if (adapter->state == AdapterState::Waiting) {
        settle(*adapter, AdapterState::Stopped, "you stopped it");
    }
    return {};
}

Result<> HomeAdapterService::remove(const std::string& idOrName)
{
    TRY_ASSIGN(HomeAdapter* const adapter, chosen(idOrName));
    if (adapter->id == m_running) {
        interrupt(AdapterState::Stopped, "it was removed");
    }
    const std::string id = adapter->id;
    const fs::path folder = filesOf(*adapter).folder;
    m_context.unload(id);
    std::error_code code;
    fs::remove_all(folder, code);
    if (code) {
        return fail(Errc::Io, "cannot delete " + folder.string() + ": " + code.message());
    }
    std::erase_if(m_adapters, [&id](const HomeAdapter& one) { return one.id == id; });
    Q_EMIT changed();
    return {};
}

void HomeAdapterService::exportTo(
    const std::string& idOrName, const fs::path& output, std::string format, Done done)
{
    auto model = served(idOrName);
    const auto adapter = find(idOrName);
    std::error_code code;
    if (model && !output.is_absolute()) {
        model = fail(Errc::Invalid, "\"out\" must be an absolute path");
    }
    if (model && fs::exists(output, code)) {
        model = fail(Errc::Invalid, output.string() + " is there already; choose another name");
    }
    if (model && m_exporter) {
        model = fail(Errc::Unavailable, "another adapter is being exported; wait for its end");
    }
    if (!model) {
        done(tl::unexpected{ model.error() });
        return;
    }
    if (format.empty()) {
        format = output.extension() == ".gguf" ? "gguf" : "peft";
    }
    QJsonObject job = model->source;
    job[QLatin1String{ "job" }] = QStringLiteral("adapter_export");
    job[QLatin1String{ "output" }] = QString::fromStdString(output.string());
    job[QLatin1String{ "format" }] = QString::fromStdString(format);
    job[QLatin1String{ "name" }] = QString::fromStdString(adapter->name);
    job[QLatin1String{ "base_name" }] = QString::fromStdString(adapter->baseName);
    m_exporter
        = std::make_unique<WorkerProcess>(m_context.program, WorkerProcess::Urgency::Awaited);
    m_exporter->submit(job, {}, [this, done = std::move(done)](const Result<QJsonObject>& outcome) {
        m_exporter.release()->deleteLater(); // the key goes with the process
        done(outcome ? Result<>{} : Result<>{ tl::unexpected{ outcome.error() } });
    });
}

} // namespace loam::node
