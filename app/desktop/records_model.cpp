// SPDX-License-Identifier: GPL-3.0-or-later
#include "records_model.h"

#include <QSet>

namespace loam::desktop {

RecordsModel::RecordsModel(QString keyField, QVector<RoleField> roles, QObject* parent)
    : QAbstractListModel{ parent }
    , m_keyField{ std::move(keyField) }
    , m_roles{ std::move(roles) }
{
}

QString RecordsModel::keyOf(const QJsonObject& record) const
{
    return record.value(m_keyField).toVariant().toString();
}

qsizetype RecordsModel::find(const QString& key) const
{
    for (qsizetype row = 0; row < m_records.size(); ++row) {
        if (keyOf(m_records[row]) == key) {
            return row;
        }
    }
    return -1;
}

void RecordsModel::setRecords(const QJsonArray& records)
{
    const int before = count();
    QSet<QString> wanted;
    QVector<QJsonObject> fresh;
    for (const QJsonValue& value : records) {
        const QJsonObject record = value.toObject();
        const QString key = keyOf(record);
        if (!key.isEmpty() && !wanted.contains(key)) {
            wanted.insert(key);
            fresh.append(record);
        }
    }
    for (qsizetype row = m_records.size() - 1; row >= 0; --row) {
        if (!wanted.contains(keyOf(m_records[row]))) {
            beginRemoveRows({}, static_cast<int>(row), static_cast<int>(row));
            m_records.removeAt(row);
            endRemoveRows();
        }
    }
    for (qsizetype row = 0; row < fresh.size(); ++row) {
        const int target = static_cast<int>(row);
        const qsizetype found = find(keyOf(fresh[row]));
        if (found < 0) {
            beginInsertRows({}, target, target);
            m_records.insert(row, fresh[row]);
            endInsertRows();
            continue;
        }
        if (found != row) {
            beginMoveRows({}, static_cast<int>(found), static_cast<int>(found), {}, target);
            m_records.move(found, row);
            endMoveRows();
        }
        if (m_records[row] != fresh[row]) {
            m_records[row] = fresh[row];
            Q_EMIT dataChanged(index(target), index(target));
        }
    }
    if (before != count()) {
        Q_EMIT countChanged();
    }
}

void RecordsModel::upsert(const QJsonObject& record)
{
    const QString key = keyOf(record);
    if (key.isEmpty()) {
        return;
    }
    const qsizetype row = find(key);
    if (row < 0) {
        const int end = count();
        beginInsertRows({}, end, end);
        m_records.append(record);
        endInsertRows();
        Q_EMIT countChanged();
        return;
    }
    QJsonObject merged = m_records[row];
    for (auto it = record.begin(); it != record.end(); ++it) {
        merged.insert(it.key(), it.value());
    }
    if (merged != m_records[row]) {
        m_records[row] = merged;
        const QModelIndex changed = index(static_cast<int>(row));
        Q_EMIT dataChanged(changed, changed);
    }
}

void RecordsModel::clear()
{
    setRecords({});
}

int RecordsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : count();
}

QVariant RecordsModel::data(const QModelIndex& index, int role) const
{
    const int field = role - Qt::UserRole;
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || field < 0
        || field >= m_roles.size()) {
        return {};
    }
    return m_records[index.row()].value(m_roles[field].field).toVariant();
}

QHash<int, QByteArray> RecordsModel::roleNames() const
{
    QHash<int, QByteArray> names;
    for (int i = 0; i < static_cast<int>(m_roles.size()); ++i) {
        names.insert(Qt::UserRole + i, m_roles[i].role);
    }
    return names;
}

} // namespace loam::desktop
