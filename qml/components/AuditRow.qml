// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

TableRow {
    id: root

    required property int index
    required property bool loaded
    required property var entry
    required property var time
    required property var kind
    required property var node
    required property var message
    required property var reason
    required property var amount
    readonly property string summary: loaded ? Format.local.entryText(kind, message ?? "", reason ?? "", amount ?? "") : " "
    required property real now
    property bool isTight: false

    Accessible.name: loaded ? Format.local.count(entry) + ", " + Format.local.kindWord(kind) + ", " + summary : qsTr("Loading")

    CellText {
        text: root.loaded ? Format.local.count(root.entry) : ""
        color: Theme.muted
        horizontalAlignment: Text.AlignRight
        Layout.preferredWidth: Metrics.columnNumber
    }
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
            color: Theme.muted
            Layout.preferredWidth: Metrics.iconSmall
            Layout.preferredHeight: Metrics.iconSmall
        }
        CellText {
            text: root.loaded ? Format.local.kindWord(root.kind) : ""
            Layout.fillWidth: true
        }
    }
    MonoText {
        visible: !root.isTight
        text: root.loaded && root.node ? Format.local.shortId(root.node, 4) : ""
        font: Type.monoSmall
        color: Theme.muted
        Layout.preferredWidth: Metrics.columnNode
    }
    Item {
        Layout.fillWidth: true
        implicitHeight: label.implicitHeight

        CellText {
            id: label
            width: parent.width
            text: root.summary
        }
        Skeleton {
            visible: !root.loaded
            width: parent.width * 0.5
            anchors.verticalCenter: parent.verticalCenter
        }
    }
}
