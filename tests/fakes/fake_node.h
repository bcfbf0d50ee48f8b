// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "fake_data.h"
#include "node_api.h"

#include <QHash>
#include <QJsonArray>
#include <QVector>

#include <optional>

namespace loam::tests {

/// A node for tests and pictures of the window: fixed figures, and answers that arrive one turn of
/// the event loop later, like real ones. Remembers every call.
class FakeNode final : public desktop::NodeApi
{
    Q_OBJECT
    Q_PROPERTY(bool contributing READ isContributing FINAL)

public:
    /// 2026-03-14 09:26:53 UTC.
    static constexpr qint64 kNow = 1773480413;

    explicit FakeNode(bool hasNetwork = true, QObject* parent = nullptr);

    struct Call
    {
        QString method;
        QJsonObject params;
    };

    bool isConnected() const override { return m_isConnected; }
    void call(const QString& method, const QJsonObject& params, QObject* context,
        Callback callback) override;
    void subscribe(const QStringList& topics) override { m_topics = topics; }

    void setConnected(bool connected);
    /// Without one, status says so and the log is empty.
    void setNetwork(bool hasNetwork);
    void setAuditSize(int size);
    void setLocked(bool locked) { m_isLocked = locked; }
    FakeData& data() { return m_data; }
    bool isContributing() const { return m_isContributing; }
    /// Answers this method with an error from now on; an empty text ends that.
    Q_INVOKABLE void failWith(const QString& method, const QString& error);
    /// Holds answers back until release().
    void hold() { m_isHeld = true; }
    void release();

    const QVector<Call>& calls() const { return m_calls; }
    Q_INVOKABLE int callCount(const QString& method) const;
    /// Parameter `name` of the latest call of `method`, as text.
    Q_INVOKABLE QString lastParam(const QString& method, const QString& name) const;
    Q_INVOKABLE void forgetCalls() { m_calls.clear(); }
    /// Sends a notification, as the node would.
    void notify(const QString& topic, const QJsonObject& payload)
    {
        Q_EMIT notified(topic, payload);
    }
    /// The notifications of a practice run up to its middle, or to its end.
    void playPractice(bool toTheEnd);

    /// Whether there are models and conversations.
    void setModels(bool hasModels) { m_hasModels = hasModels; }
    /// An import at its middle, or at its end.
    void playImport(bool toTheEnd);
    /// Some words of the answer to the last chat.send, or all of them.
    void playAnswer(bool toTheEnd);

    QJsonObject status() const;
    QJsonObject auditEntry(int index) const;

private:
    desktop::NodeReply answer(const QString& method, const QJsonObject& params);
    /// model.*, chat.* and api.*; nothing for other methods.
    std::optional<desktop::NodeReply> answerAboutModels(
        const QString& method, const QJsonObject& params);
    QJsonArray models() const;
    QJsonArray conversations(const QString& search) const;
    QJsonObject conversation(qint64 id) const;
    QJsonObject apiStatus() const;
    QJsonObject auditPage(const QJsonObject& params) const;
    QJsonObject historyPage(const QJsonObject& params) const;
    QJsonObject metrics(const QString& name) const;

    bool m_isConnected{ true };
    bool m_hasNetwork{ true };
    QJsonObject m_work;
    bool m_isContributing{ true };
    bool m_isLocked{ false };
    bool m_isHeld{ false };
    bool m_hasModels{ true };
    bool m_isApiOn{ false };
    bool m_hasApiKey{ false };
    qint64 m_answering{ 0 };
    QString m_asked;
    QVector<qint64> m_deleted;
    QStringList m_removed;
    int m_auditSize{ 100'000 };
    int m_payments{ 57 };
    FakeData m_data;
    QStringList m_topics;
    QHash<QString, QString> m_errors;
    QVector<Call> m_calls;
    QVector<std::function<void()>> m_held;
};

} // namespace loam::tests
