// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// What every page says above itself when the node does not answer or has refused something.
ColumnLayout {
    id: root

    required property NodeVm node
    readonly property bool hasError: node.connected && node.errorText !== ""

    // A layout all of whose items went away would keep their height.
    visible: !node.connected || hasError
    spacing: 0

    Banner {
        objectName: "connectionBanner"
        visible: !root.node.connected
        tone: "gold"
        symbol: "unplug"
        text: root.node.id === "" ? qsTr("Loam's node is being started…") : qsTr("Loam's node does not answer; it is being started again. What you see may be old.")
        Layout.fillWidth: true
        Layout.margins: Metrics.medium
        Layout.bottomMargin: 0
    }
    Banner {
        objectName: "errorBanner"
        visible: root.hasError
        tone: "danger"
        symbol: "circle-alert"
        text: root.node.errorText
        actionText: qsTr("Dismiss")
        Layout.fillWidth: true
        Layout.margins: Metrics.medium
        Layout.bottomMargin: 0
        onAction: root.node.dismissError()
    }
}
