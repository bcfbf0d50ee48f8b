// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.Ui

/// A setting: its name and consequence on the left, the control on the right.
RowLayout {
    id: root

    required property string title
    property string note
    default property alias control: place.data

    spacing: Metrics.vast
    Layout.fillWidth: true

    ColumnLayout {
        spacing: 0
        Layout.fillWidth: true

        StrongText {
            text: root.title
            Layout.fillWidth: true
        }
        SmallText {
            visible: text !== ""
            text: root.note
            Layout.fillWidth: true
        }
    }
    RowLayout {
        id: place
        Layout.alignment: Qt.AlignRight | Qt.AlignVCenter
    }
}
