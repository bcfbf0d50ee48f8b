// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.App
import Loam.Ui

/// The minus or plus of a Stepper.
Item {
    id: root

    required property string symbol
    required property bool hovered
    required property bool active

    implicitWidth: Metrics.control
    implicitHeight: Metrics.control

    Rectangle {
        anchors.fill: parent
        anchors.margins: Metrics.focusWidth
        radius: Metrics.controlRadius - Metrics.focusWidth
        color: root.hovered && root.active ? Theme.hover : "transparent"
    }
    LucideIcon {
        anchors.centerIn: parent
        width: Metrics.iconSmall
        height: Metrics.iconSmall
        name: root.symbol
        color: Theme.text
        opacity: root.active ? 1 : 0.4
    }
}
