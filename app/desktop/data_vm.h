// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "adapters_vm.h"
#include "command_vm.h"
#include "meter_vm.h"
#include "paged_model.h"
#include "records_model.h"

#include <QColor>
#include <QJsonArray>
#include <QList>

namespace loam::desktop {

/// What was done with the owner's data, newest first.
class DataUseModel final : public loam::desktop::PagedModel
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("models belong to view models")

public:
    explicit DataUseModel(NodeApi& node, QObject* parent = nullptr);
    void noteChange() { markStale(); }
};

/// The owner's sources, what would be used of them, what he allowed and what it cost.
class DataVm final : public loam::desktop::CommandVm
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by main")
    Q_PROPERTY(loam::desktop::RecordsModel* sources READ sources CONSTANT FINAL)
    Q_PROPERTY(loam::desktop::RecordsModel* grants READ grants CONSTANT FINAL)
    Q_PROPERTY(loam::desktop::DataUseModel* uses READ uses CONSTANT FINAL)
    /// Models of the owner's own.
    Q_PROPERTY(loam::desktop::AdaptersVm* own READ own CONSTANT FINAL)
    Q_PROPERTY(loam::desktop::MeterVm* meter READ meter CONSTANT FINAL)
    Q_PROPERTY(bool known READ isKnown NOTIFY summaryChanged FINAL)
    Q_PROPERTY(double files READ files NOTIFY summaryChanged FINAL)
    Q_PROPERTY(double tokens READ tokens NOTIFY summaryChanged FINAL)
    Q_PROPERTY(double redacted READ redacted NOTIFY summaryChanged FINAL)
    Q_PROPERTY(int activeGrants READ activeGrants NOTIFY summaryChanged FINAL)
    /// Files not looked at yet, over all sources.
    Q_PROPERTY(double waiting READ waiting NOTIFY summaryChanged FINAL)
    Q_PROPERTY(double epsilonSpent READ epsilonSpent NOTIFY summaryChanged FINAL)
    Q_PROPERTY(double epsilonCap READ epsilonCap NOTIFY summaryChanged FINAL)
    /// What the cost means, without a formula.
    Q_PROPERTY(QString costSentence READ costSentence NOTIFY summaryChanged FINAL)
    Q_PROPERTY(bool adapters READ adapters NOTIFY summaryChanged FINAL)
    Q_PROPERTY(bool privateLane READ privateLane NOTIFY summaryChanged FINAL)
    /// The question to ask first: "adapters", "private_lane" or none.
    Q_PROPERTY(QString question READ question NOTIFY summaryChanged FINAL)

    /// The source whose files are shown, and its files.
    Q_PROPERTY(int source READ source NOTIFY sourceChanged FINAL)
    Q_PROPERTY(QString sourcePath READ sourcePath NOTIFY sourceChanged FINAL)
    Q_PROPERTY(loam::desktop::RecordsModel* fileList READ fileList CONSTANT FINAL)
    Q_PROPERTY(int fileTotal READ fileTotal NOTIFY sourceChanged FINAL)

    /// The file that is shown line by line; empty when none is.
    Q_PROPERTY(QString file READ file NOTIFY previewChanged FINAL)
    Q_PROPERTY(QString fileVerdict READ fileVerdict NOTIFY previewChanged FINAL)
    Q_PROPERTY(loam::desktop::RecordsModel* lines READ lines CONSTANT FINAL)
    Q_PROPERTY(int lineTotal READ lineTotal NOTIFY previewChanged FINAL)

public:
    explicit DataVm(NodeApi& node, QObject* parent = nullptr);

    RecordsModel* sources() { return &m_sources; }
    RecordsModel* grants() { return &m_grants; }
    DataUseModel* uses() { return &m_uses; }
    AdaptersVm* own() { return &m_own; }
    MeterVm* meter() { return &m_meter; }
    bool isKnown() const { return m_known; }
    double files() const { return number(m_overview, "files"); }
    double tokens() const { return number(m_overview, "tokens"); }
    double redacted() const { return number(m_overview, "redacted"); }
    double waiting() const;
    int activeGrants() const;
    double epsilonSpent() const { return number(m_overview, "epsilon_spent"); }
    double epsilonCap() const { return number(m_overview, "epsilon_cap"); }
    QString costSentence() const;
    bool adapters() const { return m_terms.value(QStringLiteral("adapters")).toBool(); }
    bool privateLane() const { return m_terms.value(QStringLiteral("private_lane")).toBool(); }
    QString question() const;
    int source() const { return m_source; }
    QString sourcePath() const;
    RecordsModel* fileList() { return &m_files; }
    int fileTotal() const { return m_fileTotal; }
    QString file() const { return m_preview.value(QStringLiteral("path")).toString(); }
    QString fileVerdict() const;
    RecordsModel* lines() { return &m_lines; }
    int lineTotal() const { return static_cast<int>(number(m_preview, "total")); }

    Q_INVOKABLE void add(const QUrl& place);
    Q_INVOKABLE void addAll(const QList<QUrl>& places);
    Q_INVOKABLE void removeSource(int source);
    Q_INVOKABLE void showSource(int source);
    Q_INVOKABLE void searchFiles(const QString& text);
    Q_INVOKABLE void showFile(const QString& path);
    Q_INVOKABLE void closeFile();
    Q_INVOKABLE void strikeFile(const QString& path, bool strike);
    Q_INVOKABLE void strikeLine(int line);
    /// `run` empty: an adapter at home.
    Q_INVOKABLE void grant(const QString& run, int days, double epsilon);
    Q_INVOKABLE void revoke(const QString& grant);
    Q_INVOKABLE void answer(const QString& question, bool yes);
    Q_INVOKABLE void addPattern(const QString& text);
    Q_INVOKABLE void exportReceipts(const QUrl& file);
    /// A line as styled text: what is taken out is struck through, in `ink`, and followed by its
    /// kind in brackets.
    Q_INVOKABLE QString styled(const QJsonArray& segments, const QColor& ink) const;

    // Words for the node's codes.
    Q_INVOKABLE QString sourceLine(const QJsonObject& source) const;
    Q_INVOKABLE QString verdictWord(
        const QString& state, const QString& verdict, bool struck) const;
    Q_INVOKABLE QString purposeWord(const QString& purpose) const;
    Q_INVOKABLE QString grantStateWord(const QString& state) const;
    Q_INVOKABLE QString useWord(const QString& kind) const;

Q_SIGNALS:
    void summaryChanged();
    void sourceChanged();
    void previewChanged();
    /// Consent was given.
    void granted();

private:
    static double number(const QJsonObject& object, const char* name)
    {
        return object.value(QLatin1String(name)).toDouble();
    }
    void load();
    void loadFiles();
    void takePreview(const QJsonObject& preview);

    RecordsModel m_sources;
    RecordsModel m_grants;
    RecordsModel m_files;
    RecordsModel m_lines;
    DataUseModel m_uses;
    AdaptersVm m_own;
    MeterVm m_meter;
    QJsonObject m_overview;
    QJsonObject m_terms;
    QString m_wantedFile; ///< what the owner opened; its preview may still be on the way
    QJsonObject m_preview;
    QString m_search;
    int m_source{ 0 };
    int m_fileTotal{ 0 };
    bool m_known{ false };
};

} // namespace loam::desktop
