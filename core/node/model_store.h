// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/home.h"
#include "node/model_files.h"
#include "node/worker_process.h"

#include <QJsonObject>
#include <QObject>
#include <QTimer>

#include <deque>
#include <memory>
#include <string_view>
#include <thread>

namespace loam::node {

struct ImportRequest
{
    std::filesystem::path path;
    std::string name; ///< empty: the file's own
    Placement placement{ Placement::Copy };
    bool isForced{ false }; ///< take it even if this machine's memory cannot hold it
};

struct ExportRequest
{
    std::filesystem::path output;
    std::string format; ///< gguf, or hf (a folder with safetensors); empty: by the output's ending
    std::string type; ///< weight type of a GGUF file, "Q8_0"; empty: as it is
};

/// The models under <home>/models: taken in by copy or link with their hash, described by a
/// manifest, given out again. A worker reads and writes the files' contents, a thread copies and
/// hashes; imports run one after the other. Lives on the event-loop thread.
class ModelStore final : public QObject
{
    Q_OBJECT
public:
    using Imported = std::function<void(base::Result<ModelManifest>)>;

    /// `worker` does the jobs "inspect" and "export" and outlives the store.
    static base::Result<std::unique_ptr<ModelStore>> open(const Home& home, WorkerProcess& worker);
    ~ModelStore() override;

    /// Newest first.
    const std::vector<ModelManifest>& models() const { return m_models; }
    /// By id, by name (case does not matter), or by the beginning of either when only one fits;
    /// NotFound or Invalid (several fit) say what to do.
    base::Result<ModelManifest> find(std::string_view idOrName) const;
    /// What opens the model; Corrupt when a part has gone or changed its size.
    base::Result<std::filesystem::path> pathOf(const ModelManifest& model) const;

    /// Whether this machine's memory can hold it.
    static bool fits(const ModelManifest& model);

    /// Calls back once with the model, which is the present one if its contents are here already.
    /// The number names the import in progress reports.
    int import(ImportRequest request, Imported done);
    void cancelImport(int number);
    /// `source` is what the worker opens, as in ServedModel.
    void exportModel(QJsonObject source, const ExportRequest& request, WorkerProcess::Done done);
    base::Result<> remove(std::string_view idOrName);

Q_SIGNALS:
    void changed();
    /// import, path, phase (waiting, checking, copying), bytes, total
    void importProgress(const QJsonObject& progress);
    /// import, path, and the model's id or the message that says why there is none
    void importFinished(const QJsonObject& outcome);

private:
    struct Import
    {
        int number{ 0 };
        ImportRequest request;
        Imported done;
        ModelSource source;
        ModelManifest manifest;
        std::filesystem::path staging;
        base::CancelSource cancel;
        std::shared_ptr<std::atomic<std::uint64_t>> copied{
            std::make_shared<std::atomic<std::uint64_t>>(0)
        };
        const char* phase{ "waiting" };
    };

    ModelStore(const Home& home, WorkerProcess& worker);
    void load();
    void startNext();
    base::Result<> prepare(Import& import) const;
    void takeInspection(int number, const base::Result<QJsonObject>& inspected);
    base::Result<> describe(Import& import, const QJsonObject& inspected) const;
    void startCopy();
    void takeCopy(int number, base::Result<std::vector<ModelPart>> parts);
    base::Result<ModelManifest> settle(Import& import, std::vector<ModelPart> parts);
    void finish(base::Result<ModelManifest> outcome);
    void report();

    std::filesystem::path m_folder;
    WorkerProcess& m_worker;
    std::vector<ModelManifest> m_models;
    std::deque<std::unique_ptr<Import>> m_waiting;
    std::unique_ptr<Import> m_running;
    std::jthread m_thread;
    QTimer m_reports;
    int m_nextNumber{ 1 };
};

/// "7.3 GiB", for messages.
std::string readableBytes(std::uint64_t bytes);

} // namespace loam::node
