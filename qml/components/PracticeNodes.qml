// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// The nodes of a practice run at work.
Card {
    id: root

    required property RecordsModel nodes

    padding: Metrics.hairline
    spacing: 0

    RowLayout {
        spacing: Metrics.large
        Layout.preferredHeight: Metrics.row
        Layout.leftMargin: Metrics.large
        Layout.rightMargin: Metrics.large

        HeaderCell {
            text: qsTr("Node")
            Layout.preferredWidth: Metrics.columnNode
        }
        HeaderCell {
            text: qsTr("State")
            Layout.preferredWidth: Metrics.columnTime
        }
        HeaderCell {
            text: qsTr("Progress of the round")
            Layout.fillWidth: true
        }
        HeaderCell {
            text: qsTr("Loss")
            horizontalAlignment: Text.AlignRight
            Layout.preferredWidth: Metrics.columnNumber
        }
        HeaderCell {
            text: qsTr("Tokens/s")
            horizontalAlignment: Text.AlignRight
            Layout.preferredWidth: Metrics.columnNumber
        }
    }
    Divider {}
    Repeater {
        model: root.nodes

        TableRow {
            id: row
            required property string node
            required property var role
            required property var step
            required property var steps
            required property var loss
            required property var rate
            required property var nodeState

            clickable: false
            Layout.fillWidth: true
            Accessible.name: node + ", " + Format.local.stateWord(nodeState ?? "")

            RowLayout {
                spacing: Metrics.small
                Layout.fillWidth: false
                Layout.preferredWidth: Metrics.columnNode

                LucideIcon {
                    name: row.role === "byzantine" ? "user-x" : "laptop"
                    color: row.role === "byzantine" ? Theme.danger : Theme.muted
                    Layout.preferredWidth: Metrics.iconSmall
                    Layout.preferredHeight: Metrics.iconSmall
                }
                CellText {
                    text: Format.local.shortId(row.node, 4)
                    Layout.fillWidth: true
                }
            }
            CellText {
                text: row.nodeState ? Format.local.stateWord(row.nodeState) : ""
                color: Theme.muted
                Layout.preferredWidth: Metrics.columnTime
            }
            ProgressLine {
                name: qsTr("Step %1 of %2").arg(row.step ?? 0).arg(row.steps ?? 0)
                value: row.steps > 0 ? row.step / row.steps : 0
                Layout.fillWidth: true
            }
            CellText {
                text: row.loss > 0 ? Format.local.figure(row.loss) : "–"
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnNumber
            }
            CellText {
                text: row.rate > 0 ? Format.local.count(row.rate) : "–"
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnNumber
            }
        }
    }
}
