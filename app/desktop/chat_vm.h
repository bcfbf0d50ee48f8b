// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node_api.h"
#include "records_model.h"

#include <QQmlEngine>
#include <QTimer>

namespace loam::desktop {

/// Conversations with the owner's models: the list with its search, one open conversation, and the
/// answer while it comes.
class ChatVm final : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by main")
    Q_PROPERTY(loam::desktop::RecordsModel* conversations READ conversations CONSTANT FINAL)
    Q_PROPERTY(QString search READ search WRITE setSearch NOTIFY searchChanged FINAL)
    Q_PROPERTY(loam::desktop::RecordsModel* messages READ messages CONSTANT FINAL)
    /// Id of the open conversation; empty: a new one.
    Q_PROPERTY(QString conversation READ conversation NOTIFY changed FINAL)
    Q_PROPERTY(QString title READ title NOTIFY changed FINAL)
    /// Id of the model that answers next.
    Q_PROPERTY(QString model READ model WRITE setModel NOTIFY changed FINAL)
    /// Uuid of the device that computes; empty: the best one.
    Q_PROPERTY(QString device READ device WRITE setDevice NOTIFY changed FINAL)
    Q_PROPERTY(bool answering READ isAnswering NOTIFY changed FINAL)
    Q_PROPERTY(double tokensPerSecond READ tokensPerSecond NOTIFY progressed FINAL)
    Q_PROPERTY(QString errorText READ errorText NOTIFY changed FINAL)

public:
    explicit ChatVm(NodeApi& node, QObject* parent = nullptr);

    RecordsModel* conversations() { return &m_conversations; }
    QString search() const { return m_search; }
    void setSearch(const QString& search);
    RecordsModel* messages() { return &m_messages; }
    QString conversation() const { return m_conversation; }
    QString title() const { return m_title; }
    QString model() const { return m_model; }
    void setModel(const QString& model);
    QString device() const { return m_device; }
    void setDevice(const QString& device);
    bool isAnswering() const { return m_isAnswering; }
    double tokensPerSecond() const { return m_tokensPerSecond; }
    QString errorText() const { return m_errorText; }

    Q_INVOKABLE void open(const QString& conversation);
    Q_INVOKABLE void startNew();
    Q_INVOKABLE void send(const QString& text);
    Q_INVOKABLE void stop();
    Q_INVOKABLE void regenerate();
    Q_INVOKABLE void remove(const QString& conversation);
    Q_INVOKABLE void dismissError();

Q_SIGNALS:
    void changed();
    void searchChanged();
    void progressed();
    /// What was typed is on its way and may be cleared.
    void sent();

private:
    void loadList();
    void loadConversation();
    void takeConversation(const QJsonObject& shown);
    void takeNotification(const QString& method, const QJsonObject& payload);
    void takeEnd(const QJsonObject& payload);
    void ask(const QString& method, QJsonObject params);
    void showStreamed();
    void setError(const QString& error);

    NodeApi& m_node;
    RecordsModel m_conversations;
    RecordsModel m_messages;
    QString m_search;
    QString m_conversation;
    QString m_title;
    QString m_model;
    QString m_device;
    bool m_isAnswering{ false };
    bool m_isAsking{ false };
    QString m_streamed;
    double m_tokensPerSecond{ 0 };
    QString m_errorText;
    QTimer m_refresh; ///< joins the pieces of an answer to a calm rhythm
    QTimer m_searchDelay;
};

} // namespace loam::desktop
