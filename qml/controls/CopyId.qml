// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

/// An id or hash, shortened in the middle; a click copies all of it.
T.Button {
    id: root

    required property string value
    required property string name
    property int keep: 6
    property bool isCopied: false

    signal copyRequested(string value)

    implicitWidth: implicitContentWidth + leftPadding + rightPadding
    implicitHeight: Metrics.huge + Metrics.tiny
    leftPadding: Metrics.tiny
    rightPadding: Metrics.tiny
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    visible: value !== ""
    Accessible.role: Accessible.Button
    Accessible.name: qsTr("Copy %1: %2").arg(name).arg(value)
    Keys.onReturnPressed: clicked()
    onClicked: {
        root.copyRequested(root.value);
        root.isCopied = true;
        back.restart();
    }

    contentItem: Row {
        spacing: Metrics.small

        MonoText {
            anchors.verticalCenter: parent.verticalCenter
            text: root.keep > 0 ? Format.local.shortId(root.value, root.keep) : root.value
        }
        LucideIcon {
            anchors.verticalCenter: parent.verticalCenter
            width: Metrics.iconSmall - 2
            height: width
            name: root.isCopied ? "check" : "copy"
            color: root.isCopied ? Theme.accent : Theme.muted
        }
    }
    background: Rectangle {
        radius: Metrics.controlRadius
        color: root.down ? Theme.press : root.hovered ? Theme.hover : "transparent"

        FocusRing {
            anchors.margins: 0
            shown: root.visualFocus
        }
    }

    Hint {
        shown: root.hovered
        text: root.isCopied ? qsTr("Copied") : root.value
    }
    Timer {
        id: back
        interval: Metrics.copied
        onTriggered: root.isCopied = false
    }
}
