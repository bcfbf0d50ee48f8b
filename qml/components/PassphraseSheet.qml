// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// Changes the passphrase of the keystore.
SideSheet {
    id: root

    required property WalletVm wallet
    readonly property bool isRepeatedRight: after.text === again.text

    function clear() {
        before.text = after.text = again.text = "";
    }

    objectName: "passphraseSheet"
    title: wallet.hasPassphrase ? qsTr("Change the passphrase") : qsTr("Set a passphrase")
    onClosed: {
        clear();
        wallet.reset();
    }

    Field {
        id: before
        objectName: "oldPassphrase"
        visible: root.wallet.hasPassphrase
        label: qsTr("Present passphrase")
        secret: true
    }
    Field {
        id: after
        objectName: "newPassphrase"
        label: qsTr("New passphrase")
        secret: true
    }
    Field {
        id: again
        objectName: "newPassphraseAgain"
        label: qsTr("New passphrase again")
        secret: true
        errorText: again.text !== "" && !root.isRepeatedRight ? qsTr("The two differ.") : ""
        onAccepted: change.clicked()
    }
    AppButton {
        id: change
        objectName: "changePassphrase"
        kind: "primary"
        text: root.wallet.state === WalletVm.Busy ? qsTr("Changing…") : qsTr("Change")
        enabled: after.text !== "" && root.isRepeatedRight && root.wallet.state !== WalletVm.Busy
        onClicked: root.wallet.changePassphrase(before.text, after.text)
    }
    Banner {
        visible: text !== ""
        tone: root.wallet.errorText !== "" ? "danger" : "accent"
        symbol: root.wallet.errorText !== "" ? "circle-alert" : "circle-check"
        text: root.wallet.errorText !== "" ? root.wallet.errorText : root.wallet.doneText
        Layout.fillWidth: true
    }
    Connections {
        target: root.wallet
        function onPassphraseChanged() {
            root.clear();
        }
    }
}
