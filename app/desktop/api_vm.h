// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node_api.h"

#include <QQmlEngine>

namespace loam::desktop {

/// The local interface for other programs: its switch, its address and a new key.
class ApiVm final : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by main")
    Q_PROPERTY(bool on READ isOn NOTIFY changed FINAL)
    Q_PROPERTY(QString url READ url NOTIFY changed FINAL)
    Q_PROPERTY(bool hasKey READ hasKey NOTIFY changed FINAL)
    /// A key that was just made; it is not stored and shown only until it is hidden.
    Q_PROPERTY(QString key READ key NOTIFY changed FINAL)
    Q_PROPERTY(QString errorText READ errorText NOTIFY changed FINAL)

public:
    explicit ApiVm(NodeApi& node, QObject* parent = nullptr);

    bool isOn() const { return m_on; }
    QString url() const { return m_url; }
    bool hasKey() const { return m_hasKey; }
    QString key() const { return m_key; }
    QString errorText() const { return m_errorText; }

    Q_INVOKABLE void setOn(bool on);
    Q_INVOKABLE void makeKey();
    Q_INVOKABLE void hideKey();

Q_SIGNALS:
    void changed();

private:
    void call(const QString& method);
    void take(const QJsonObject& status);

    NodeApi& m_node;
    bool m_on{ false };
    QString m_url;
    bool m_hasKey{ false };
    QString m_key;
    QString m_errorText;
};

} // namespace loam::desktop
