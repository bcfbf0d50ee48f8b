// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// Says what will appear here and offers the one step that makes it appear.
ColumnLayout {
    id: root

    required property string symbol
    required property string title
    required property string text
    property string actionText

    signal action

    spacing: Metrics.medium

    Rectangle {
        Layout.alignment: Qt.AlignHCenter
        Layout.preferredWidth: Metrics.grand + Metrics.small
        Layout.preferredHeight: Metrics.grand + Metrics.small
        radius: width / 2
        color: Theme.sunken
        border.width: Theme.isContrast ? Metrics.hairline : 0
        border.color: Theme.line

        LucideIcon {
            anchors.centerIn: parent
            width: Metrics.huge
            height: Metrics.huge
            name: root.symbol
            color: Theme.muted
        }
    }
    HeadingText {
        text: root.title
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.Wrap
        Layout.fillWidth: true
    }
    MutedText {
        text: root.text
        horizontalAlignment: Text.AlignHCenter
        Layout.alignment: Qt.AlignHCenter
        Layout.fillWidth: true
        Layout.maximumWidth: Metrics.dialog
    }
    AppButton {
        objectName: root.objectName + "Action"
        visible: text !== ""
        text: root.actionText
        Layout.alignment: Qt.AlignHCenter
        onClicked: root.action()
    }
}
