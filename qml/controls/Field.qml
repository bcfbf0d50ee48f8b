// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.Ui

/// A labelled line of input with room for one sentence about what is wrong.
ColumnLayout {
    id: root

    required property string label
    property alias text: input.text
    property alias placeholder: input.placeholderText
    property alias secret: input.secret
    property alias mono: input.mono
    property alias input: input
    property string errorText
    property string hint

    signal accepted

    spacing: Metrics.tiny
    Layout.fillWidth: true

    SmallText {
        text: root.label
        color: Theme.text
        font: Type.smallStrong
        Layout.fillWidth: true
    }
    TextInputBox {
        id: input
        objectName: root.objectName + "Input"
        name: root.label
        hasError: root.errorText !== ""
        Layout.fillWidth: true
        onAccepted: root.accepted()
    }
    SmallText {
        visible: text !== ""
        text: root.errorText !== "" ? root.errorText : root.hint
        color: root.errorText !== "" ? Theme.danger : Theme.muted
        Layout.fillWidth: true
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }
}
