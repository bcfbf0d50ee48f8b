// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// Sends LOAM in two steps: fill in, then read again and confirm.
SideSheet {
    id: root

    required property WalletVm wallet
    required property SettingsVm settings
    property bool isConfirming: false

    objectName: "sendSheet"
    title: isConfirming ? qsTr("Is this right?") : qsTr("Send")
    onClosed: {
        isConfirming = false;
        wallet.reset();
    }

    ColumnLayout {
        visible: root.wallet.locked
        spacing: Metrics.medium

        MutedText {
            text: qsTr("The wallet is locked. Its passphrase opens it until Loam's node ends.")
            Layout.fillWidth: true
        }
        Field {
            id: passphrase
            objectName: "unlockPassphrase"
            label: qsTr("Passphrase")
            secret: true
            errorText: root.wallet.locked ? root.wallet.errorText : ""
            onAccepted: unlockButton.clicked()
        }
        AppButton {
            id: unlockButton
            objectName: "unlock"
            kind: "primary"
            symbol: "lock-open"
            text: qsTr("Unlock")
            enabled: passphrase.text !== "" && root.wallet.state !== WalletVm.Busy
            onClicked: {
                root.wallet.unlock(passphrase.text);
                passphrase.text = "";
            }
        }
    }
    ColumnLayout {
        visible: !root.wallet.locked && !root.isConfirming
        spacing: Metrics.large

        Field {
            id: to
            objectName: "sendTo"
            label: qsTr("Address of the receiver")
            placeholder: "loam1…"
            mono: true
            hint: qsTr("The address carries a checksum: a mistyped one is refused.")
        }
        Field {
            id: amount
            objectName: "sendAmount"
            label: qsTr("Amount in LOAM")
            placeholder: Format.local.amount("12.5")
            hint: qsTr("Available: %1").arg(Format.local.amountWithUnit(root.wallet.balance))
        }
        Field {
            id: memo
            objectName: "sendMemo"
            label: qsTr("Note (public, may be empty)")
        }
        AppButton {
            objectName: "sendReview"
            kind: "primary"
            text: qsTr("Check and send…")
            enabled: to.text.trim() !== "" && amount.text.trim() !== ""
            onClicked: {
                root.wallet.reset();
                root.isConfirming = true;
            }
        }
    }
    ColumnLayout {
        visible: !root.wallet.locked && root.isConfirming
        spacing: Metrics.large

        DisplayText {
            text: Format.local.amountWithUnit(Format.local.amountFromInput(amount.text) || amount.text)
            Layout.fillWidth: true
        }
        LabeledValue {
            label: qsTr("To")
            mono: true
            value: to.text.trim()
        }
        LabeledValue {
            visible: value !== ""
            label: qsTr("Note")
            value: memo.text
        }
        MutedText {
            text: qsTr("A payment cannot be taken back.")
            Layout.fillWidth: true
        }
        RowLayout {
            spacing: Metrics.small

            AppButton {
                text: qsTr("Back")
                onClicked: root.isConfirming = false
            }
            AppButton {
                objectName: "sendConfirm"
                kind: "primary"
                text: root.wallet.state === WalletVm.Busy ? qsTr("Sending…") : qsTr("Send now")
                enabled: root.wallet.state !== WalletVm.Busy
                onClicked: root.wallet.send(to.text, amount.text, memo.text)
            }
        }
    }
    Banner {
        objectName: "sendError"
        visible: !root.wallet.locked && root.wallet.errorText !== ""
        tone: "danger"
        symbol: "circle-alert"
        text: root.wallet.errorText
        Layout.fillWidth: true
    }
    Connections {
        target: root.wallet
        function onPaymentSent() {
            to.text = amount.text = memo.text = "";
            root.isConfirming = root.isOpen = false;
        }
    }
}
