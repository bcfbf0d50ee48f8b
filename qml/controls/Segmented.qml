// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Loam.Ui

/// One of a few choices, all of them in sight. Arrow keys move between them.
Rectangle {
    id: root

    required property string name
    /// [{value, label, symbol}]
    required property var choices
    property var value

    signal chosen(var value)

    implicitWidth: row.implicitWidth + 2 * Metrics.hairline
    implicitHeight: Metrics.control
    radius: Metrics.controlRadius
    color: Theme.sunken
    border.width: Metrics.hairline
    border.color: Theme.line
    Accessible.role: Accessible.Grouping
    Accessible.name: name

    Row {
        id: row
        anchors.centerIn: parent

        Repeater {
            model: root.choices

            T.RadioButton {
                id: choice

                required property var modelData
                required property int index
                readonly property bool isChosen: modelData.value === root.value

                objectName: root.objectName + modelData.value
                implicitWidth: implicitContentWidth + 2 * Metrics.large
                implicitHeight: root.implicitHeight - 2 * Metrics.hairline
                text: modelData.label
                checked: isChosen
                autoExclusive: false
                focusPolicy: Qt.StrongFocus
                hoverEnabled: true
                Accessible.role: Accessible.RadioButton
                Accessible.name: text
                Accessible.checked: isChosen
                Keys.onRightPressed: nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
                Keys.onLeftPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.TabFocusReason)
                onClicked: root.chosen(modelData.value)

                indicator: null
                contentItem: IconAndText {
                    text: choice.text
                    symbol: choice.modelData.symbol ?? ""
                    ink: choice.isChosen ? Theme.text : Theme.muted
                    weight: choice.isChosen ? Font.DemiBold : Font.Normal
                    isUnderlined: Theme.isContrast && choice.isChosen
                }
                background: Rectangle {
                    radius: Metrics.controlRadius - 1
                    color: choice.isChosen ? Theme.surface : choice.hovered ? Theme.hover : "transparent"
                    border.width: choice.isChosen ? Metrics.hairline : 0
                    border.color: Theme.line

                    FocusRing {
                        anchors.margins: Metrics.hairline
                        radius: Metrics.controlRadius - 1
                        shown: choice.visualFocus
                    }
                }
            }
        }
    }
}
