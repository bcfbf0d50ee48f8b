// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// Joins a network by its invitation, or founds one.
SideSheet {
    id: root

    required property NetworkVm network
    required property SettingsVm settings
    property bool isCreating: false

    function openFor(creating: bool) {
        isCreating = creating;
        network.reset();
        open();
    }

    objectName: "entrySheet"
    title: isCreating ? qsTr("Create a network") : qsTr("Join a network")

    MutedText {
        text: root.isCreating ? qsTr("This computer becomes the first validator. Afterwards you can invite others; there is no central server.") : qsTr("Paste the invitation you received. It begins with loam:join.")
        Layout.fillWidth: true
    }
    Field {
        id: nameField
        objectName: "networkName"
        visible: root.isCreating
        label: qsTr("Name of the network")
        placeholder: qsTr("For example: Riverside club")
        errorText: root.network.errorText
        onAccepted: createButton.clicked()
    }
    Field {
        id: invitationField
        objectName: "invitation"
        visible: !root.isCreating
        label: qsTr("Invitation")
        placeholder: "loam:join?…"
        mono: true
        errorText: root.network.errorText
        onAccepted: joinButton.clicked()
    }
    RowLayout {
        spacing: Metrics.small

        AppButton {
            id: createButton
            objectName: "createNetwork"
            kind: "primary"
            visible: root.isCreating
            enabled: nameField.text.trim() !== "" && root.network.state !== NetworkVm.Busy
            text: root.network.state === NetworkVm.Busy ? qsTr("Creating…") : qsTr("Create")
            onClicked: root.network.create(nameField.text)
        }
        AppButton {
            id: joinButton
            objectName: "joinNetwork"
            kind: "primary"
            visible: !root.isCreating
            enabled: invitationField.text.trim() !== "" && root.network.state !== NetworkVm.Busy
            text: root.network.state === NetworkVm.Busy ? qsTr("Joining…") : qsTr("Join")
            onClicked: root.network.join(invitationField.text)
        }
        AppButton {
            visible: !root.isCreating
            text: qsTr("Paste")
            onClicked: invitationField.text = root.settings.clipboard()
        }
    }
    Banner {
        visible: !root.isCreating
        symbol: "shield-check"
        text: qsTr("Joining shares no files of yours. Contribution stays off until you switch it on.")
        Layout.fillWidth: true
    }
    Connections {
        target: root.network
        function onJoined() {
            root.close();
        }
    }
}
