// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// One file: its path, the verdict, and whether its present text has been seen.
TableRow {
    id: root

    required property int index
    required property string path
    required property string fileState
    required property string verdict
    required property string reason
    required property var tokens
    required property bool seen
    required property bool struck
    required property DataVm vm
    readonly property bool isUsable: fileState === "ready" && verdict === "good" && !struck

    objectName: "file" + index
    implicitHeight: Metrics.row + Metrics.large
    leftPadding: Metrics.medium
    rightPadding: Metrics.medium
    focusPolicy: Qt.StrongFocus
    highlighted: visualFocus
    Accessible.name: path + ", " + word.text
    Accessible.description: reason
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    ColumnLayout {
        spacing: 0

        CellText {
            text: root.path
            elide: Text.ElideMiddle
            Layout.fillWidth: true
        }
        SmallText {
            text: root.reason !== "" ? root.reason : root.fileState === "waiting" ? qsTr("Not read yet") : root.seen ? qsTr("%1 tokens").arg(Format.local.count(root.tokens)) : qsTr("%1 tokens, not seen yet").arg(Format.local.count(root.tokens))
            maximumLineCount: 1
            elide: Text.ElideRight
            Layout.fillWidth: true
        }
    }
    Badge {
        id: word
        text: root.vm.verdictWord(root.fileState, root.verdict, root.struck)
        symbol: root.isUsable ? "circle-check" : root.fileState === "waiting" ? "hourglass" : "ban"
        tone: root.isUsable ? "accent" : root.fileState === "waiting" ? "gold" : "plain"
    }
}
