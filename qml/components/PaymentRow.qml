// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

TableRow {
    id: root

    required property int index
    required property bool loaded
    required property var time
    required property var kind
    required property var amount
    required property var balance
    required property var reason
    required property var memo
    required property real now
    property bool isTight: false

    Accessible.name: loaded ? Format.local.kindWord(kind) + ", " + Format.local.signedAmount(amount) + ", " + reason : qsTr("Loading")

    CellText {
        text: root.loaded ? Format.local.relativeTime(root.time, root.now) : ""
        color: Theme.muted
        Layout.preferredWidth: Metrics.columnTime
    }
    RowLayout {
        spacing: Metrics.small
        Layout.fillWidth: false
        Layout.preferredWidth: Metrics.columnKind

        LucideIcon {
            visible: root.loaded
            name: root.loaded ? Format.local.kindIcon(root.kind) : ""
            color: root.loaded && Format.local.isNegative(root.amount) ? Theme.muted : Theme.gold
            Layout.preferredWidth: Metrics.iconSmall
            Layout.preferredHeight: Metrics.iconSmall
        }
        CellText {
            text: root.loaded ? Format.local.kindWord(root.kind) : ""
            Layout.fillWidth: true
        }
    }
    CellText {
        text: root.loaded ? (root.memo || Format.local.reasonText(root.reason ?? "")) : ""
        color: Theme.muted
        Layout.fillWidth: true
    }
    CellText {
        text: root.loaded ? Format.local.signedAmount(root.amount) : ""
        font: Type.strong
        horizontalAlignment: Text.AlignRight
        Layout.preferredWidth: Metrics.columnAmount
    }
    CellText {
        visible: !root.isTight
        text: root.loaded ? Format.local.amount(root.balance) : ""
        color: Theme.muted
        horizontalAlignment: Text.AlignRight
        Layout.preferredWidth: Metrics.columnAmount
    }
}
