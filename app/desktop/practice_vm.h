// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node_api.h"
#include "records_model.h"
#include "series.h"

#include <QQmlEngine>
#include <QStringList>
#include <QTimer>
#include <QUrl>

namespace loam::desktop {

/// A practice network on this computer: start, live progress, result.
class PracticeVm final : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by main")
    Q_PROPERTY(Stage stage READ stage NOTIFY changed FINAL)
    Q_PROPERTY(QString phase READ phase NOTIFY changed FINAL)
    Q_PROPERTY(QString message READ message NOTIFY changed FINAL)
    /// Rounds that are done.
    Q_PROPERTY(int round READ round NOTIFY changed FINAL)
    Q_PROPERTY(int rounds READ rounds NOTIFY changed FINAL)
    /// Share of the whole run that is done, 0 to 1.
    Q_PROPERTY(double progress READ progress NOTIFY changed FINAL)
    Q_PROPERTY(loam::desktop::RecordsModel* nodes READ nodes CONSTANT FINAL)
    Q_PROPERTY(loam::desktop::RecordsModel* refusals READ refusals CONSTANT FINAL)
    Q_PROPERTY(loam::desktop::RecordsModel* results READ results CONSTANT FINAL)
    /// Loss on text held out from all nodes: before the first round, then after each.
    Q_PROPERTY(loam::desktop::Series* lossSeries READ lossSeries CONSTANT FINAL)
    Q_PROPERTY(double firstLoss READ firstLoss NOTIFY changed FINAL)
    Q_PROPERTY(double lastLoss READ lastLoss NOTIFY changed FINAL)
    Q_PROPERTY(double bytesSent READ bytesSent NOTIFY changed FINAL)
    Q_PROPERTY(double seconds READ seconds NOTIFY changed FINAL)
    /// Every honest node ended with the same audit root and the same parameters.
    Q_PROPERTY(bool agreed READ hasAgreed NOTIFY changed FINAL)
    Q_PROPERTY(QString auditRoot READ auditRoot NOTIFY changed FINAL)
    Q_PROPERTY(QString parametersHash READ parametersHash NOTIFY changed FINAL)
    Q_PROPERTY(QString errorText READ errorText NOTIFY changed FINAL)
    /// Folders with the owner's own texts, one for each node in turn; empty: the bundled ones.
    Q_PROPERTY(QStringList corpora READ corpora NOTIFY corporaChanged FINAL)

public:
    enum Stage { Ready, Running, Succeeded, Failed };
    Q_ENUM(Stage)

    explicit PracticeVm(NodeApi& node, QObject* parent = nullptr);

    Stage stage() const { return m_stage; }
    QString phase() const { return m_phase; }
    QString message() const { return m_message; }
    int round() const { return m_round; }
    int rounds() const { return m_rounds; }
    double progress() const;
    RecordsModel* nodes() { return &m_nodes; }
    RecordsModel* refusals() { return &m_refusals; }
    RecordsModel* results() { return &m_results; }
    Series* lossSeries() { return &m_loss; }
    double firstLoss() const;
    double lastLoss() const { return m_loss.last(); }
    double bytesSent() const { return m_bytesSent; }
    double seconds() const { return m_seconds; }
    bool hasAgreed() const { return m_agreed; }
    QString auditRoot() const { return m_auditRoot; }
    QString parametersHash() const { return m_parametersHash; }
    QString errorText() const { return m_errorText; }
    QStringList corpora() const { return m_corpora; }

    Q_INVOKABLE void addCorpus(const QUrl& folder);
    Q_INVOKABLE void removeCorpus(const QString& folder);
    Q_INVOKABLE void start(int nodes, int rounds, int byzantine);
    Q_INVOKABLE void stop();
    /// Back to the form.
    Q_INVOKABLE void reset();

Q_SIGNALS:
    void changed();
    void corporaChanged();
    void finished(bool ok);

private:
    void takeNotification(const QString& topic, const QJsonObject& payload);
    void takeProgress(const QJsonObject& payload);
    void takeRound(const QJsonObject& payload);
    void takeResult(const QJsonObject& payload);
    void clearResult();
    void fail(const QString& error);
    void applyPending();

    NodeApi& m_node;
    Stage m_stage{ Ready };
    QString m_phase;
    QString m_message;
    int m_round{ 0 };
    int m_rounds{ 0 };
    RecordsModel m_nodes;
    RecordsModel m_refusals;
    RecordsModel m_results;
    Series m_loss;
    double m_bytesSent{ 0 };
    double m_seconds{ 0 };
    bool m_agreed{ false };
    QString m_auditRoot;
    QString m_parametersHash;
    QString m_errorText;
    QStringList m_corpora;
    QJsonObject m_pending;
    QTimer m_coalesce;
};

} // namespace loam::desktop
