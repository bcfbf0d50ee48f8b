// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.Ui

/// A name and a value, one above the other.
ColumnLayout {
    id: root

    required property string label
    required property string value
    property bool mono: false

    spacing: mono ? Metrics.tiny : 0
    Layout.fillWidth: true
    Accessible.role: Accessible.StaticText
    Accessible.name: label + ": " + value

    SmallText {
        text: root.label
        Layout.fillWidth: true
    }
    BodyText {
        text: root.value
        font: root.mono ? Type.monoSmall : Type.body
        wrapMode: root.mono ? Text.WrapAnywhere : Text.Wrap
        Layout.fillWidth: true
    }
}
