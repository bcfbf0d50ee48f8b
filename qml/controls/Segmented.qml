// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Templates as T
import Loam.App
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
                contentItem: Item {
                    implicitWidth: content.implicitWidth
                    implicitHeight: content.implicitHeight

                    Row {
                        id: content
                        anchors.centerIn: parent
                        spacing: Metrics.small

                        LucideIcon {
                            anchors.verticalCenter: parent.verticalCenter
                            width: Metrics.iconSmall
                            height: Metrics.iconSmall
                            visible: name !== ""
                            name: choice.modelData.symbol ?? ""
                            color: choice.isChosen ? Theme.text : Theme.muted
                        }
                        Text {
                            anchors.verticalCenter: parent.verticalCenter
                            text: choice.text
                            textFormat: Text.PlainText
                            font.family: Type.strong.family
                            font.pixelSize: Type.strong.pixelSize
                            font.weight: choice.isChosen ? Font.DemiBold : Font.Normal
                            font.underline: Theme.isContrast && choice.isChosen
                            color: choice.isChosen ? Theme.text : Theme.muted
                        }
                    }
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
