// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.Ui

/// A number with its unit on one base line. The number shrinks before it is cut.
Item {
    id: root

    required property string value
    required property string unit
    property font valueFont: Type.display

    implicitWidth: number.implicitWidth + unitText.implicitWidth + Metrics.small
    implicitHeight: number.implicitHeight
    Accessible.role: Accessible.StaticText
    Accessible.name: value + " " + unit

    Text {
        id: number
        width: Math.min(implicitWidth, root.width - unitText.width - Metrics.small)
        height: implicitHeight
        text: root.value
        textFormat: Text.PlainText
        font: root.valueFont
        fontSizeMode: Text.HorizontalFit
        minimumPixelSize: Type.body.pixelSize
        color: Theme.text
        Accessible.ignored: true
    }
    Text {
        id: unitText
        anchors.left: number.right
        anchors.leftMargin: Metrics.small
        anchors.baseline: number.baseline
        text: root.unit
        textFormat: Text.PlainText
        font: Type.small
        color: Theme.muted
        Accessible.ignored: true
    }
}
