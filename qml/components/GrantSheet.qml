// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// Consent in one look: for what, how long, and what leaves the computer. "No" has the focus.
SideSheet {
    id: root

    required property DataVm vm
    property string purpose: "adapter"
    readonly property bool isShared: purpose === "private"
    readonly property bool isAllowed: isShared ? vm.privateLane : vm.adapters

    function takeFocus() {
        noButton.forceActiveFocus(Qt.TabFocusReason);
    }

    objectName: "grantSheet"
    title: qsTr("Give consent")
    onClosed: vm.reset()

    Segmented {
        objectName: "grantPurpose"
        name: qsTr("Purpose")
        value: root.purpose
        choices: [
            {
                "value": "adapter",
                "label": qsTr("At home"),
                "symbol": "house"
            },
            {
                "value": "private",
                "label": qsTr("Shared"),
                "symbol": "users"
            }
        ]
        onChosen: value => root.purpose = value
    }
    BodyText {
        text: root.isShared ? qsTr("<b>An encrypted, noisy sum of what was learnt leaves this computer.</b> Your text stays here.") : qsTr("<b>Nothing leaves this computer.</b> A model of your own learns from your text and stays here.")
        textFormat: Text.StyledText
        Layout.fillWidth: true
    }
    LabeledValue {
        label: qsTr("What would be used")
        value: qsTr("%1 files, %2 tokens; %3 private passages are taken out").arg(Format.local.count(root.vm.files)).arg(Format.local.count(root.vm.tokens)).arg(Format.local.count(root.vm.redacted))
    }
    Field {
        id: run
        objectName: "grantRun"
        visible: root.isShared
        label: qsTr("Id of the run")
        mono: true
    }
    RowLayout {
        visible: root.isShared
        spacing: Metrics.medium

        SmallText {
            text: qsTr("Most privacy it may cost")
            Layout.fillWidth: true
        }
        Stepper {
            id: cost
            objectName: "grantCost"
            name: qsTr("Most privacy it may cost")
            from: 1
            to: 10
            value: 1
        }
    }
    RowLayout {
        spacing: Metrics.medium

        SmallText {
            text: qsTr("Days until it ends by itself")
            Layout.fillWidth: true
        }
        Stepper {
            id: days
            objectName: "grantDays"
            name: qsTr("Days until it ends by itself")
            from: 1
            to: 365
            value: 30
        }
    }
    SmallText {
        text: qsTr("Files that change later are not used until you have seen them again.")
        Layout.fillWidth: true
    }
    Banner {
        visible: !root.isAllowed
        tone: "gold"
        symbol: "lock"
        text: qsTr("You answered No to this kind of use. Change the answer first, under Your limits.")
        Layout.fillWidth: true
    }
    Banner {
        objectName: "grantError"
        visible: root.vm.errorText !== ""
        tone: "danger"
        symbol: "circle-alert"
        text: root.vm.errorText
        Layout.fillWidth: true
    }
    RowLayout {
        spacing: Metrics.small

        AppButton {
            id: noButton
            objectName: "grantNo"
            text: qsTr("No")
            Layout.preferredWidth: Metrics.columnNode
            onClicked: root.close()
        }
        AppButton {
            objectName: "grantYes"
            text: qsTr("Yes, allow it")
            enabled: root.isAllowed && root.vm.state !== DataVm.Busy && (!root.isShared || run.text.trim() !== "")
            Layout.preferredWidth: Metrics.columnNode
            onClicked: root.vm.grant(root.isShared ? run.text : "", days.value, cost.value)
        }
    }
    Connections {
        target: root.vm
        function onGranted() {
            root.isOpen = false;
        }
    }
}
