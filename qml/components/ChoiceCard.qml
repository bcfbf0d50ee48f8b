// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

/// One of a few ways to go on: icon, title, two lines.
T.Button {
    id: root

    required property string symbol
    required property string note

    implicitWidth: Metrics.statMinimum
    implicitHeight: implicitContentHeight + topPadding + bottomPadding
    padding: Metrics.large
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.description: note
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    contentItem: ColumnLayout {
        spacing: Metrics.small

        LucideIcon {
            name: root.symbol
            color: Theme.accent
            Layout.preferredWidth: Metrics.huge
            Layout.preferredHeight: Metrics.huge
            Layout.bottomMargin: Metrics.tiny
        }
        HeadingText {
            text: root.text
            wrapMode: Text.Wrap
            Layout.fillWidth: true
        }
        SmallText {
            text: root.note
            Layout.fillWidth: true
        }
        Item {
            Layout.fillHeight: true
        }
    }
    background: Rectangle {
        radius: Metrics.cardRadius
        color: Theme.surface
        border.width: Metrics.hairline
        border.color: root.hovered ? Theme.accent : Theme.line

        Rectangle {
            anchors.fill: parent
            radius: parent.radius
            color: root.down ? Theme.press : root.hovered ? Theme.hover : "transparent"
        }
        FocusRing {
            radius: Metrics.cardRadius + Metrics.focusGap
            shown: root.visualFocus
        }
    }
}
