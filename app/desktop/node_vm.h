// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node_api.h"
#include "series.h"
#include "work_vm.h"

#include <QQmlEngine>
#include <QTimer>

#include <functional>

namespace loam::desktop {

/// The state of the node as the window shows it. Snapshots and progress that arrive faster than
/// four times a second are merged into one change.
class NodeVm final : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by main")
    Q_PROPERTY(bool connected READ isConnected NOTIFY connectedChanged FINAL)
    /// True once a first status has arrived; the figures stay when the connection goes.
    Q_PROPERTY(bool known READ isKnown NOTIFY statusChanged FINAL)
    Q_PROPERTY(QString id READ id NOTIFY statusChanged FINAL)
    Q_PROPERTY(QString address READ address NOTIFY statusChanged FINAL)
    Q_PROPERTY(QString version READ version NOTIFY statusChanged FINAL)
    Q_PROPERTY(bool hasNetwork READ hasNetwork NOTIFY statusChanged FINAL)
    Q_PROPERTY(QString network READ network NOTIFY statusChanged FINAL)
    Q_PROPERTY(QString networkName READ networkName NOTIFY statusChanged FINAL)
    Q_PROPERTY(bool smallNetwork READ isSmallNetwork NOTIFY statusChanged FINAL)
    Q_PROPERTY(double height READ height NOTIFY statusChanged FINAL)
    Q_PROPERTY(int peers READ peers NOTIFY statusChanged FINAL)
    Q_PROPERTY(int validators READ validators NOTIFY statusChanged FINAL)
    Q_PROPERTY(bool isValidator READ isValidator NOTIFY statusChanged FINAL)
    Q_PROPERTY(bool contributing READ isContributing NOTIFY statusChanged FINAL)
    /// working, waiting, paused, off, or trouble when the node does not answer.
    Q_PROPERTY(QString state READ state NOTIFY statusChanged FINAL)
    Q_PROPERTY(QString reason READ reason NOTIFY statusChanged FINAL)
    Q_PROPERTY(double until READ until NOTIFY statusChanged FINAL)
    Q_PROPERTY(QString run READ run NOTIFY statusChanged FINAL)
    Q_PROPERTY(int round READ round NOTIFY statusChanged FINAL)
    Q_PROPERTY(double loss READ loss NOTIFY statusChanged FINAL)
    Q_PROPERTY(double tokensPerSecond READ tokensPerSecond NOTIFY statusChanged FINAL)
    Q_PROPERTY(int step READ step NOTIFY statusChanged FINAL)
    Q_PROPERTY(int steps READ steps NOTIFY statusChanged FINAL)
    Q_PROPERTY(QString earnedToday READ earnedToday NOTIFY statusChanged FINAL)
    Q_PROPERTY(QString balance READ balance NOTIFY statusChanged FINAL)
    Q_PROPERTY(QString auditRoot READ auditRoot NOTIFY statusChanged FINAL)
    Q_PROPERTY(double auditSize READ auditSize NOTIFY statusChanged FINAL)
    Q_PROPERTY(QString errorText READ errorText NOTIFY errorTextChanged FINAL)
    /// Unix seconds, moved on twice a minute while the window is visible.
    Q_PROPERTY(double now READ now NOTIFY nowChanged FINAL)
    Q_PROPERTY(loam::desktop::WorkVm* work READ work CONSTANT FINAL)
    Q_PROPERTY(loam::desktop::Series* lossSeries READ lossSeries CONSTANT FINAL)
    Q_PROPERTY(loam::desktop::Series* rateSeries READ rateSeries CONSTANT FINAL)
    Q_PROPERTY(loam::desktop::Series* earnedSeries READ earnedSeries CONSTANT FINAL)

public:
    using NowSeconds = std::function<qint64()>;

    /// `node` outlives the view model. `now` gives Unix seconds.
    explicit NodeVm(NodeApi& node, NowSeconds now = {}, QObject* parent = nullptr);

    bool isConnected() const { return m_node.isConnected(); }
    bool isKnown() const { return !m_status.isEmpty(); }
    QString id() const { return text("id"); }
    QString address() const { return text("address"); }
    QString version() const { return text("version"); }
    bool hasNetwork() const { return !network().isEmpty(); }
    QString network() const { return text("network"); }
    QString networkName() const { return text("network_name"); }
    bool isSmallNetwork() const { return flag("small_network"); }
    double height() const { return number("height"); }
    int peers() const { return static_cast<int>(number("peers")); }
    int validators() const { return static_cast<int>(number("validators")); }
    bool isValidator() const { return flag("is_validator"); }
    bool isContributing() const { return flag("contributing"); }
    QString state() const;
    QString reason() const { return text("reason"); }
    double until() const { return number("until"); }
    QString run() const { return text("run"); }
    int round() const { return static_cast<int>(number("round")); }
    /// Of the shared model on text held out from everybody, after the last round.
    double loss() const { return m_loss.last(); }
    double tokensPerSecond() const;
    int step() const { return m_progress.value(QStringLiteral("step")).toInt(); }
    int steps() const { return m_progress.value(QStringLiteral("steps")).toInt(); }
    QString earnedToday() const;
    QString balance() const;
    QString auditRoot() const { return text("audit_root"); }
    double auditSize() const { return number("audit_size"); }
    QString errorText() const { return m_errorText; }
    double now() const { return static_cast<double>(m_now()); }
    WorkVm* work() { return &m_work; }
    Series* lossSeries() { return &m_loss; }
    Series* rateSeries() { return &m_rate; }
    Series* earnedSeries() { return &m_earned; }

    Q_INVOKABLE void setContributing(bool on);
    Q_INVOKABLE void snooze(int minutes);
    /// Ends the node itself; the window is told through connectedChanged.
    Q_INVOKABLE void stopNode();
    Q_INVOKABLE void dismissError();
    /// Visible windows tick the clock; hidden ones cost nothing.
    Q_INVOKABLE void setVisible(bool visible);

Q_SIGNALS:
    void connectedChanged();
    void statusChanged();
    void errorTextChanged();
    void nowChanged();

private:
    QString text(const char* field) const;
    double number(const char* field) const;
    bool flag(const char* field) const;
    void takeNotification(const QString& topic, const QJsonObject& payload);
    void startOver();
    void readStatus();
    void askMetrics(const QString& name, Series& series);
    void command(const QString& method, const QJsonObject& params);
    void setErrorText(const QString& text);
    void changeSoon();
    void applyPending();

    NodeApi& m_node;
    NowSeconds m_now;
    WorkVm m_work;
    QJsonObject m_status;
    QJsonObject m_pendingStatus;
    QJsonObject m_progress;
    QJsonObject m_pendingProgress;
    QString m_errorText;
    Series m_loss;
    Series m_rate;
    Series m_earned;
    QTimer m_coalesce;
    QTimer m_tick;
};

} // namespace loam::desktop
