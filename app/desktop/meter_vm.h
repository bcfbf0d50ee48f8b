// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node_api.h"

#include <QJsonObject>
#include <QQmlEngine>

namespace loam::desktop {

/// The last measurement of how much a model shows of the owner's text, and the making of a new one.
class MeterVm final : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("part of DataVm")
    Q_PROPERTY(bool known READ isKnown NOTIFY changed FINAL)
    Q_PROPERTY(bool busy READ isBusy NOTIFY changed FINAL)
    Q_PROPERTY(QString errorText READ errorText NOTIFY changed FINAL)
    /// green, amber or red; empty before the first measurement.
    Q_PROPERTY(QString light READ light NOTIFY changed FINAL)
    Q_PROPERTY(QString lightWord READ lightWord NOTIFY changed FINAL)
    /// What it means, without a formula.
    Q_PROPERTY(QString sentence READ sentence NOTIFY changed FINAL)
    /// What was compared with what.
    Q_PROPERTY(QString basis READ basis NOTIFY changed FINAL)
    /// Whether a run's model or one of the owner's own was measured, and what people call it.
    Q_PROPERTY(QString adapter READ adapter NOTIFY changed FINAL)
    Q_PROPERTY(QString name READ name NOTIFY changed FINAL)
    Q_PROPERTY(double time READ time NOTIFY changed FINAL)
    Q_PROPERTY(double toldApart READ toldApart NOTIFY changed FINAL)
    Q_PROPERTY(double caught READ caught NOTIFY changed FINAL)
    Q_PROPERTY(double epsilonLow READ epsilonLow NOTIFY changed FINAL)
    /// Negative when nothing was promised.
    Q_PROPERTY(double epsilonPromised READ epsilonPromised NOTIFY changed FINAL)
    /// Negative when the text holds no long number.
    Q_PROPERTY(double exposureBits READ exposureBits NOTIFY changed FINAL)

public:
    explicit MeterVm(NodeApi& node, QObject* parent = nullptr);

    bool isKnown() const { return m_report.value(QStringLiteral("known")).toBool(); }
    bool isBusy() const { return m_isBusy || m_report.value(QStringLiteral("busy")).toBool(); }
    QString errorText() const { return m_error; }
    QString light() const { return m_report.value(QStringLiteral("light")).toString(); }
    QString lightWord() const;
    QString sentence() const;
    QString basis() const;
    QString adapter() const { return m_report.value(QStringLiteral("adapter")).toString(); }
    QString name() const { return m_report.value(QStringLiteral("name")).toString(); }
    double time() const { return number("time", 0); }
    double toldApart() const { return number("auc", 0.5); }
    double caught() const { return number("tpr_01", 0); }
    double epsilonLow() const { return number("epsilon_low", 0); }
    double epsilonPromised() const { return number("epsilon_promised", -1); }
    double exposureBits() const { return number("exposure_bits", -1); }

    /// The run's model, or one of the owner's own.
    Q_INVOKABLE void measure(const QString& adapter = {});

Q_SIGNALS:
    void changed();

private:
    double number(const char* name, double otherwise) const
    {
        return m_report.value(QLatin1String(name)).toDouble(otherwise);
    }
    void load();

    NodeApi& m_node;
    QJsonObject m_report;
    bool m_isBusy{ false };
    QString m_error;
};

} // namespace loam::desktop
