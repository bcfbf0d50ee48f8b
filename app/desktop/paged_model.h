// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node_api.h"
#include "records_model.h"

#include <QAbstractListModel>
#include <QCache>
#include <QSet>
#include <QTimer>
#include <QVector>

namespace loam::desktop {

/// A window onto a long, append-only list that the node serves newest first.
///
/// `rowCount` is the whole list; only the pages that were looked at are held, the least recently
/// used ones go first. Pages are numbered from the oldest entry on, so that new entries move the
/// rows but never the cached pages. At most two requests are under way; while the view flies past,
/// pages it has left behind are not asked for at all.
class PagedModel : public QAbstractListModel
{
    Q_OBJECT
    QML_ANONYMOUS
    Q_PROPERTY(int count READ count NOTIFY countChanged FINAL)
    /// True from the first answer on: before it, emptiness means "not known".
    Q_PROPERTY(bool ready READ isReady NOTIFY readyChanged FINAL)
    Q_PROPERTY(QString search READ search WRITE setSearch NOTIFY searchChanged FINAL)
    Q_PROPERTY(QString errorText READ errorText NOTIFY errorTextChanged FINAL)
    /// Set while a page shows the list. Nothing is asked for otherwise.
    Q_PROPERTY(bool active READ isActive WRITE setActive NOTIFY activeChanged FINAL)

public:
    static constexpr int kPageRows = 128;
    static constexpr int kCachedPages = 24;
    static constexpr int kRequestsAtOnce = 2;

    PagedModel(NodeApi& node, QString method, QVector<RoleField> roles, QObject* parent = nullptr);

    int count() const { return m_total; }
    bool isReady() const { return m_ready; }
    QString search() const { return m_search; }
    /// Asks again after a short pause in typing.
    void setSearch(const QString& search);
    QString errorText() const { return m_errorText; }
    bool isActive() const { return m_active; }
    void setActive(bool active);

    /// Asks for the newest page; new entries appear on top of the old ones.
    Q_INVOKABLE void refresh();
    /// The fields of a row as the node sent them; empty when not loaded.
    Q_INVOKABLE QJsonObject record(int row) const;
    int cachedPages() const { return static_cast<int>(m_pages.count()); }

    int rowCount(const QModelIndex& parent = {}) const override;
    /// Besides the roles given there is `loaded`, false while a row is on its way.
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

Q_SIGNALS:
    void countChanged();
    void readyChanged();
    void searchChanged();
    void errorTextChanged();
    void activeChanged();

protected:
    /// The node has new entries: refreshes, at most once a second, as soon as a page shows them.
    void markStale();
    /// Sees every answer before its rows are taken over.
    virtual void readAnswer(const QJsonObject& answer) { Q_UNUSED(answer) }

private:
    using Page = QVector<QJsonObject>;

    void want(int page) const;
    void requestWanted();
    void request(int offset, int limit, int page);
    void takeOver(const QJsonObject& answer, int offset);
    void setTotal(int total);
    void restart();
    void setErrorText(const QString& text);
    int position(int row) const { return m_total - 1 - row; }

    NodeApi& m_node;
    QString m_method;
    QVector<RoleField> m_roles;
    QString m_search;
    QString m_errorText;
    QTimer m_searchPause;
    QTimer m_refreshPause;
    int m_total{ 0 };
    int m_generation{ 0 };
    bool m_ready{ false };
    bool m_active{ false };
    bool m_stale{ true };
    mutable QCache<int, Page> m_pages{ kCachedPages };
    mutable QVector<int> m_wanted;
    QSet<int> m_underWay;
    bool m_requestQueued{ false };
    bool m_refreshUnderWay{ false };
};

} // namespace loam::desktop
