// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// What each node of a practice run ended with.
Card {
    id: root

    required property RecordsModel results
    readonly property bool isTight: width < Metrics.tightTable

    signal copyRequested(string value)

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
            text: qsTr("Role")
            Layout.fillWidth: true
        }
        HeaderCell {
            text: qsTr("Block")
            horizontalAlignment: Text.AlignRight
            Layout.preferredWidth: Metrics.columnNumber
        }
        HeaderCell {
            visible: !root.isTight
            text: qsTr("Audit root")
            Layout.preferredWidth: Metrics.columnNode
        }
        HeaderCell {
            text: qsTr("Earned")
            horizontalAlignment: Text.AlignRight
            Layout.preferredWidth: Metrics.columnAmount
        }
    }
    Divider {}
    Repeater {
        model: root.results

        TableRow {
            id: row
            required property string node
            required property var role
            required property var blockHeight
            required property var auditRoot
            required property var balance

            clickable: false
            Layout.fillWidth: true
            Accessible.name: node

            MonoText {
                text: Format.local.shortId(row.node, 4)
                Layout.preferredWidth: Metrics.columnNode
            }
            RowLayout {
                Layout.fillWidth: true

                Badge {
                    symbol: row.role === "byzantine" ? "user-x" : "shield-check"
                    tone: row.role === "byzantine" ? "danger" : "plain"
                    text: Format.local.roleWord(row.role ?? "")
                }
                Item {
                    Layout.fillWidth: true
                }
            }
            CellText {
                text: Format.local.count(row.blockHeight ?? 0)
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnNumber
            }
            RowLayout {
                visible: !root.isTight
                Layout.fillWidth: false
                Layout.preferredWidth: Metrics.columnNode

                CopyId {
                    Layout.leftMargin: -Metrics.tiny
                    name: qsTr("audit root")
                    keep: 4
                    value: row.auditRoot ?? ""
                    onCopyRequested: value => root.copyRequested(value)
                }
                Item {
                    Layout.fillWidth: true
                }
            }
            CellText {
                text: Format.local.amountWithUnit(row.balance ?? "0")
                font: Type.strong
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnAmount
            }
        }
    }
}
