// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// The switch at the top right of every page: state in a word, its reason in small type.
RowLayout {
    id: root

    required property NodeVm node
    readonly property string reason: Format.local.reasonLine(node.reason, node.until, node.now)

    spacing: Metrics.medium
    visible: node.known

    ColumnLayout {
        spacing: 0
        Layout.maximumWidth: Metrics.switchText

        RowLayout {
            spacing: Metrics.tiny + 2
            Layout.alignment: Qt.AlignRight

            LucideIcon {
                name: Format.local.stateIcon(root.node.state)
                color: Theme.tone(Theme.stateTone(root.node.state))
                Layout.preferredWidth: Metrics.iconSmall
                Layout.preferredHeight: Metrics.iconSmall
            }
            StrongText {
                objectName: "stateWord"
                text: Format.local.stateWord(root.node.state)
            }
        }
        SmallText {
            id: reasonText
            text: root.reason !== "" ? root.reason : root.node.contributing || !root.node.connected ? "" : qsTr("Nothing of this computer is used")
            visible: text !== ""
            horizontalAlignment: Text.AlignRight
            maximumLineCount: 2
            elide: Text.ElideRight
            Layout.fillWidth: true
            Layout.maximumWidth: Metrics.switchText
            Layout.alignment: Qt.AlignRight
        }
    }
    ToggleSwitch {
        id: control
        objectName: "contributionSwitch"
        name: qsTr("Contribute")
        Accessible.description: Format.local.stateWord(root.node.state) + ". " + root.reason
        checked: root.node.contributing
        enabled: root.node.connected
        onCheckedChanged: root.node.setContributing(checked)

        Hint {
            shown: control.hovered || control.visualFocus
            text: root.node.contributing ? qsTr("Stop contributing") : qsTr("Start contributing: this computer works when you do not need it")
        }
    }
    Connections {
        // After a refusal the switch falls back to what the node says.
        target: root.node
        function onStatusChanged() {
            control.checked = root.node.contributing;
        }
    }
}
