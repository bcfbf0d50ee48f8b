// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

/// One conversation in the list: its title, when it was, and a way to delete it.
T.ItemDelegate {
    id: root

    required property string conversation
    required property string title
    required property var changedAt
    required property real now
    property bool isChosen: false

    signal removeChosen

    implicitHeight: Type.bodyLine + Type.smallLine + 2 * Metrics.small + Metrics.tiny
    leftPadding: Metrics.large
    rightPadding: Metrics.tiny
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    Accessible.role: Accessible.ListItem
    Accessible.name: title

    contentItem: RowLayout {
        spacing: Metrics.tiny

        ColumnLayout {
            spacing: 0
            Layout.fillWidth: true

            CellText {
                text: root.title
                font: root.isChosen ? Type.strong : Type.body
                Layout.fillWidth: true
            }
            SmallText {
                text: Format.local.relativeTime(root.changedAt ?? 0, root.now)
                maximumLineCount: 1
                elide: Text.ElideRight
                Layout.fillWidth: true
            }
        }
        IconButton {
            objectName: "chatRemove"
            opacity: root.hovered || activeFocus || root.highlighted || root.isChosen ? 1 : 0
            symbol: "trash-2"
            name: qsTr("Delete the conversation “%1”").arg(root.title)
            onClicked: root.removeChosen()
        }
    }
    background: Rectangle {
        color: root.isChosen ? Theme.accentSoft : root.down ? Theme.press : root.hovered ? Theme.hover : "transparent"

        Rectangle {
            width: Metrics.markWidth
            height: parent.height
            color: Theme.accent
            visible: root.isChosen
        }
        FocusRing {
            anchors.margins: Metrics.hairline
            shown: root.highlighted
        }
    }
}
