// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// The owner's own text: what is there, what would be used, what he allowed, what it cost.
ScrollPage {
    id: root

    required property DataVm vm
    required property SettingsVm settings
    property bool shown: false
    readonly property bool isEmpty: vm.known && vm.sources.count === 0

    objectName: "dataPage"
    title: qsTr("My data")
    sentence: vm.activeGrants > 0 ? qsTr("%n consent(s) in force. You can end each at any time.", "", vm.activeGrants) : qsTr("Nothing of yours is used.")
    actions: [
        AppButton {
            objectName: "exportReceipts"
            symbol: "download"
            text: qsTr("Receipts")
            onClicked: saveDialog.open(qsTr("Export receipts of consent"), "loam-consent.json", "json")
        },
        AppButton {
            objectName: "addFolder"
            kind: "primary"
            symbol: "plus"
            text: qsTr("Add folder")
            onClicked: picker.open()
        }
    ]

    Binding {
        target: root.vm.uses
        property: "active"
        value: root.shown
    }
    ConsentQuestion {
        visible: root.vm.question !== ""
        question: root.vm.question
        Layout.fillWidth: true
        onVisibleChanged: if (visible)
            takeFocus()
        Component.onCompleted: if (visible)
            takeFocus()
        onAnswered: yes => root.vm.answer(root.vm.question, yes)
    }
    Banner {
        objectName: "dataNotice"
        visible: text !== "" && !grantSheet.isOpen && !previewSheet.isOpen
        tone: root.vm.errorText !== "" ? "danger" : "accent"
        symbol: root.vm.errorText !== "" ? "circle-alert" : "circle-check"
        text: root.vm.errorText !== "" ? root.vm.errorText : root.vm.doneText
        actionText: qsTr("Dismiss")
        onAction: root.vm.reset()
        Layout.fillWidth: true
    }
    RowLayout {
        visible: !root.isEmpty
        spacing: Metrics.large
        Layout.fillWidth: true

        StatCard {
            label: qsTr("Files")
            value: Format.local.count(root.vm.files)
            symbol: "folder"
            note: root.vm.waiting > 0 ? qsTr("%1 still to be read, a little at a time").arg(Format.local.count(root.vm.waiting)) : qsTr("All read")
            explanation: qsTr("Readable files in your sources. Reading is throttled, so that you never notice it.")
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
        }
        StatCard {
            label: qsTr("Usable text")
            value: Format.local.count(root.vm.tokens)
            unit: qsTr("tokens")
            symbol: "type"
            note: qsTr("About three quarters of a word each")
            explanation: qsTr("What is left after redaction and after poor text is left out.")
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
        }
        StatCard {
            label: qsTr("Taken out")
            value: Format.local.count(root.vm.redacted)
            symbol: "shield-check"
            note: qsTr("Addresses, numbers, passwords, keys")
            explanation: qsTr("Passages that are never used, whatever you allow.")
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
        }
        BudgetCard {
            vm: root.vm
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
        }
    }
    Card {
        padding: Metrics.hairline
        spacing: 0
        Layout.fillWidth: true

        RowLayout {
            visible: root.vm.sources.count > 0
            spacing: Metrics.large
            Layout.preferredHeight: Metrics.row
            Layout.leftMargin: Metrics.large
            Layout.rightMargin: Metrics.large + Metrics.iconSmall + Metrics.large

            HeaderCell {
                text: qsTr("Sources")
                Layout.fillWidth: true
            }
            HeaderCell {
                text: qsTr("Tokens")
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnNumber
            }
            HeaderCell {
                text: qsTr("Taken out")
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnNumber
            }
        }
        Repeater {
            model: root.vm.sources

            SourceRow {
                vm: root.vm
                Layout.fillWidth: true
                onClicked: {
                    root.vm.showSource(sourceId);
                    filesSheet.open();
                }
            }
        }
        EmptyState {
            objectName: "dataEmpty"
            visible: root.vm.sources.count === 0
            symbol: "folder-open"
            title: qsTr("No text of yours yet")
            text: qsTr("Add or drop a folder of notes, documents or mail. You see every line that would be used before anything is.")
            actionText: qsTr("Add folder")
            Layout.fillWidth: true
            Layout.margins: Metrics.huge
            onAction: picker.open()
        }
    }
    AdaptersCard {
        visible: !root.isEmpty || root.vm.own.list.count > 0
        vm: root.vm.own
        canTrain: root.vm.files > 0
        Layout.fillWidth: true
        onTrainRequested: {
            trainSheet.open();
            trainSheet.takeFocus();
        }
        onChosen: adapter => adapterSheet.openFor(adapter)
    }
    ConsentCards {
        visible: !root.isEmpty
        vm: root.vm
        now: root.node.now
        Layout.fillWidth: true
        onGrantRequested: {
            grantSheet.open();
            grantSheet.takeFocus();
        }
    }
    MeterCard {
        visible: !root.isEmpty
        vm: root.vm.meter
        now: root.node.now
        Layout.fillWidth: true
    }
    DropArea {
        parent: root
        anchors.fill: parent
        keys: ["text/uri-list"]
        onDropped: drop => root.vm.addAll(drop.urls)

        Rectangle {
            anchors.fill: parent
            anchors.margins: Metrics.small
            visible: parent.containsDrag
            color: "transparent"
            radius: Metrics.cardRadius
            border.width: Metrics.focusWidth
            border.color: Theme.accent
        }
    }
    FilesSheet {
        id: filesSheet
        parent: root
        vm: root.vm
    }
    PreviewSheet {
        id: previewSheet
        parent: root
        z: 1
        vm: root.vm
    }
    GrantSheet {
        id: grantSheet
        parent: root
        vm: root.vm
    }
    TrainSheet {
        id: trainSheet
        parent: root
        vm: root.vm.own
        ownData: root.vm
    }
    AdapterSheet {
        id: adapterSheet
        parent: root
        vm: root.vm.own
        meter: root.vm.meter
        settings: root.settings
        now: root.node.now
    }
    FolderPicker {
        id: picker
        heading: qsTr("Add a folder of your own text")
        onAccepted: folder => root.vm.add(folder)
    }
    SaveDialog {
        id: saveDialog
        settings: root.settings
        onAccepted: file => root.vm.exportReceipts(file)
    }
}
