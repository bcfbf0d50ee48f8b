// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

/// What was allowed, the standing limits, and what was done.
ColumnLayout {
    id: root

    required property DataVm vm
    required property real now

    signal grantRequested

    spacing: Metrics.large

    Card {
        padding: Metrics.hairline
        spacing: 0
        Layout.fillWidth: true

        RowLayout {
            Layout.margins: Metrics.large
            spacing: Metrics.large

            ColumnLayout {
                spacing: 0
                HeadingText {
                    text: qsTr("Consents")
                    Layout.fillWidth: true
                }
                SmallText {
                    text: root.vm.grants.count > 0 ? qsTr("Each is signed, ends by itself, and stops at once when you end it.") : qsTr("You have not allowed anything yet.")
                    Layout.fillWidth: true
                }
            }
            AppButton {
                objectName: "openGrant"
                symbol: "check"
                text: qsTr("Give consent…")
                enabled: root.vm.files > 0
                onClicked: root.grantRequested()
            }
        }
        Divider {
            visible: root.vm.grants.count > 0
        }
        Repeater {
            model: root.vm.grants

            GrantRow {
                vm: root.vm
                Layout.fillWidth: true
            }
        }
    }
    Card {
        spacing: Metrics.large
        Layout.fillWidth: true

        HeadingText {
            text: qsTr("Your limits")
            Layout.fillWidth: true
        }
        SettingRow {
            title: qsTr("A model of your own, at home")
            note: qsTr("Nothing leaves this computer.")

            ToggleSwitch {
                objectName: "allowAdapters"
                name: qsTr("A model of your own, at home")
                checked: root.vm.adapters
                onToggled: root.vm.answer("adapters", checked)
            }
        }
        SettingRow {
            title: qsTr("Shared, private training")
            note: qsTr("Switching it off ends every such use before its next step. No run can change this.")

            ToggleSwitch {
                objectName: "allowShared"
                name: qsTr("Shared, private training")
                checked: root.vm.privateLane
                onToggled: root.vm.answer("private_lane", checked)
            }
        }
    }
    Card {
        padding: Metrics.hairline
        spacing: 0
        Layout.fillWidth: true

        RowLayout {
            Layout.margins: Metrics.large
            spacing: Metrics.small

            ColumnLayout {
                spacing: 0
                HeadingText {
                    text: qsTr("What was used, and when")
                    Layout.fillWidth: true
                }
                SmallText {
                    text: qsTr("Your own log, kept on this computer. Entries are chained, so that a changed one is noticed.")
                    Layout.fillWidth: true
                }
            }
        }
        Divider {}
        ListView {
            objectName: "dataUses"
            Layout.fillWidth: true
            Layout.preferredHeight: Metrics.row * Math.max(1, Math.min(8, root.vm.uses.count))
            model: root.vm.uses
            clip: true
            reuseItems: true
            activeFocusOnTab: true
            boundsBehavior: Flickable.StopAtBounds
            Accessible.role: Accessible.Table
            Accessible.name: qsTr("What was used, and when")
            T.ScrollBar.vertical: ThinScrollBar {}

            delegate: UseRow {
                width: ListView.view.width
                now: root.now
                vm: root.vm
            }
        }
    }
}
