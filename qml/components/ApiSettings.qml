// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// The local interface for other programs: its switch, address and key.
Card {
    id: root

    required property ApiVm api
    required property SettingsVm settings

    padding: Metrics.huge
    spacing: Metrics.large

    HeadingText {
        text: qsTr("Other programs")
    }
    SettingRow {
        title: qsTr("Let programs of this computer use the models")
        note: qsTr("They speak to Loam as to OpenAI's service, at 127.0.0.1 and with a key. Nothing is open to the network.")

        ToggleSwitch {
            id: toggle
            objectName: "apiSwitch"
            name: qsTr("Let programs of this computer use the models")
            checked: root.api.on
            onToggled: root.api.setOn(checked)
        }
    }
    Banner {
        objectName: "apiError"
        visible: root.api.errorText !== ""
        tone: "danger"
        symbol: "circle-alert"
        text: root.api.errorText
        Layout.fillWidth: true
    }
    SettingRow {
        visible: root.api.on
        title: qsTr("Address")
        note: qsTr("The base URL that such programs ask for")

        CopyId {
            objectName: "apiUrl"
            name: qsTr("the address")
            keep: 0
            value: root.api.url
            onCopyRequested: value => root.settings.copy(value)
        }
    }
    SettingRow {
        visible: root.api.on || root.api.hasKey
        title: qsTr("Key")
        note: root.api.key !== "" ? qsTr("Copy it now: it is not kept and cannot be shown again.") : qsTr("Loam keeps only a fingerprint of it. A new key replaces the old one at once.")

        CopyId {
            objectName: "apiKey"
            name: qsTr("the key")
            keep: 8
            value: root.api.key
            onCopyRequested: value => root.settings.copy(value)
        }
        AppButton {
            objectName: "apiNewKey"
            symbol: "key-round"
            text: root.api.key !== "" ? qsTr("Hide") : qsTr("New key")
            onClicked: root.api.key !== "" ? root.api.hideKey() : root.api.makeKey()
        }
    }
    Connections {
        target: root.api
        function onChanged() {
            toggle.checked = root.api.on;
        }
    }
}
