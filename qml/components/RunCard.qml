// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// The run this node takes part in: round, local steps, and the chain it is recorded on.
Card {
    id: root

    required property NodeVm node

    signal copyRequested(string value)

    RowLayout {
        spacing: Metrics.large

        ColumnLayout {
            spacing: Metrics.tiny
            Layout.fillWidth: true

            HeadingText {
                text: root.node.run === "" ? qsTr("No run is open") : qsTr("Run %1, round %2").arg(Format.local.shortId(root.node.run)).arg(root.node.round)
                Layout.fillWidth: true
            }
            MutedText {
                text: root.node.run === "" ? qsTr("Work begins as soon as someone in the network opens one.") : root.node.steps > 0 ? qsTr("Step %1 of %2 of this round").arg(root.node.step).arg(root.node.steps) : qsTr("Between two rounds")
                Layout.fillWidth: true
            }
        }
        LabeledValue {
            label: qsTr("Block")
            value: Format.local.count(root.node.height)
            Layout.fillWidth: false
        }
        LabeledValue {
            label: qsTr("Audit entries")
            value: Format.local.count(root.node.auditSize)
            Layout.fillWidth: false
        }
        ColumnLayout {
            visible: root.node.auditRoot !== ""
            spacing: 0

            SmallText {
                text: qsTr("Audit root")
                Layout.leftMargin: Metrics.tiny
            }
            CopyId {
                name: qsTr("audit root")
                value: root.node.auditRoot
                onCopyRequested: value => root.copyRequested(value)
                implicitHeight: Type.bodyLine
            }
        }
    }
    ProgressLine {
        visible: root.node.run !== ""
        name: qsTr("Steps of this round")
        value: root.node.steps > 0 ? root.node.step / root.node.steps : 0
        Layout.fillWidth: true
    }
}
