// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QJsonArray>
#include <QJsonObject>
#include <QQmlEngine>
#include <QVector>

namespace loam::desktop {

/// A role QML sees and the JSON field it comes from.
struct RoleField
{
    QByteArray role;
    QString field;
};

/// A short list of JSON objects with a unique key. New snapshots are compared with the old one and
/// become row signals, so that a table keeps its position and selection.
class RecordsModel : public QAbstractListModel
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("models belong to view models")
    Q_PROPERTY(int count READ count NOTIFY countChanged FINAL)

public:
    RecordsModel(QString keyField, QVector<RoleField> roles, QObject* parent = nullptr);

    int count() const { return static_cast<int>(m_records.size()); }
    const QVector<QJsonObject>& records() const { return m_records; }
    /// Takes over a snapshot; objects without the key field are dropped.
    void setRecords(const QJsonArray& records);
    /// Changes the fields given of the record with the same key, or appends it.
    void upsert(const QJsonObject& record);
    void clear();

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

Q_SIGNALS:
    void countChanged();

private:
    qsizetype find(const QString& key) const;
    QString keyOf(const QJsonObject& record) const;

    QString m_keyField;
    QVector<RoleField> m_roles;
    QVector<QJsonObject> m_records;
};

} // namespace loam::desktop
