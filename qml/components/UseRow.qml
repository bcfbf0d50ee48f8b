// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// One entry of the owner's own log.
TableRow {
    id: root

    required property bool loaded
    required property var time
    required property var kind
    required property var path
    required property var tokens
    required property var note
    required property real now
    required property DataVm vm

    clickable: false
    Accessible.name: loaded ? root.vm.useWord(kind) + ", " + (path || note) : qsTr("Loading")

    CellText {
        text: root.loaded ? Format.local.relativeTime(root.time, root.now) : ""
        color: Theme.muted
        Layout.preferredWidth: Metrics.columnTime
    }
    CellText {
        text: root.loaded ? root.vm.useWord(root.kind) : ""
        Layout.preferredWidth: Metrics.columnKind
    }
    CellText {
        text: root.loaded ? (root.path || root.note || "") : ""
        color: Theme.muted
        elide: Text.ElideMiddle
        Layout.fillWidth: true
    }
    CellText {
        text: root.loaded && root.tokens > 0 ? qsTr("%1 tokens").arg(Format.local.count(root.tokens)) : ""
        horizontalAlignment: Text.AlignRight
        Layout.preferredWidth: Metrics.columnAmount
    }
}
