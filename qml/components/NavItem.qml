// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

/// One place in the rail: icon above word, or the icon alone when narrow.
T.Button {
    id: root

    required property string page
    required property string symbol
    required property string currentPage
    property bool narrow: false
    readonly property bool isCurrent: page === currentPage

    signal chosen(string page)

    objectName: "nav_" + page
    implicitHeight: narrow ? Metrics.railItemNarrow : Metrics.railItem
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    Accessible.role: Accessible.PageTab
    Accessible.name: text
    Accessible.selected: isCurrent
    Accessible.onPressAction: chosen(page)
    Keys.onReturnPressed: chosen(page)
    Keys.onUpPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
    Keys.onDownPressed: nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
    onClicked: chosen(page)

    contentItem: Item {
        Column {
            anchors.centerIn: parent
            width: parent.width
            spacing: Metrics.tiny

            LucideIcon {
                anchors.horizontalCenter: parent.horizontalCenter
                width: Metrics.icon
                height: Metrics.icon
                name: root.symbol
                color: root.isCurrent ? Theme.accent : Theme.muted
            }
            Text {
                anchors.horizontalCenter: parent.horizontalCenter
                width: parent.width - 2 * Metrics.small - Metrics.focusWidth
                height: implicitHeight
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: Type.smallest
                visible: !root.narrow
                horizontalAlignment: Text.AlignHCenter
                text: root.text
                textFormat: Text.PlainText
                font.family: Type.small.family
                font.pixelSize: Type.small.pixelSize
                font.weight: root.isCurrent ? Font.DemiBold : Font.Normal
                font.underline: Theme.isContrast && root.isCurrent
                color: root.isCurrent ? Theme.text : Theme.muted
                elide: Text.ElideRight
            }
        }
    }
    background: Item {
        Rectangle {
            anchors.fill: parent
            anchors.leftMargin: Metrics.small
            anchors.rightMargin: Metrics.small
            radius: Metrics.cardRadius
            color: root.isCurrent ? Theme.accentSoft : root.down ? Theme.press : root.hovered ? Theme.hover : "transparent"
            border.width: Theme.isContrast && root.isCurrent ? Metrics.hairline : 0
            border.color: Theme.line

            FocusRing {
                anchors.margins: -Metrics.hairline
                shown: root.visualFocus
            }
        }
    }

    Hint {
        shown: root.narrow && (root.hovered || root.visualFocus)
        text: root.text
    }
}
