// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.Ui

/// A row of a table. A click or Return opens its details.
T.ItemDelegate {
    id: root

    property bool isChosen: false
    property bool clickable: true
    default property list<QtObject> cells

    implicitHeight: Metrics.row
    leftPadding: Metrics.large
    rightPadding: Metrics.large
    hoverEnabled: clickable
    focusPolicy: Qt.NoFocus
    Accessible.role: clickable ? Accessible.Button : Accessible.Row

    contentItem: RowLayout {
        spacing: Metrics.large
        data: root.cells
    }
    background: Rectangle {
        color: root.isChosen ? Theme.accentSoft : root.down && root.clickable ? Theme.press : root.hovered ? Theme.hover : "transparent"

        Rectangle {
            anchors.bottom: parent.bottom
            width: parent.width
            height: Metrics.hairline
            color: Theme.line
            opacity: Theme.isContrast ? 1 : 0.6
        }
        Rectangle {
            width: Metrics.markWidth
            height: parent.height
            color: Theme.accent
            visible: root.isChosen
        }
        FocusRing {
            anchors.margins: Metrics.hairline
            radius: Metrics.controlRadius
            shown: root.highlighted
        }
    }
}
