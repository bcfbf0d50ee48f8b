// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.App
import Loam.Ui

/// Search as you type; Escape clears.
TextInputBox {
    id: root

    leftPadding: Metrics.large + Metrics.iconSmall + Metrics.small
    Keys.onEscapePressed: event => {
        event.accepted = root.text !== "";
        root.clear();
    }

    LucideIcon {
        x: Metrics.medium
        anchors.verticalCenter: parent.verticalCenter
        width: Metrics.iconSmall
        height: Metrics.iconSmall
        name: "search"
        color: Theme.muted
    }
}
