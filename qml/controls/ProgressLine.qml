// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.Ui

/// How far along something is, 0 to 1.
Rectangle {
    id: root

    required property real value
    required property string name

    implicitHeight: Metrics.progress
    radius: height / 2
    color: Theme.sunken
    border.width: Theme.isContrast ? Metrics.hairline : 0
    border.color: Theme.line
    Accessible.role: Accessible.ProgressBar
    Accessible.name: name

    Rectangle {
        width: Math.round(parent.width * Math.max(0, Math.min(1, root.value)))
        height: parent.height
        radius: parent.radius
        color: Theme.accent

        Behavior on width {
            NumberAnimation {
                duration: Metrics.slow
            }
        }
    }
}
