// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

FillPage {
    id: root

    required property WalletVm wallet
    required property SettingsVm settings
    property bool shown: false
    readonly property bool isTight: width < Metrics.tightTable

    function openPayment(row: int) {
        history.currentIndex = row;
        sendSheet.isOpen = false;
        paymentSheet.show(row);
    }

    objectName: "walletPage"
    title: qsTr("Wallet")
    sentence: wallet.locked ? qsTr("Locked. Unlock it to send.") : qsTr("Every payment with the reason behind it")
    actions: [
        AppButton {
            symbol: "download"
            text: qsTr("Export")
            objectName: "exportCsv"
            enabled: root.wallet.history.count > 0
            onClicked: saveDialog.open(qsTr("Export history as CSV"), "loam-wallet.csv", "csv")
        },
        AppButton {
            objectName: "openSend"
            kind: "primary"
            symbol: "send"
            text: qsTr("Send")
            onClicked: {
                paymentSheet.isOpen = false;
                root.wallet.reset();
                sendSheet.open();
            }
        }
    ]

    Binding {
        target: root.wallet.history
        property: "active"
        value: root.shown
    }
    RowLayout {
        spacing: Metrics.large
        Layout.fillHeight: false

        Card {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 3
            spacing: Metrics.tiny

            SmallText {
                text: qsTr("Available")
            }
            Quantity {
                objectName: "balance"
                value: Format.local.amount(root.wallet.balance)
                unit: "LOAM"
                valueFont: Type.hero
                Layout.fillWidth: true
            }
            RowLayout {
                spacing: Metrics.tiny

                SmallText {
                    text: qsTr("Your address")
                    wrapMode: Text.NoWrap
                }
                CopyId {
                    name: qsTr("your address")
                    value: root.wallet.address
                    keep: 8
                    onCopyRequested: value => root.settings.copy(value)
                }
            }
        }
        Card {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 2
            spacing: Metrics.tiny

            SmallText {
                text: qsTr("Vesting")
            }
            Quantity {
                value: Format.local.amount(root.wallet.vesting)
                unit: "LOAM"
                Layout.fillWidth: true
            }
            SmallText {
                text: qsTr("Part of each of your last ten rewards waits here. It stands for your honesty and becomes available as new rewards come.")
                Layout.fillWidth: true
            }
        }
    }
    Banner {
        objectName: "walletNotice"
        visible: text !== "" && !sendSheet.isOpen
        tone: root.wallet.errorText !== "" ? "danger" : "accent"
        symbol: root.wallet.errorText !== "" ? "circle-alert" : "circle-check"
        text: root.wallet.errorText !== "" ? root.wallet.errorText : root.wallet.doneText
        actionText: qsTr("Dismiss")
        onAction: root.wallet.reset()
        Layout.fillWidth: true
    }
    Card {
        padding: Metrics.hairline
        spacing: 0
        Layout.fillWidth: true
        Layout.fillHeight: true

        RowLayout {
            spacing: Metrics.large
            Layout.fillWidth: true
            Layout.fillHeight: false
            Layout.preferredHeight: Metrics.row
            Layout.leftMargin: Metrics.large
            Layout.rightMargin: Metrics.large

            HeaderCell {
                text: qsTr("When")
                Layout.preferredWidth: Metrics.columnTime
            }
            HeaderCell {
                text: qsTr("What")
                Layout.preferredWidth: Metrics.columnKind
            }
            HeaderCell {
                text: qsTr("Why")
                Layout.fillWidth: true
            }
            HeaderCell {
                text: qsTr("Amount")
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnAmount
            }
            HeaderCell {
                visible: !root.isTight
                text: qsTr("Balance")
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnAmount
            }
        }
        Divider {}
        ListView {
            id: history
            objectName: "walletHistory"
            Layout.fillWidth: true
            Layout.fillHeight: true
            model: root.wallet.history
            visible: root.wallet.history.count > 0
            clip: true
            reuseItems: true
            activeFocusOnTab: true
            currentIndex: -1
            boundsBehavior: Flickable.StopAtBounds
            highlightMoveDuration: 0
            Accessible.role: Accessible.Table
            Accessible.name: qsTr("Payments")
            Keys.onReturnPressed: root.openPayment(currentIndex)
            T.ScrollBar.vertical: ThinScrollBar {}

            delegate: PaymentRow {
                width: ListView.view.width
                now: root.node.now
                isTight: root.isTight
                highlighted: ListView.isCurrentItem && history.activeFocus
                isChosen: paymentSheet.isOpen && paymentSheet.row === index
                onClicked: root.openPayment(index)
            }
        }
        Item {
            visible: root.wallet.history.count === 0
            Layout.fillHeight: true
        }
        EmptyState {
            visible: root.wallet.history.count === 0 && (root.wallet.history.ready || !root.node.hasNetwork || root.wallet.history.errorText !== "")
            symbol: "coins"
            title: qsTr("No payments yet")
            text: qsTr("Rewards for verified work, and what you send and receive, appear here with their reasons.")
            Layout.fillWidth: true
            Layout.margins: Metrics.huge
        }
        Item {
            visible: root.wallet.history.count === 0
            Layout.fillHeight: true
        }
    }
    PaymentSheet {
        id: paymentSheet
        parent: root
        history: root.wallet.history
        onCopyRequested: value => root.settings.copy(value)
    }
    SendSheet {
        id: sendSheet
        parent: root
        wallet: root.wallet
        settings: root.settings
    }
    SaveDialog {
        id: saveDialog
        settings: root.settings
        onAccepted: file => root.wallet.exportCsv(file)
    }
}
