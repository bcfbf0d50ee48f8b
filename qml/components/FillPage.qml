// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// A page whose table fills what is left of the window.
Item {
    id: root

    required property NodeVm node
    required property string title
    property string sentence
    property alias actions: header.actions
    default property alias content: column.data

    ColumnLayout {
        id: column
        anchors.top: parent.top
        anchors.bottom: parent.bottom
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.topMargin: Metrics.huge
        anchors.bottomMargin: Metrics.huge
        width: Math.min(Metrics.content, root.width - 2 * Metrics.huge)
        spacing: Metrics.large

        PageHeader {
            id: header
            node: root.node
            title: root.title
            sentence: root.sentence
            Layout.fillWidth: true
            Layout.fillHeight: false
            Layout.bottomMargin: Metrics.small
        }
    }
}
