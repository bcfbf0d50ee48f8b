// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Templates as T
import Loam.Ui

/// The bare input box.
T.TextField {
    id: root

    required property string name
    property bool secret: false
    property bool mono: false
    property bool hasError: false

    implicitWidth: Metrics.field
    implicitHeight: Metrics.control
    leftPadding: Metrics.medium
    rightPadding: Metrics.medium
    verticalAlignment: TextInput.AlignVCenter
    font: mono ? Type.mono : Type.body
    color: Theme.text
    placeholderTextColor: Theme.muted
    selectionColor: Theme.accent
    selectedTextColor: Theme.accentInk
    selectByMouse: true
    echoMode: secret ? TextInput.Password : TextInput.Normal
    inputMethodHints: secret ? Qt.ImhSensitiveData | Qt.ImhNoPredictiveText : Qt.ImhNone
    Accessible.role: Accessible.EditableText
    Accessible.name: name
    Accessible.passwordEdit: secret

    background: Rectangle {
        radius: Metrics.controlRadius
        color: Theme.sunken
        border.width: root.activeFocus ? Metrics.focusWidth : Metrics.hairline
        border.color: root.hasError ? Theme.danger : root.activeFocus ? Theme.info : Theme.line
    }

    Text {
        x: root.leftPadding
        width: root.width - root.leftPadding - root.rightPadding
        height: root.height
        visible: root.text === "" && root.preeditText === ""
        text: root.placeholderText
        textFormat: Text.PlainText
        verticalAlignment: Text.AlignVCenter
        font: root.font
        color: Theme.muted
        elide: Text.ElideRight
    }
}
