// SPDX-License-Identifier: GPL-3.0-or-later
#include "paged_model.h"

#include <QJsonArray>

#include <algorithm>
#include <chrono>

namespace loam::desktop {
namespace {

    constexpr std::chrono::milliseconds kSearchPause{ 250 };
    constexpr std::chrono::milliseconds kRefreshPause{ 1000 };
    /// The view shows less than one page at a time; more than this is only what it flew past.
    constexpr qsizetype kWantedAtMost = 4;

} // namespace

PagedModel::PagedModel(NodeApi& node, QString method, QVector<RoleField> roles, QObject* parent)
    : QAbstractListModel{ parent }
    , m_node{ node }
    , m_method{ std::move(method) }
    , m_roles{ std::move(roles) }
{
    m_searchPause.setSingleShot(true);
    m_searchPause.setInterval(kSearchPause);
    connect(&m_searchPause, &QTimer::timeout, this, &PagedModel::restart);
    connect(&m_node, &NodeApi::connectedChanged, this, [this](bool connected) {
        m_underWay.clear();
        m_refreshUnderWay = false;
        m_stale = true;
        if (connected && m_active) {
            restart();
        }
    });
    m_refreshPause.setSingleShot(true);
    m_refreshPause.setInterval(kRefreshPause);
    connect(&m_refreshPause, &QTimer::timeout, this, [this] {
        if (m_active && m_stale) {
            refresh();
        }
    });
}

void PagedModel::setActive(bool active)
{
    if (m_active == active) {
        return;
    }
    m_active = active;
    Q_EMIT activeChanged();
    if (m_active && m_stale && m_node.isConnected()) {
        m_ready ? refresh() : restart();
    }
}

void PagedModel::markStale()
{
    m_stale = true;
    if (m_active && !m_refreshPause.isActive()) {
        m_refreshPause.start();
    }
}

void PagedModel::setSearch(const QString& search)
{
    if (m_search == search) {
        return;
    }
    m_search = search;
    Q_EMIT searchChanged();
    m_searchPause.start();
}

void PagedModel::restart()
{
    ++m_generation;
    m_underWay.clear();
    m_wanted.clear();
    m_refreshUnderWay = false;
    m_ready = false;
    Q_EMIT readyChanged();
    refresh();
}

void PagedModel::refresh()
{
    if (m_refreshUnderWay) {
        return;
    }
    m_refreshUnderWay = true;
    m_stale = false;
    request(0, kPageRows, -1);
}

QJsonObject PagedModel::record(int row) const
{
    if (row < 0 || row >= m_total) {
        return {};
    }
    const Page* page = m_pages.object(position(row) / kPageRows);
    return page == nullptr ? QJsonObject() : page->at(position(row) % kPageRows);
}

void PagedModel::want(int page) const
{
    if (m_underWay.contains(page) || m_wanted.contains(page)) {
        return;
    }
    m_wanted.append(page);
    if (m_wanted.size() > kWantedAtMost) {
        m_wanted.removeFirst();
    }
    // data() is const by contract; asking for the missing page is a change of the cache only.
    auto* self = const_cast<PagedModel*>(this);
    if (!self->m_requestQueued) {
        self->m_requestQueued = true;
        QMetaObject::invokeMethod(
            self,
            [self] {
                self->m_requestQueued = false;
                self->requestWanted();
            },
            Qt::QueuedConnection);
    }
}

void PagedModel::requestWanted()
{
    while (!m_wanted.isEmpty() && m_underWay.size() < kRequestsAtOnce) {
        const int page = m_wanted.takeLast();
        const int newest = std::min((page + 1) * kPageRows, m_total) - 1;
        const int oldest = page * kPageRows;
        if (newest < oldest) {
            continue;
        }
        request(m_total - 1 - newest, newest - oldest + 1, page);
    }
}

void PagedModel::request(int offset, int limit, int page)
{
    if (page >= 0) {
        m_underWay.insert(page);
    }
    QJsonObject params{ { QStringLiteral("offset"), offset }, { QStringLiteral("limit"), limit } };
    if (!m_search.isEmpty()) {
        params.insert(QStringLiteral("search"), m_search);
    }
    const int generation = m_generation;
    m_node.call(m_method, params, this, [this, generation, offset, page](const NodeReply& reply) {
        if (generation != m_generation) {
            return;
        }
        m_underWay.remove(page);
        if (page < 0) {
            m_refreshUnderWay = false;
        }
        setErrorText(reply.error);
        m_stale = m_stale || !reply.isOk();
        if (reply.isOk()) {
            takeOver(reply.result, offset);
        }
        requestWanted();
    });
}

void PagedModel::takeOver(const QJsonObject& answer, int offset)
{
    readAnswer(answer);
    const QJsonArray entries = answer.value(QStringLiteral("entries")).toArray();
    setTotal(std::max(0, answer.value(QStringLiteral("total")).toInt()));
    int newest = -1;
    int oldest = m_total;
    for (qsizetype i = 0; i < entries.size(); ++i) {
        const int at = m_total - 1 - offset - static_cast<int>(i);
        if (at < 0) {
            break;
        }
        const int number = at / kPageRows;
        if (!m_pages.contains(number)) {
            m_pages.insert(number, new Page(kPageRows));
        }
        (*m_pages.object(number))[at % kPageRows] = entries[i].toObject();
        newest = std::max(newest, at);
        oldest = std::min(oldest, at);
    }
    if (newest >= oldest) {
        Q_EMIT dataChanged(index(position(newest)), index(position(oldest)));
    }
}

void PagedModel::setTotal(int total)
{
    if (!m_ready || total < m_total) {
        beginResetModel();
        m_pages.clear();
        m_total = total;
        endResetModel();
        Q_EMIT countChanged();
    } else if (total > m_total) {
        beginInsertRows({}, 0, total - m_total - 1);
        m_total = total;
        endInsertRows();
        Q_EMIT countChanged();
    }
    if (!m_ready) {
        m_ready = true;
        Q_EMIT readyChanged();
    }
}

void PagedModel::setErrorText(const QString& text)
{
    if (m_errorText != text) {
        m_errorText = text;
        Q_EMIT errorTextChanged();
    }
}

int PagedModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : m_total;
}

QVariant PagedModel::data(const QModelIndex& index, int role) const
{
    const int field = role - Qt::UserRole;
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || field < 0 || field > m_roles.size()) {
        return {};
    }
    const QJsonObject found = record(index.row());
    if (found.isEmpty()) {
        want(position(index.row()) / kPageRows);
    }
    if (field == m_roles.size()) {
        return !found.isEmpty();
    }
    return found.value(m_roles[field].field).toVariant();
}

QHash<int, QByteArray> PagedModel::roleNames() const
{
    QHash<int, QByteArray> names;
    for (int i = 0; i < static_cast<int>(m_roles.size()); ++i) {
        names.insert(Qt::UserRole + i, m_roles[i].role);
    }
    names.insert(Qt::UserRole + static_cast<int>(m_roles.size()), "loaded");
    return names;
}

} // namespace loam::desktop
