// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "audit_log_model.h"
#include "command_vm.h"

#include <QStringList>
#include <QVariantList>

namespace loam::desktop {

/// The audit log and the entry under the magnifying glass: its fields, its proof, the verdict.
class AuditVm final : public loam::desktop::CommandVm
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by main")
    Q_PROPERTY(loam::desktop::AuditLogModel* log READ log CONSTANT FINAL)
    /// Index of the entry shown, -1 for none.
    Q_PROPERTY(double index READ index NOTIFY entryChanged FINAL)
    Q_PROPERTY(QString kind READ kind NOTIFY entryChanged FINAL)
    Q_PROPERTY(QString text READ text NOTIFY entryChanged FINAL)
    Q_PROPERTY(double time READ time NOTIFY entryChanged FINAL)
    /// [{name, value, mono}] in the order to show.
    Q_PROPERTY(QVariantList fields READ fields NOTIFY entryChanged FINAL)
    Q_PROPERTY(Verdict verdict READ verdict NOTIFY verdictChanged FINAL)
    /// A quorum of validators has signed a root with this entry in it.
    Q_PROPERTY(bool cosigned READ isCosigned NOTIFY verdictChanged FINAL)
    Q_PROPERTY(QStringList steps READ steps NOTIFY verdictChanged FINAL)
    /// The hashes on the way to the root, one a line.
    Q_PROPERTY(QString proofText READ proofText NOTIFY verdictChanged FINAL)
    Q_PROPERTY(int proofCount READ proofCount NOTIFY verdictChanged FINAL)
    Q_PROPERTY(QString leaf READ leaf NOTIFY verdictChanged FINAL)
    Q_PROPERTY(QString root READ root NOTIFY verdictChanged FINAL)
    Q_PROPERTY(double treeSize READ treeSize NOTIFY verdictChanged FINAL)
    Q_PROPERTY(QString cosignersText READ cosignersText NOTIFY verdictChanged FINAL)

public:
    enum Verdict { Unknown, Verified, Refuted };
    Q_ENUM(Verdict)

    explicit AuditVm(NodeApi& node, QObject* parent = nullptr);

    AuditLogModel* log() { return &m_log; }
    double index() const { return m_index; }
    QString kind() const { return m_entry.value(QStringLiteral("kind")).toString(); }
    QString text() const;
    double time() const { return m_entry.value(QStringLiteral("time")).toDouble(); }
    QVariantList fields() const;
    Verdict verdict() const { return m_verdict; }
    bool isCosigned() const { return m_proof.value(QStringLiteral("cosigned")).toBool(true); }
    QStringList steps() const { return namesFrom(m_proof.value(QStringLiteral("steps"))); }
    QStringList proof() const { return namesFrom(m_proof.value(QStringLiteral("proof"))); }
    QString leaf() const { return m_proof.value(QStringLiteral("leaf")).toString(); }
    QString root() const { return m_proof.value(QStringLiteral("root")).toString(); }
    double treeSize() const { return m_proof.value(QStringLiteral("size")).toDouble(); }
    QStringList cosigners() const { return namesFrom(m_proof.value(QStringLiteral("cosigners"))); }

    QString proofText() const { return proof().join(QLatin1Char('\n')); }
    int proofCount() const { return static_cast<int>(proof().size()); }
    QString cosignersText() const { return cosigners().join(QLatin1Char('\n')); }

    Q_INVOKABLE void open(double index);
    Q_INVOKABLE void close();
    Q_INVOKABLE void verify();
    Q_INVOKABLE void exportProof(const QUrl& file);

Q_SIGNALS:
    void entryChanged();
    void verdictChanged();

private:
    void setProof(Verdict verdict, const QJsonObject& proof);
    QJsonObject indexParams() const;

    AuditLogModel m_log;
    double m_index{ -1 };
    QJsonObject m_entry;
    QJsonObject m_proof;
    Verdict m_verdict{ Unknown };
};

} // namespace loam::desktop
