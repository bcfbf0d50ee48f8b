// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

/// A small whole number with a minus and a plus.
T.SpinBox {
    id: root

    required property string name

    implicitWidth: Metrics.columnNode
    implicitHeight: Metrics.control
    font: Type.body
    editable: true
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.SpinBox
    Accessible.name: name
    validator: IntValidator {
        bottom: root.from
        top: root.to
    }

    contentItem: TextInput {
        text: root.displayText
        font: root.font
        color: Theme.text
        selectionColor: Theme.accent
        selectedTextColor: Theme.accentInk
        horizontalAlignment: Qt.AlignHCenter
        verticalAlignment: Qt.AlignVCenter
        readOnly: !root.editable
        validator: root.validator
        inputMethodHints: Qt.ImhDigitsOnly
        selectByMouse: true
        Accessible.role: Accessible.EditableText
        Accessible.name: root.name
    }
    up.indicator: StepMark {
        x: root.width - width
        symbol: "plus"
        hovered: root.up.hovered
        active: root.value < root.to
    }
    down.indicator: StepMark {
        symbol: "minus"
        hovered: root.down.hovered
        active: root.value > root.from
    }
    background: Rectangle {
        radius: Metrics.controlRadius
        color: Theme.sunken
        border.width: root.activeFocus ? Metrics.focusWidth : Metrics.hairline
        border.color: root.activeFocus ? Theme.info : Theme.line
    }
}
