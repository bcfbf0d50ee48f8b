// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

/// A button that is only an icon; its name is spoken and shown on hover.
T.Button {
    id: root

    required property string symbol
    required property string name
    property color ink: Theme.muted

    implicitWidth: Metrics.vast
    implicitHeight: Metrics.vast
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    Accessible.role: Accessible.Button
    Accessible.name: name
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    contentItem: Item {
        LucideIcon {
            anchors.centerIn: parent
            width: Metrics.iconSmall
            height: Metrics.iconSmall
            name: root.symbol
            color: root.ink
        }
    }
    background: Rectangle {
        radius: Metrics.controlRadius
        color: root.down ? Theme.press : root.hovered ? Theme.hover : "transparent"

        FocusRing {
            shown: root.visualFocus
        }
    }

    Hint {
        shown: root.hovered || root.visualFocus
        text: root.name
    }
}
