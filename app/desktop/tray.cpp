// SPDX-License-Identifier: GPL-3.0-or-later
#include "tray.h"

#include "format.h"

#include <QIcon>

namespace loam::desktop {
namespace {

    constexpr int kSnoozeMinutes = 60;

    /// "off" looks like "paused": nothing runs because the owner said so.
    QIcon iconFor(const QString& state)
    {
        const QString shape = state == QLatin1String("off") ? QStringLiteral("paused") : state;
        return QIcon(QStringLiteral(":/loam/brand/tray-%1.svg").arg(shape));
    }

} // namespace

Tray::Tray(NodeVm& node, QObject* parent)
    : QObject{ parent }
    , m_node{ node }
{
    m_state = m_menu.addAction(QString());
    m_state->setEnabled(false);
    m_earned = m_menu.addAction(QString());
    m_earned->setEnabled(false);
    m_menu.addSeparator();
    m_contribute = m_menu.addAction(QString());
    m_contribute->setCheckable(true);
    m_snooze = m_menu.addAction(QString());
    m_menu.addSeparator();
    m_open = m_menu.addAction(QString());
    m_quit = m_menu.addAction(QString());
    m_stop = m_menu.addAction(QString());
    connect(m_contribute, &QAction::triggered, &m_node, &NodeVm::setContributing);
    connect(m_snooze, &QAction::triggered, this, [this] { m_node.snooze(kSnoozeMinutes); });
    connect(m_open, &QAction::triggered, this, &Tray::openRequested);
    connect(m_quit, &QAction::triggered, this, &Tray::quitRequested);
    connect(m_stop, &QAction::triggered, this, &Tray::stopRequested);
    connect(&m_icon, &QSystemTrayIcon::activated, this,
        [this](QSystemTrayIcon::ActivationReason reason) {
            if (reason == QSystemTrayIcon::Trigger || reason == QSystemTrayIcon::DoubleClick) {
                Q_EMIT openRequested();
            }
        });
    connect(&m_node, &NodeVm::statusChanged, this, &Tray::update);
    m_icon.setContextMenu(&m_menu);
    retranslate();
}

void Tray::show()
{
    m_icon.show();
}

void Tray::retranslate()
{
    m_contribute->setText(tr("Contribute"));
    m_snooze->setText(tr("Pause for one hour"));
    m_open->setText(tr("Open Loam"));
    m_quit->setText(tr("Quit (work goes on)"));
    m_stop->setText(tr("Quit and stop contributing"));
    m_shownState.clear();
    update();
}

void Tray::update()
{
    const QString state = m_node.state();
    const QString reason = Format::reasonLine(m_node.reason(), m_node.until(), m_node.now());
    QString line = Format::stateWord(state);
    if (!m_node.isConnected()) {
        line = tr("The node does not answer");
    } else if (!reason.isEmpty()) {
        line = tr("%1: %2").arg(line, reason);
    }
    const QString earned = tr("Today: %1").arg(Format::amountWithUnit(m_node.earnedToday()));
    m_state->setText(line);
    m_earned->setText(earned);
    m_contribute->setEnabled(m_node.isConnected());
    m_contribute->setChecked(m_node.isContributing());
    m_snooze->setEnabled(m_node.isConnected() && m_node.isContributing());
    m_stop->setEnabled(m_node.isConnected());
    m_icon.setToolTip(QStringLiteral("Loam\n%1\n%2").arg(line, earned));
    if (state != m_shownState) {
        m_shownState = state;
        m_icon.setIcon(iconFor(state));
    }
}

void Tray::explainHiding()
{
    m_icon.showMessage(tr("Loam is still here"),
        tr("The window is closed; the node goes on as you set it. Right-click the sprout to quit."),
        QIcon(QStringLiteral(":/loam/brand/loam.svg")));
}

} // namespace loam::desktop
