// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// One folder or file the owner added, and what is in it.
TableRow {
    id: root

    required property int index
    required property int sourceId
    required property string path
    required property var files
    required property var waiting
    required property var poor
    required property var failed
    required property var tokens
    required property var redacted
    required property bool scanned
    required property DataVm vm

    objectName: "source" + index
    focusPolicy: Qt.StrongFocus
    highlighted: visualFocus
    Accessible.name: path + ", " + line.text
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    LucideIcon {
        name: "folder"
        color: Theme.muted
        Layout.preferredWidth: Metrics.iconSmall
        Layout.preferredHeight: Metrics.iconSmall
    }
    CellText {
        text: root.path
        elide: Text.ElideMiddle
        font: Type.strong
        Layout.fillWidth: true
        Layout.preferredWidth: 3
    }
    CellText {
        id: line
        text: root.vm.sourceLine({
            "files": root.files,
            "waiting": root.waiting,
            "poor": root.poor,
            "failed": root.failed,
            "scanned": root.scanned
        })
        color: Theme.muted
        Layout.fillWidth: true
        Layout.preferredWidth: 2
    }
    CellText {
        text: Format.local.count(root.tokens)
        horizontalAlignment: Text.AlignRight
        Layout.preferredWidth: Metrics.columnNumber
    }
    CellText {
        text: Format.local.count(root.redacted)
        horizontalAlignment: Text.AlignRight
        Layout.preferredWidth: Metrics.columnNumber
    }
    LucideIcon {
        name: "chevron-right"
        color: Theme.muted
        Layout.preferredWidth: Metrics.iconSmall
        Layout.preferredHeight: Metrics.iconSmall
    }
}
