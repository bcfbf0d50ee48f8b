// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.Ui

/// A large number under a small label.
ColumnLayout {
    id: root

    required property string label
    required property string value
    property string unit

    spacing: 0
    Accessible.role: Accessible.StaticText
    Accessible.name: label + ": " + value + " " + unit

    SmallText {
        text: root.label
        wrapMode: Text.NoWrap
    }
    RowLayout {
        spacing: Metrics.tiny + 2

        TitleText {
            text: root.value
            Accessible.ignored: true
        }
        SmallText {
            visible: text !== ""
            text: root.unit
            wrapMode: Text.NoWrap
            Layout.alignment: Qt.AlignBaseline
        }
    }
}
