// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Templates as T
import Loam.Ui

/// A line of explanation beside what is hovered or focused.
T.ToolTip {
    id: root

    property bool shown: false

    visible: shown && text !== ""
    delay: Metrics.tooltipDelay
    x: parent ? Math.round((parent.width - implicitWidth) / 2) : 0
    y: -implicitHeight - Metrics.tiny
    margins: Metrics.small
    leftPadding: Metrics.medium
    rightPadding: Metrics.medium
    topPadding: Metrics.small
    bottomPadding: Metrics.small
    implicitWidth: Math.min(Metrics.field, implicitContentWidth + leftPadding + rightPadding)
    implicitHeight: implicitContentHeight + topPadding + bottomPadding
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutsideParent

    contentItem: SmallText {
        text: root.text
        color: Theme.text
    }
    background: Rectangle {
        color: Theme.surface
        radius: Metrics.controlRadius
        border.width: Metrics.hairline
        border.color: Theme.line
    }
}
