// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// The owner's own text: what is there, what would be used, what he allowed, what it cost.
ScrollPage {
    id: root

    required property DataVm data
    required property SettingsVm settings
    property bool shown: false
    readonly property bool isEmpty: data.known && data.sources.count === 0

    objectName: "dataPage"
    title: qsTr("My data")
    sentence: data.activeGrants > 0 ? qsTr("%n consent(s) in force. You can end each at any time.", "", data.activeGrants) : qsTr("Nothing of yours is used.")
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
        target: root.data.uses
        property: "active"
        value: root.shown
    }
    ConsentQuestion {
        visible: root.data.question !== ""
        question: root.data.question
        Layout.fillWidth: true
        onVisibleChanged: if (visible)
            takeFocus()
        onAnswered: yes => root.data.answer(root.data.question, yes)
    }
    Banner {
        objectName: "dataNotice"
        visible: text !== "" && !grantSheet.isOpen && !previewSheet.isOpen
        tone: root.data.errorText !== "" ? "danger" : "accent"
        symbol: root.data.errorText !== "" ? "circle-alert" : "circle-check"
        text: root.data.errorText !== "" ? root.data.errorText : root.data.doneText
        actionText: qsTr("Dismiss")
        onAction: root.data.reset()
        Layout.fillWidth: true
    }
    RowLayout {
        visible: !root.isEmpty
        spacing: Metrics.large
        Layout.fillWidth: true

        StatCard {
            label: qsTr("Files")
            value: Format.local.count(root.data.files)
            symbol: "folder"
            note: root.data.waiting > 0 ? qsTr("%1 still to be read, a little at a time").arg(Format.local.count(root.data.waiting)) : qsTr("All read")
            explanation: qsTr("Readable files in your sources. Reading is throttled, so that you never notice it.")
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
        }
        StatCard {
            label: qsTr("Usable text")
            value: Format.local.count(root.data.tokens)
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
            value: Format.local.count(root.data.redacted)
            symbol: "shield-check"
            note: qsTr("Addresses, numbers, passwords, keys")
            explanation: qsTr("Passages that are never used, whatever you allow.")
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
        }
        BudgetCard {
            data: root.data
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
            visible: root.data.sources.count > 0
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
            model: root.data.sources

            SourceRow {
                vm: root.data
                Layout.fillWidth: true
                onClicked: {
                    root.data.showSource(sourceId);
                    filesSheet.open();
                }
            }
        }
        EmptyState {
            objectName: "dataEmpty"
            visible: root.data.sources.count === 0
            symbol: "folder-open"
            title: qsTr("No text of yours yet")
            text: qsTr("Add or drop a folder of notes, documents or mail. You see every line that would be used before anything is.")
            actionText: qsTr("Add folder")
            Layout.fillWidth: true
            Layout.margins: Metrics.huge
            onAction: picker.open()
        }
    }
    ConsentCards {
        visible: !root.isEmpty
        data: root.data
        now: root.node.now
        Layout.fillWidth: true
        onGrantRequested: grantSheet.open()
    }
    DropArea {
        parent: root
        anchors.fill: parent
        keys: ["text/uri-list"]
        onDropped: drop => root.data.addAll(drop.urls)

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
        vm: root.data
    }
    PreviewSheet {
        id: previewSheet
        parent: root
        vm: root.data
    }
    GrantSheet {
        id: grantSheet
        parent: root
        vm: root.data
    }
    FolderPicker {
        id: picker
        heading: qsTr("Add a folder of your own text")
        onAccepted: folder => root.data.add(folder)
    }
    SaveDialog {
        id: saveDialog
        settings: root.settings
        onAccepted: file => root.data.exportReceipts(file)
    }
}
