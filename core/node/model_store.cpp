// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/model_store.h"

#include "base/file.h"
#include "node/log.h"
#include "platform/memory.h"

#include <QDateTime>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>

namespace loam::node {

namespace fs = std::filesystem;
using base::Errc;
using base::Result;
using namespace std::chrono_literals;

namespace {

    constexpr auto kReportInterval = 250ms;
    constexpr std::size_t kMaxWaiting = 16;
    /// Left free on the disk after an import.
    constexpr std::uint64_t kSpareBytes = std::uint64_t{ 256 } << 20U;
    const char* const kStagingPrefix = ".import-";
    const char* const kTrashPrefix = ".removed-";

    std::string lowered(std::string_view text)
    {
        std::string out{ text };
        std::ranges::transform(out, out.begin(), [](char letter) {
            return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        });
        return out;
    }

    std::string textOf(const QJsonObject& object, const char* name)
    {
        return object.value(QLatin1String{ name }).toString().toStdString();
    }

    std::uint64_t sizeOf(const QJsonObject& object, const char* name)
    {
        return static_cast<std::uint64_t>(
            std::max<qint64>(0, object.value(QLatin1String{ name }).toInteger()));
    }

} // namespace

std::string readableBytes(std::uint64_t bytes)
{
    constexpr const char* kUnits[] = { "B", "KiB", "MiB", "GiB", "TiB" };
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < std::size(kUnits)) {
        value /= 1024;
        ++unit;
    }
    char text[32];
    std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
    return text;
}

Result<std::unique_ptr<ModelStore>> ModelStore::open(const Home& home, WorkerProcess& worker)
{
    TRY(base::makeFolder(home.models()));
    std::unique_ptr<ModelStore> store{ new ModelStore{ home, worker } };
    store->load();
    return store;
}

ModelStore::ModelStore(const Home& home, WorkerProcess& worker)
    : m_folder{ home.models() }
    , m_worker{ worker }
{
    m_reports.setInterval(kReportInterval);
    connect(&m_reports, &QTimer::timeout, this, &ModelStore::report);
}

ModelStore::~ModelStore()
{
    if (m_running) {
        m_running->cancel.cancel();
    }
    if (m_thread.joinable()) {
        m_thread.join();
    }
    if (m_running && !m_running->staging.empty()) {
        std::error_code ignored;
        fs::remove_all(m_running->staging, ignored);
    }
}

void ModelStore::load()
{
    std::error_code code;
    for (fs::directory_iterator it{ m_folder, code }, end; !code && it != end; it.increment(code)) {
        const std::string name = it->path().filename().string();
        if (name.starts_with(kStagingPrefix) || name.starts_with(kTrashPrefix)) {
            // Left by a crash in the middle of an import or removal.
            std::error_code ignored;
            fs::remove_all(it->path(), ignored);
            continue;
        }
        if (!it->is_directory() || !fs::exists(it->path() / "manifest.json", code)) {
            continue; // a run's files
        }
        auto manifest = ModelManifest::load(it->path());
        if (!manifest) {
            qCWarning(lcNode).noquote() << QString::fromStdString(manifest.error().message);
            continue;
        }
        m_models.push_back(std::move(*manifest));
    }
    std::ranges::sort(m_models, std::ranges::greater{}, &ModelManifest::imported);
}

Result<ModelManifest> ModelStore::find(std::string_view idOrName) const
{
    const std::string wanted = lowered(idOrName);
    const ModelManifest* found = nullptr;
    for (const ModelManifest& model : m_models) {
        const std::string name = lowered(model.name);
        if (model.id == wanted || name == wanted) {
            return model;
        }
        if (!wanted.empty() && (model.id.starts_with(wanted) || name.starts_with(wanted))) {
            if (found != nullptr) {
                return base::fail(Errc::Invalid,
                    "several models begin with \"" + std::string{ idOrName } + "\": " + found->id
                        + ", " + model.id + "; name one of them in full");
            }
            found = &model;
        }
    }
    if (found != nullptr) {
        return *found;
    }
    return base::fail(Errc::NotFound,
        "there is no model \"" + std::string{ idOrName }
            + "\" here; see `loamctl model list`, or import one with `loamctl model import FILE`");
}

Result<fs::path> ModelStore::pathOf(const ModelManifest& model) const
{
    const fs::path folder = m_folder / model.id;
    for (const ModelPart& part : model.parts) {
        std::error_code code;
        const std::uintmax_t bytes = fs::file_size(folder / part.name, code);
        if (code || bytes != part.bytes) {
            return base::fail(Errc::Corrupt,
                "the model " + model.name + " cannot be used: "
                    + (model.isLinked ? fs::read_symlink(folder / part.name, code)
                                      : folder / part.name)
                          .string()
                    + (code ? " is gone" : " has changed")
                    + "; remove the model and import it again");
        }
    }
    return model.entry.empty() ? folder : folder / model.entry;
}

