// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node_vm.h"

#include <QMenu>
#include <QObject>
#include <QSystemTrayIcon>

namespace loam::desktop {

/// The icon in the panel: its shape tells the state, its menu what a person needs most.
class Tray final : public QObject
{
    Q_OBJECT

public:
    explicit Tray(NodeVm& node, QObject* parent = nullptr);

    static bool isAvailable() { return QSystemTrayIcon::isSystemTrayAvailable(); }
    void show();
    /// Says once that the work goes on after the window is closed.
    void explainHiding();
    void retranslate();

Q_SIGNALS:
    void openRequested();
    void quitRequested();
    /// Quit, and end the node as well.
    void stopRequested();

private:
    void update();

    NodeVm& m_node;
    QMenu m_menu;
    QSystemTrayIcon m_icon;
    QAction* m_state{ nullptr };
    QAction* m_earned{ nullptr };
    QAction* m_contribute{ nullptr };
    QAction* m_snooze{ nullptr };
    QAction* m_open{ nullptr };
    QAction* m_quit{ nullptr };
    QAction* m_stop{ nullptr };
    QString m_shownState;
};

} // namespace loam::desktop
