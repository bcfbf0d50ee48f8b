// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/answer_service.h"
#include "node/chats.h"
#include "node/data_service.h"
#include "node/home_adapter_service.h"
#include "node/identity.h"
#include "node/join_process.h"
#include "node/meter_service.h"
#include "node/model_store.h"
#include "node/network_session.h"
#include "node/node_store.h"
#include "node/policy.h"
#include "node/settings.h"
#include "node/worker_process.h"
#include "platform/machine.h"
#include "training/private_terms.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <optional>

namespace loam::node {

struct NodeOptions
{
    Home home;
    QString workerProgram; ///< path of loam-worker
    /// Poison updates and vote twice. Has an effect in practice networks only.
    bool misbehave{ false };
};

/// A new network of one's own.
struct NetworkRequest
{
    std::string name;
    std::vector<base::PublicKey> validators; ///< empty: this node alone
    bool practice{ false };
};

/// A new training run.
struct RunRequest
{
    std::string name;
    std::vector<std::string> corpora; ///< folders the vocabulary is learnt from
    std::string probe; ///< held-out text; empty: held out of the corpora
    std::uint32_t rounds{ 0 }; ///< 0: endless
    std::uint32_t innerSteps{ 30 };
    std::uint16_t keepPerChunk{ 512 };
    std::uint32_t quorum{ 1 };
    std::uint32_t startMembers{ 1 };
    std::uint32_t windowSeconds{ 180 };
    base::Amount emission;
    std::optional<training::PrivateTerms> privacy; ///< given: a run of the private lane
};

/// The composition root of a node: identity, settings, workers, policy and, once there is a
/// network, the session in it. Everything on one event-loop thread; RPC and tests call it there.
class Node final : public QObject
{
    Q_OBJECT
public:
    static base::Result<std::unique_ptr<Node>> open(NodeOptions options);
    ~Node() override;

    const Home& home() const { return m_options.home; }
    const Identity& identity() const { return m_identity; }
    const Settings& settings() const { return m_settings; }
    const platform::Machine& machine() const { return m_machine; }
    const TrainingDevice& device() const { return m_device; }
    NodeStore& store() { return *m_store; }
    /// The owner's own data: sources, consent, budget.
    DataService& data() { return *m_data; }
    /// Adapters of the owner's own text.
    HomeAdapterService& adapters() { return *m_adapters; }
    MeterService& meter() { return *m_meter; }
    ModelStore& models() { return *m_models; }
    /// Writes an imported model, or what a run has reached, for other programs.
    void exportModel(
        std::string_view idOrName, const ExportRequest& request, WorkerProcess::Done done);
    AnswerService& answers() { return *m_answers; }
    const AnswerService& answers() const { return *m_answers; }
    Chats& chats() { return *m_chats; }
    /// Null without a network or while the identity is locked.
    NetworkSession* session() { return m_session.get(); }
    const PolicyDecision& decision() const { return m_decision; }
    const QJsonObject& training() const { return m_training; }
    /// The last thing that went wrong and has not been mended since; empty when all is well.
    const QString& trouble() const { return m_trouble; }

    base::Result<> unlock(std::string_view passphrase);
    void lock();
    base::Result<> changePassphrase(std::string_view old, std::string_view replacement);
    /// Another identity; Denied while this one is in a network.
    base::Result<> restore(std::string_view words, std::string_view passphrase);

    base::Result<> setContributing(bool on);
    /// When and with what this computer works. Takes effect with the next training.
    base::Result<> setContribution(const Settings::Contribution& wanted);
    base::Result<> setApi(const Settings::Api& api);
    base::Result<> snooze(std::chrono::minutes duration);

    /// Founds a network and enters it; Denied while in another one.
    base::Result<Invitation> createNetwork(const NetworkRequest& request);
    /// Of the network this node is in: takes up the invitation's addresses and is done.
    void joinNetwork(const Invitation& invitation, std::function<void(base::Result<>)> done);
    /// Leaves the network; its ledger is kept under networks/ and taken up again on return.
    base::Result<> leaveNetwork();

    using RunOpened = std::function<void(base::Result<std::pair<ledger::RunId, std::int64_t>>)>;
    /// Calls back with the run's id and its number of parameters once the ledger holds it.
    void openRun(const RunRequest& request, RunOpened done);
    base::Result<> joinRun(const ledger::RunId& run, std::vector<std::string> corpora);
    base::Result<> leaveRun(const ledger::RunId& run);

Q_SIGNALS:
    void changed();
    void trainingProgress(const QJsonObject& progress);
    void roundClosed(const QJsonObject& report);
    void blockFinalized(qint64 height);
    void walletChanged();
    void dataChanged();
    void adaptersChanged();
    void adapterProgress(const QJsonObject& progress);
    void meterChanged();

private:
    explicit Node(NodeOptions options, Identity identity);
    base::Result<> enterNetwork(
        const ledger::Genesis& genesis, std::vector<swarm::Endpoint> endpoints);
    base::Result<> openSession(
        const ledger::Genesis& genesis, std::vector<swarm::Endpoint> endpoints);
    base::Result<> requireNoNetwork() const;
    base::Result<> openData();
    base::Result<> openAdapters();
    base::Result<ServedModel> servedModel(std::string_view idOrName) const;
    /// Whether a run that this node joined has not ended.
    bool hasRunAtWork() const;
    void evaluatePolicy();
    void awaitRun(const ledger::RunId& run, std::int64_t parameters, RunOpened done);
    void setTrouble(const QString& sentence);

    NodeOptions m_options;
    Identity m_identity;
    Settings m_settings;
    platform::Machine m_machine;
    std::unique_ptr<NodeStore> m_store;
    std::unique_ptr<DataService> m_data;
    std::unique_ptr<WorkerProcess> m_trainer;
    std::unique_ptr<WorkerProcess> m_verifier;
    std::unique_ptr<WorkerProcess> m_librarian; ///< reads and writes models
    std::unique_ptr<MeterService> m_meter;
    std::unique_ptr<ModelStore> m_models;
    std::unique_ptr<AnswerService> m_answers;
    TrainingDevice m_device;
    std::unique_ptr<HomeAdapterService> m_adapters;
    std::unique_ptr<Chats> m_chats;
    std::unique_ptr<NetworkSession> m_session;
    std::unique_ptr<JoinProcess> m_joining;
    QTimer m_policyTick;
    PolicyDecision m_decision;
    QJsonObject m_training;
    QString m_trouble;
};

} // namespace loam::node