bool ModelStore::fits(const ModelManifest& model)
{
    const std::uint64_t total = platform::readMemory().total;
    return total == 0 || model.memory <= total;
}

int ModelStore::import(ImportRequest request, Imported done)
{
    auto import = std::make_unique<Import>();
    import->number = m_nextNumber++;
    import->request = std::move(request);
    import->done = std::move(done);
    const int number = import->number;
    if (m_waiting.size() >= kMaxWaiting) {
        QMetaObject::invokeMethod(
            this,
            [callback = std::move(import->done)] {
                callback(base::fail(Errc::Unavailable, "sixteen imports are waiting already"));
            },
            Qt::QueuedConnection);
        return number;
    }
    m_waiting.push_back(std::move(import));
    QMetaObject::invokeMethod(this, &ModelStore::startNext, Qt::QueuedConnection);
    return number;
}

void ModelStore::cancelImport(int number)
{
    if (m_running && m_running->number == number) {
        m_running->cancel.cancel();
        return;
    }
    const auto found = std::ranges::find_if(
        m_waiting, [number](const auto& import) { return import->number == number; });
    if (found != m_waiting.end()) {
        const std::unique_ptr<Import> import = std::move(*found);
        m_waiting.erase(found);
        import->done(base::fail(Errc::Cancelled, "the import was cancelled"));
    }
}

void ModelStore::startNext()
{
    if (m_running || m_waiting.empty()) {
        return;
    }
    m_running = std::move(m_waiting.front());
    m_waiting.pop_front();
    if (const auto prepared = prepare(*m_running); !prepared) {
        finish(tl::unexpected{ prepared.error() });
        return;
    }
    m_running->phase = "checking";
    report();
    m_worker.submit(
        { { QStringLiteral("job"), QStringLiteral("inspect") },
            { QStringLiteral("path"), QString::fromStdString(m_running->source.opens.string()) } },
        {}, [this, number = m_running->number](const Result<QJsonObject>& inspected) {
            takeInspection(number, inspected);
        });
}

Result<> ModelStore::prepare(Import& import) const
{
    TRY_ASSIGN(import.source, findModelSource(import.request.path));
    if (import.request.placement == Placement::Link) {
        return {};
    }
    std::error_code code;
    const fs::space_info space = fs::space(m_folder, code);
    if (!code && space.available < import.source.bytes + kSpareBytes) {
        return base::fail(Errc::Unavailable,
            "the model needs " + readableBytes(import.source.bytes) + " on the disk, and "
                + readableBytes(space.available)
                + " are free; make room, or link it with --link instead of copying it");
    }
    return {};
}

void ModelStore::takeInspection(int number, const Result<QJsonObject>& inspected)
{
    if (!m_running || m_running->number != number) {
        return;
    }
    if (!inspected) {
        finish(tl::unexpected{ inspected.error() });
        return;
    }
    if (const auto described = describe(*m_running, *inspected); !described) {
        finish(tl::unexpected{ described.error() });
        return;
    }
    startCopy();
}

Result<> ModelStore::describe(Import& import, const QJsonObject& inspected) const
{
    ModelManifest& manifest = import.manifest;
    const std::string own = textOf(inspected, "name");
    manifest.name = !import.request.name.empty() ? import.request.name
        : !own.empty()                           ? own
                                                 : import.source.name;
    manifest.licence = textOf(inspected, "licence");
    manifest.architecture = textOf(inspected, "architecture");
    manifest.quantisation = textOf(inspected, "quantisation");
    manifest.parameters = sizeOf(inspected, "parameters");
    manifest.context = sizeOf(inspected, "context");
    manifest.memory = sizeOf(inspected, "memory");
    manifest.source = import.source.opens.string();
    manifest.entry = import.source.entry;
    manifest.isLinked = import.request.placement == Placement::Link;
    if (!import.request.isForced && !fits(manifest)) {
        return base::fail(Errc::Unavailable,
            manifest.name + " needs " + readableBytes(manifest.memory)
                + " of memory to answer, and this computer has "
                + readableBytes(platform::readMemory().total)
                + "; choose a smaller model or a stronger quantisation (to keep it all the same, "
                  "import it with --force)");
    }
    return {};
}

