// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.App
import Loam.Ui

/// The face of a button: an icon, a word, or both, in the middle.
Item {
    id: root

    required property string text
    required property string symbol
    required property color ink
    property int weight: Type.strong.weight
    property bool isUnderlined: false
    property real spacing: Metrics.small

    implicitWidth: row.implicitWidth
    implicitHeight: row.implicitHeight

    Row {
        id: row
        anchors.centerIn: parent
        spacing: root.spacing
        opacity: root.enabled ? 1 : 0.5

        LucideIcon {
            anchors.verticalCenter: parent.verticalCenter
            visible: root.symbol !== ""
            width: Metrics.iconSmall
            height: Metrics.iconSmall
            name: root.symbol
            color: root.ink
        }
        Text {
            anchors.verticalCenter: parent.verticalCenter
            visible: root.text !== ""
            text: root.text
            textFormat: Text.PlainText
            font.family: Type.strong.family
            font.pixelSize: Type.strong.pixelSize
            font.weight: root.weight
            font.underline: root.isUnderlined
            color: root.ink
        }
    }
}
