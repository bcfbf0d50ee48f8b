// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

/// A switch. A tick inside the knob tells "on" without colour.
T.Switch {
    id: root

    required property string name

    implicitWidth: Metrics.switchWidth
    implicitHeight: Metrics.switchHeight
    focusPolicy: Qt.StrongFocus
    hoverEnabled: true
    Accessible.role: Accessible.CheckBox
    Accessible.name: name
    Accessible.checkable: true
    Accessible.checked: checked
    Accessible.onToggleAction: toggle()
    Accessible.onPressAction: toggle()
    Keys.onReturnPressed: toggle()
    Keys.onEnterPressed: toggle()

    contentItem: null
    background: Item {}
    indicator: Rectangle {
        width: Metrics.switchWidth
        height: Metrics.switchHeight
        radius: height / 2
        color: root.checked ? Theme.accent : Theme.sunken
        border.width: Metrics.hairline
        border.color: root.checked ? Theme.accent : Theme.muted
        opacity: root.enabled ? 1 : 0.5

        Rectangle {
            x: root.checked ? parent.width - width - Metrics.tiny : Metrics.tiny
            anchors.verticalCenter: parent.verticalCenter
            width: parent.height - 2 * Metrics.tiny
            height: width
            radius: width / 2
            color: root.checked ? Theme.accentInk : Theme.muted

            Behavior on x {
                NumberAnimation {
                    duration: Metrics.fast
                }
            }
            LucideIcon {
                anchors.centerIn: parent
                width: Metrics.medium
                height: Metrics.medium
                visible: root.checked
                name: "check"
                color: Theme.accent
            }
        }
        FocusRing {
            radius: height / 2
            shown: root.visualFocus
        }
    }
}
