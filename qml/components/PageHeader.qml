// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// Title, one sentence of state, the one main action, and the switch.
RowLayout {
    id: root

    required property NodeVm node
    required property string title
    property string sentence
    default property alias actions: actionRow.data

    spacing: Metrics.huge

    ColumnLayout {
        spacing: Metrics.tiny
        Layout.fillWidth: true

        DisplayText {
            text: root.title
            Accessible.role: Accessible.Heading
            Accessible.name: text
            Layout.fillWidth: true
        }
        MutedText {
            text: root.sentence
            visible: text !== ""
            maximumLineCount: 2
            elide: Text.ElideRight
            Layout.fillWidth: true
        }
    }
    RowLayout {
        id: actionRow
        spacing: Metrics.small
        visible: children.length > 0
        Layout.fillWidth: false
    }
    ContributionSwitch {
        node: root.node
        Layout.fillWidth: false
        Layout.alignment: Qt.AlignVCenter
    }
}