void ModelStore::startCopy()
{
    Import& import = *m_running;
    import.staging = m_folder / (kStagingPrefix + std::to_string(import.number));
    if (const auto made = base::makeFolder(import.staging); !made) {
        finish(tl::unexpected{ made.error() });
        return;
    }
    import.phase = "copying";
    m_reports.start();
    // Only values go over; what comes back is queued to this thread.
    m_thread = std::jthread{ [this, number = import.number, source = import.source,
                                 staging = import.staging, placement = import.request.placement,
                                 cancel = import.cancel.token(), copied = import.copied] {
        auto parts = placeModelFiles(source, staging, placement, cancel, *copied);
        QMetaObject::invokeMethod(
            this,
            [this, number, outcome = std::move(parts)]() mutable {
                takeCopy(number, std::move(outcome));
            },
            Qt::QueuedConnection);
    } };
}

void ModelStore::takeCopy(int number, Result<std::vector<ModelPart>> parts)
{
    m_reports.stop();
    if (m_thread.joinable()) {
        m_thread.join();
    }
    if (!m_running || m_running->number != number) {
        return;
    }
    if (!parts) {
        finish(tl::unexpected{ parts.error() });
        return;
    }
    finish(settle(*m_running, std::move(*parts)));
}

Result<ModelManifest> ModelStore::settle(Import& import, std::vector<ModelPart> parts)
{
    ModelManifest& manifest = import.manifest;
    manifest.sha256 = modelHash(parts);
    for (const ModelPart& part : parts) {
        manifest.bytes += part.bytes;
    }
    manifest.parts = std::move(parts);
    const auto same = std::ranges::find(m_models, manifest.sha256, &ModelManifest::sha256);
    if (same != m_models.end()) {
        return *same;
    }
    manifest.id = modelId(manifest.name, manifest.sha256);
    manifest.imported = QDateTime::currentSecsSinceEpoch();
    TRY(manifest.save(import.staging));
    std::error_code code;
    fs::rename(import.staging, m_folder / manifest.id, code);
    if (code) {
        return base::fail(Errc::Io,
            "cannot move the model to " + (m_folder / manifest.id).string() + ": "
                + code.message());
    }
    m_models.insert(m_models.begin(), manifest);
    return manifest;
}

void ModelStore::finish(Result<ModelManifest> outcome)
{
    const std::unique_ptr<Import> import = std::move(m_running);
    if (!import->staging.empty()) {
        std::error_code ignored;
        fs::remove_all(import->staging, ignored);
    }
    if (outcome) {
        Q_EMIT changed();
    }
    Q_EMIT importFinished({ { QStringLiteral("import"), import->number },
        { QStringLiteral("path"), QString::fromStdString(import->request.path.string()) },
        { outcome ? QStringLiteral("id") : QStringLiteral("message"),
            QString::fromStdString(outcome ? outcome->id : outcome.error().message) } });
    import->done(std::move(outcome));
    QMetaObject::invokeMethod(this, &ModelStore::startNext, Qt::QueuedConnection);
}

void ModelStore::report()
{
    if (m_running) {
        Q_EMIT importProgress({ { QStringLiteral("import"), m_running->number },
            { QStringLiteral("path"), QString::fromStdString(m_running->request.path.string()) },
            { QStringLiteral("phase"), QLatin1String{ m_running->phase } },
            { QStringLiteral("bytes"), static_cast<qint64>(m_running->copied->load()) },
            { QStringLiteral("total"), static_cast<qint64>(m_running->source.bytes) } });
    }
}

void ModelStore::exportModel(
    QJsonObject source, const ExportRequest& request, WorkerProcess::Done done)
{
    std::error_code code;
    if (!request.output.is_absolute() || fs::exists(request.output, code)) {
        done(base::fail(Errc::Invalid,
            request.output.string()
                + (request.output.is_absolute() ? " exists already; choose another name"
                                                : " is no absolute path")));
        return;
    }
    std::string format = request.format;
    if (format.empty()) {
        format = request.output.extension() == ".gguf" ? "gguf" : "hf";
    }
    source[QLatin1String{ "job" }] = QStringLiteral("export");
    source[QLatin1String{ "output" }] = QString::fromStdString(request.output.string());
    source[QLatin1String{ "format" }] = QString::fromStdString(format);
    source[QLatin1String{ "type" }] = QString::fromStdString(request.type);
    m_worker.submit(std::move(source), {}, std::move(done));
}

Result<> ModelStore::remove(std::string_view idOrName)
{
    TRY_ASSIGN(const ModelManifest model, find(idOrName));
    // Renamed first: a crash in the middle of deleting leaves no half model behind.
    const fs::path trash = m_folder / (kTrashPrefix + model.id);
    std::error_code code;
    fs::rename(m_folder / model.id, trash, code);
    if (code) {
        return base::fail(Errc::Io, "cannot remove " + model.name + ": " + code.message());
    }
    std::erase_if(m_models, [&model](const ModelManifest& other) { return other.id == model.id; });
    fs::remove_all(trash, code);
    Q_EMIT changed();
    return {};
}

} // namespace loam::node
