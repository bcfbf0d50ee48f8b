// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// One sentence that matters now, with at most one thing to do about it.
Rectangle {
    id: root

    required property string text
    property string symbol: "info"
    property string tone: "info"
    property string actionText

    signal action

    implicitHeight: row.implicitHeight + 2 * Metrics.small
    radius: Metrics.controlRadius
    color: Theme.toneSoft(tone)
    border.width: Theme.isContrast ? Metrics.hairline : 0
    border.color: Theme.line
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    RowLayout {
        id: row
        anchors.fill: parent
        anchors.leftMargin: Metrics.medium
        anchors.rightMargin: Metrics.small
        anchors.topMargin: Metrics.small
        anchors.bottomMargin: Metrics.small
        spacing: Metrics.medium

        LucideIcon {
            name: root.symbol
            color: Theme.tone(root.tone)
            Layout.preferredWidth: Metrics.iconSmall
            Layout.preferredHeight: Metrics.iconSmall
            Layout.alignment: Qt.AlignTop
            Layout.topMargin: Metrics.focusWidth
        }
        BodyText {
            text: root.text
            color: Theme.text
            Layout.fillWidth: true
        }
        AppButton {
            objectName: root.objectName + "Action"
            kind: "quiet"
            visible: text !== ""
            text: root.actionText
            onClicked: root.action()
        }
    }
}
