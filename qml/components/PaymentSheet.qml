// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// One payment with everything the node knows of it.
SideSheet {
    id: root

    required property WalletHistoryModel history
    property int row: -1
    property var payment: ({})

    signal copyRequested(string value)

    function show(at: int) {
        row = at;
        payment = history.record(at);
        open();
    }

    objectName: "paymentSheet"
    title: payment.kind ? Format.local.kindWord(payment.kind) : ""
    onClosed: row = -1

    HeroText {
        text: root.payment.amount ? Format.local.signedAmount(root.payment.amount) : ""
        font: Type.display
        Layout.fillWidth: true
    }
    ColumnLayout {
        visible: reasonText.text !== ""
        spacing: Metrics.tiny

        StrongText {
            text: qsTr("Why")
        }
        BodyText {
            id: reasonText
            text: Format.local.reasonText(root.payment.reason ?? "")
            Layout.fillWidth: true
        }
    }
    Divider {}
    LabeledValue {
        label: qsTr("Time")
        value: Format.local.exactTime(root.payment.time ?? 0)
    }
    LabeledValue {
        label: qsTr("Balance afterwards")
        value: Format.local.amountWithUnit(root.payment.balance ?? "0")
    }
    LabeledValue {
        visible: !Format.local.isZero(root.payment.locked ?? "0")
        label: qsTr("Bonded or vesting")
        value: Format.local.signedAmount(root.payment.locked ?? "0")
    }
    LabeledValue {
        visible: value !== ""
        label: qsTr("Note")
        value: root.payment.memo ?? ""
    }
    LabeledValue {
        visible: value !== ""
        label: qsTr("Audit entry")
        value: root.payment.entry === undefined || root.payment.entry === null ? "" : String(root.payment.entry)
    }
    ColumnLayout {
        visible: (root.payment.peer ?? "") !== ""
        spacing: 0

        SmallText {
            text: qsTr("From or to")
        }
        CopyId {
            Layout.leftMargin: -Metrics.tiny
            name: qsTr("address")
            keep: 10
            value: root.payment.peer ?? ""
            onCopyRequested: value => root.copyRequested(value)
        }
    }
}
