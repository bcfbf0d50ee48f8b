// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "practice_text.h"
#include "rpc/client.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTimer>

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace loam::daemon {

/// Fewest members of a private practice: four have a threshold that survives one dropout.
inline constexpr int kLeastPrivateNodes = 4;

/// What a practice network shall do.
struct PracticeOptions
{
    int nodes{ 4 };
    int rounds{ 5 };
    int byzantine{ 0 }; ///< how many nodes misbehave, below a third
    int sparsity{ 512 }; ///< values sent of each 4,096
    bool isPrivate{ false }; ///< the private lane: groups summed in secret
    std::vector<std::filesystem::path> corpora; ///< empty: text of installed packages

    /// Invalid with the allowed range named.
    static base::Result<PracticeOptions> fromJson(const QJsonObject& params);
    /// What a private run of so few members needs said in run.open.
    void addPrivateTerms(QJsonObject& request) const;
    /// What its rounds come to at delta 1e-6, and no less than a small run's.
    double privateEpsilon() const;
};

/// A whole network on this computer: real loamd processes with homes and loopback addresses of
/// their own, each with a different text, that train a small model together. Reports through
/// signals in the shape of docs/rpc.md. A node that dies is started again.
class Practice final : public QObject
{
    Q_OBJECT
public:
    /// Homes are made below `root`, in the place of those of an earlier practice.
    Practice(PracticeOptions options, std::filesystem::path root, QObject* parent = nullptr);
    ~Practice() override;

    /// Returns at once; everything else arrives as signals.
    void start();
    /// Ends every process and emits finished with an error.
    void stop(const QString& reason);

Q_SIGNALS:
    void progress(const QJsonObject& params);
    void roundClosed(const QJsonObject& params);
    /// Emitted once, after every process has ended.
    void finished(const QJsonObject& report);

private:
    struct Child
    {
        int index{ 0 };
        bool byzantine{ false };
        QString home;
        QString corpus;
        std::unique_ptr<QProcess> process;
        std::unique_ptr<rpc::Client> client;
        QString id;
        QJsonObject status;
        QJsonObject training;
        int restarts{ 0 };
    };
    using Next = std::function<void()>;

    base::Result<> prepareHome(Child& child);
    void launch(Child& child);
    void childEnded(Child& child, int code);
    void readIdentities();
    void createNetwork();
    void joinNetwork(const QString& invitation);
    void openRun();
    void joinRun();
    void joinRun(Child& child);
    void giveConsent(Child& child);
    void grantWhenRead(Child& child);
    void fail(const Child& child, const QString& method, const base::Error& error);
    void handleNotification(Child& child, const QString& method, const QJsonObject& params);
    void completeRounds();
    void compareNodes();
    void finish(bool ok, const QString& error);
    void endProcesses();
    void report(const QString& phase, const QString& message);
    /// Calls every child (or the honest ones), then `next` when all have answered.
    void callEach(const QString& method, const std::function<QJsonObject(const Child&)>& params,
        std::size_t first, const std::function<void(Child&, const QJsonObject&)>& each, Next next);
    void call(Child& child, const QString& method, const QJsonObject& params,
        std::function<void(const QJsonObject&)> done);

    PracticeOptions m_options;
    std::filesystem::path m_root;
    std::vector<std::unique_ptr<Child>> m_children;
    QElapsedTimer m_clock;
    QTimer m_poll;
    QTimer m_stall; ///< runs out when no node has reported any work for long
    QString m_phase;
    PracticeTexts m_texts;
    QString m_run;
    qint64 m_parameters{ 0 };
    std::map<int, std::map<QString, QJsonObject>> m_reports; ///< round -> node id -> its report
    QJsonArray m_rounds;
    int m_comparisons{ 0 };
    bool m_finished{ false };
};

} // namespace loam::daemon
