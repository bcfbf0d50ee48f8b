// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// When and with what this computer works for the network.
Card {
    id: root

    required property WorkVm work

    padding: Metrics.huge
    spacing: Metrics.large
    Component.onCompleted: {
        work.refresh();
        follow();
    }

    /// What the node holds is what is shown, also after it refused a wish.
    function follow() {
        device.currentIndex = device.indexOfValue(work.device);
        threads.currentIndex = work.threads;
        onlyWhenIdle.checked = work.onlyWhenIdle;
        onBattery.checked = work.onBattery;
        onMetered.checked = work.onMeteredNetwork;
    }

    Connections {
        target: root.work
        function onChanged() {
            root.follow();
        }
    }
    HeadingText {
        text: qsTr("Contribution")
    }
    Banner {
        objectName: "workError"
        visible: root.work.errorText !== ""
        tone: "danger"
        symbol: "circle-alert"
        text: root.work.errorText
        Layout.fillWidth: true
    }
    SettingRow {
        title: qsTr("Compute on")
        note: qsTr("By itself Loam takes a graphics card where there is one, else the processor.")

        Picker {
            id: device
            objectName: "workDevice"
            name: qsTr("Compute on")
            symbol: "cpu"
            model: root.work.devices
            textRole: "name"
            valueRole: "device"
            enabled: root.work.known
            onCountChanged: root.follow()
            onActivated: root.work.setDevice(currentValue)
        }
    }
    SettingRow {
        title: qsTr("Processor threads")
        note: qsTr("Fewer leave more of the computer to you. Takes effect with the next round.")

        Picker {
            id: threads
            objectName: "workThreads"
            name: qsTr("Processor threads")
            enabled: root.work.known
            model: root.work.threadChoices
            onActivated: index => root.work.setThreads(index)
        }
    }
    SettingRow {
        title: qsTr("Only while nobody uses this computer")

        ToggleSwitch {
            id: onlyWhenIdle
            objectName: "onlyWhenIdle"
            name: qsTr("Only while nobody uses this computer")
            onToggled: root.work.setOnlyWhenIdle(checked)
        }
    }
    SettingRow {
        title: qsTr("Also on battery")

        ToggleSwitch {
            id: onBattery
            objectName: "onBattery"
            name: qsTr("Also on battery")
            onToggled: root.work.setOnBattery(checked)
        }
    }
    SettingRow {
        title: qsTr("Also where traffic costs")
        note: qsTr("For example over a phone. A round sends less than a megabyte for a small model.")

        ToggleSwitch {
            id: onMetered
            objectName: "onMetered"
            name: qsTr("Also where traffic costs")
            onToggled: root.work.setOnMeteredNetwork(checked)
        }
    }
}
