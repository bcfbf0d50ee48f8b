// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "paged_model.h"

#include <QStringList>

namespace loam::desktop {

/// The network's audit log, newest first, and what the node says of it as a whole.
/// (The base is named in full for the type registration, which looks no namespace up.)
class AuditLogModel final : public loam::desktop::PagedModel
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("models belong to view models")
    /// Number of entries in the log, whatever the search shows.
    Q_PROPERTY(double size READ size NOTIFY summaryChanged FINAL)
    Q_PROPERTY(QString root READ root NOTIFY summaryChanged FINAL)
    Q_PROPERTY(QStringList cosigners READ cosigners NOTIFY summaryChanged FINAL)
    Q_PROPERTY(bool consistent READ isConsistent NOTIFY summaryChanged FINAL)

public:
    explicit AuditLogModel(NodeApi& node, QObject* parent = nullptr);

    double size() const { return m_size; }
    QString root() const { return m_root; }
    QStringList cosigners() const { return m_cosigners; }
    bool isConsistent() const { return m_consistent; }

Q_SIGNALS:
    void summaryChanged();

protected:
    void readAnswer(const QJsonObject& answer) override;

private:
    double m_size{ 0 };
    QString m_root;
    QStringList m_cosigners;
    bool m_consistent{ true };
};

/// Payments of this wallet, newest first, each with its reason and the balance after it.
class WalletHistoryModel final : public loam::desktop::PagedModel
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("models belong to view models")

public:
    explicit WalletHistoryModel(NodeApi& node, QObject* parent = nullptr);
};

/// Reads a list of names that may come as strings or as objects with an "id" or "name".
QStringList namesFrom(const QJsonValue& value);

} // namespace loam::desktop
