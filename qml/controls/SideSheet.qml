// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.Ui

/// Details beside the page, not over it in the way of a dialog: the table stays usable.
FocusScope {
    id: root

    required property string title
    property bool isOpen: false
    default property alias content: column.data

    signal closed

    function open() {
        isOpen = true;
        closeButton.forceActiveFocus(Qt.OtherFocusReason);
    }
    function close() {
        isOpen = false;
        root.closed();
    }

    anchors.top: parent?.top
    anchors.bottom: parent?.bottom
    x: parent ? parent.width - (isOpen ? width : 0) : 0
    width: Metrics.sheet
    visible: parent !== null && x < parent.width
    enabled: isOpen
    Accessible.role: Accessible.Pane
    Accessible.name: title
    Keys.onEscapePressed: close()

    Behavior on x {
        NumberAnimation {
            duration: Metrics.slow
            easing.type: Easing.OutCubic
        }
    }

    Rectangle {
        anchors.fill: parent
        color: Theme.surface
    }
    Rectangle {
        width: Metrics.hairline
        height: parent.height
        color: Theme.line
    }
    MouseArea {
        // Clicks and wheels that hit nothing stay on the sheet.
        anchors.fill: parent
        onWheel: wheel => wheel.accepted = true
    }
    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        RowLayout {
            Layout.fillWidth: true
            Layout.leftMargin: Metrics.huge
            Layout.rightMargin: Metrics.medium
            Layout.topMargin: Metrics.large
            Layout.bottomMargin: Metrics.medium

            TitleText {
                text: root.title
                Layout.fillWidth: true
            }
            IconButton {
                id: closeButton
                objectName: root.objectName + "Close"
                symbol: "x"
                name: qsTr("Close")
                focus: true
                onClicked: root.close()
            }
        }
        Divider {}
        Flickable {
            Layout.fillWidth: true
            Layout.fillHeight: true
            contentWidth: width
            contentHeight: column.implicitHeight + 2 * Metrics.huge
            boundsBehavior: Flickable.StopAtBounds
            clip: true
            T.ScrollBar.vertical: ThinScrollBar {}

            ColumnLayout {
                id: column
                x: Metrics.huge
                y: Metrics.huge
                width: parent.width - 2 * Metrics.huge
                spacing: Metrics.large
            }
        }
    }
}
