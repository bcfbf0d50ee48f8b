// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Templates as T
import Loam.Ui

/// A button. `kind`: primary (the one action of a page), secondary, quiet or danger.
T.Button {
    id: root

    property string kind: "secondary"
    property string symbol
    readonly property bool isFilled: kind === "primary"
    readonly property color ink: isFilled ? Theme.accentInk : kind === "danger" ? Theme.danger : Theme.text

    implicitWidth: implicitContentWidth + leftPadding + rightPadding
    implicitHeight: Metrics.control
    leftPadding: text === "" ? Metrics.small : Metrics.large
    rightPadding: leftPadding
    spacing: Metrics.small
    font: Type.strong
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    Accessible.role: Accessible.Button
    Accessible.name: text
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    contentItem: IconAndText {
        text: root.text
        symbol: root.symbol
        ink: root.ink
        isUnderlined: Theme.isContrast && root.kind === "quiet"
    }
    background: Rectangle {
        radius: Metrics.controlRadius
        color: root.isFilled ? Theme.accent : root.kind === "quiet" ? "transparent" : Theme.surface
        opacity: root.enabled || !root.isFilled ? 1 : 0.4
        border.width: root.kind === "quiet" || root.isFilled ? 0 : Metrics.hairline
        border.color: root.kind === "danger" ? Theme.danger : Theme.line

        Rectangle {
            anchors.fill: parent
            radius: parent.radius
            color: root.down ? Theme.press : root.hovered ? Theme.hover : "transparent"
        }
        FocusRing {
            shown: root.visualFocus
        }
    }
}
