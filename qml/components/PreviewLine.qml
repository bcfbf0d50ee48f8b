// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// One line of a document. What is taken out is struck through and named.
RowLayout {
    id: root

    required property int number
    required property string fate
    required property var segments
    required property DataVm vm
    readonly property bool isUsed: fate === "used"
    readonly property string fateWord: fate === "struck" ? qsTr("struck by you") : fate === "boilerplate" ? qsTr("repeats, left out") : ""

    spacing: Metrics.small

    SmallText {
        text: root.number
        horizontalAlignment: Text.AlignRight
        Layout.preferredWidth: Metrics.vast
        Layout.alignment: Qt.AlignTop
        Accessible.ignored: true
    }
    Text {
        text: root.vm.styled(root.segments, Theme.danger) + (root.isUsed ? "" : " <i>(" + root.fateWord + ")</i>")
        textFormat: Text.StyledText
        wrapMode: Text.Wrap
        font.family: Type.body.family
        font.pixelSize: Type.body.pixelSize
        font.strikeout: !root.isUsed
        color: root.isUsed ? Theme.text : Theme.muted
        Layout.fillWidth: true
        Layout.alignment: Qt.AlignTop
        Accessible.role: Accessible.StaticText
        Accessible.name: text.replace(/<[^>]*>/g, "")
    }
    IconButton {
        objectName: "strikeLine" + root.number
        visible: root.isUsed && root.segments.length > 0
        symbol: "x"
        name: qsTr("Never use this line")
        implicitHeight: Metrics.huge
        implicitWidth: Metrics.huge
        Layout.alignment: Qt.AlignTop
        onClicked: root.vm.strikeLine(root.number)
    }
}
