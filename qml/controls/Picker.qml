// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

/// One of many choices behind a button. Arrow keys change it, Space opens the list.
T.ComboBox {
    id: root

    required property string name
    property string symbol
    /// What stands there while nothing is chosen.
    property string placeholder

    implicitWidth: Metrics.field
    implicitHeight: Metrics.control
    leftPadding: Metrics.medium
    rightPadding: Metrics.large + Metrics.iconSmall
    font: Type.body
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    Accessible.role: Accessible.ComboBox
    Accessible.name: name
    Keys.onReturnPressed: popup.open()

    indicator: LucideIcon {
        x: root.width - width - Metrics.small - Metrics.tiny
        y: (root.height - height) / 2
        width: Metrics.iconSmall
        height: Metrics.iconSmall
        name: "chevron-down"
        color: Theme.muted
    }
    contentItem: RowLayout {
        spacing: Metrics.small

        LucideIcon {
            visible: root.symbol !== ""
            name: root.symbol
            color: Theme.muted
            Layout.preferredWidth: Metrics.iconSmall
            Layout.preferredHeight: Metrics.iconSmall
        }
        CellText {
            text: root.currentIndex < 0 ? root.placeholder : root.displayText
            color: root.currentIndex < 0 ? Theme.muted : Theme.text
            Layout.fillWidth: true
        }
    }
    background: Rectangle {
        radius: Metrics.controlRadius
        color: root.down ? Theme.press : root.hovered ? Theme.hover : Theme.surface
        border.width: Metrics.hairline
        border.color: Theme.line

        FocusRing {
            shown: root.visualFocus
        }
    }
    delegate: T.ItemDelegate {
        id: choice

        required property int index
        readonly property string label: root.textAt(index)

        width: ListView.view.width
        implicitHeight: Metrics.row
        leftPadding: Metrics.medium
        rightPadding: Metrics.medium
        highlighted: root.highlightedIndex === index
        hoverEnabled: true
        Accessible.role: Accessible.ListItem
        Accessible.name: label

        contentItem: CellText {
            text: choice.label
            font: choice.index === root.currentIndex ? Type.strong : Type.body
        }
        background: Rectangle {
            color: choice.highlighted ? Theme.hover : "transparent"

            Rectangle {
                width: Metrics.markWidth
                height: parent.height
                color: Theme.accent
                visible: choice.index === root.currentIndex
            }
        }
    }
    popup: T.Popup {
        y: root.height + Metrics.tiny
        width: Math.max(root.width, Metrics.field)
        implicitHeight: Math.min(root.count, 7) * Metrics.row + 2 * Metrics.hairline
        padding: Metrics.hairline
        margins: Metrics.small

        contentItem: ListView {
            clip: true
            implicitHeight: contentHeight
            model: root.popup.visible ? root.delegateModel : null
            currentIndex: root.highlightedIndex
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ThinScrollBar {}
        }
        background: Rectangle {
            radius: Metrics.controlRadius
            color: Theme.surface
            border.width: Metrics.hairline
            border.color: Theme.line
        }
    }
}
