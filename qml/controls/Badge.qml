// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.App
import Loam.Ui

/// An icon and a word on a soft ground.
Rectangle {
    id: root

    required property string text
    required property string symbol
    property string tone: "plain"

    implicitWidth: row.implicitWidth + 2 * Metrics.small
    implicitHeight: Type.smallLine + Metrics.small
    radius: Metrics.controlRadius
    color: Theme.toneSoft(tone)
    border.width: Theme.isContrast ? Metrics.hairline : 0
    border.color: Theme.line
    Accessible.role: Accessible.StaticText
    Accessible.name: text

    Row {
        id: row
        anchors.centerIn: parent
        spacing: Metrics.tiny + 2

        LucideIcon {
            anchors.verticalCenter: parent.verticalCenter
            width: Metrics.iconSmall - 2
            height: width
            name: root.symbol
            color: Theme.tone(root.tone)
        }
        Text {
            anchors.verticalCenter: parent.verticalCenter
            text: root.text
            textFormat: Text.PlainText
            font: Type.smallStrong
            color: Theme.tone(root.tone)
        }
    }
}
