// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

FillPage {
    id: root

    required property ModelsVm models
    required property SettingsVm settings
    readonly property bool isTight: width < Metrics.tightTable

    signal chatChosen(string model)

    function chooseFile() {
        filePicker.open();
    }
    function openModel(id: string) {
        sheet.openFor(id);
    }

    objectName: "modelsPage"
    title: qsTr("Models")
    sentence: models.models.count > 0 ? qsTr("%n model(s) on this computer and in the network's runs", "", models.models.count) : qsTr("None on this computer yet")
    actions: RowLayout {
        spacing: Metrics.small

        AppButton {
            objectName: "importFolder"
            symbol: "folder-open"
            text: qsTr("Folder…")
            visible: root.models.models.count > 0
            onClicked: folderPicker.open()
        }
        AppButton {
            objectName: "importModel"
            kind: "primary"
            symbol: "plus"
            text: qsTr("Import…")
            visible: root.models.models.count > 0
            onClicked: root.chooseFile()
        }
    }

    FilePicker {
        id: filePicker
        heading: qsTr("Choose a model")
        filters: [qsTr("Models (*.gguf *.safetensors)"), qsTr("All files (*)")]
        onAccepted: file => root.models.importFrom(file, false)
    }
    FolderPicker {
        id: folderPicker
        heading: qsTr("Choose a folder with config.json and safetensors files")
        onAccepted: folder => root.models.importFrom(folder, false)
    }
    Banner {
        objectName: "modelsError"
        visible: root.models.errorText !== ""
        tone: "danger"
        symbol: "circle-alert"
        text: root.models.errorText
        actionText: qsTr("Dismiss")
        Layout.fillWidth: true
        onAction: root.models.reset()
    }
    Banner {
        objectName: "modelsExported"
        visible: root.models.exported !== ""
        tone: "accent"
        symbol: "circle-check"
        text: qsTr("Exported to %1").arg(root.models.exported)
        actionText: qsTr("Dismiss")
        Layout.fillWidth: true
        onAction: root.models.reset()
    }
    ImportCard {
        models: root.models
        Layout.fillWidth: true
    }
    Item {
        visible: root.models.models.count === 0
        Layout.fillWidth: true
        Layout.fillHeight: true

        EmptyState {
            objectName: "modelsEmpty"
            anchors.centerIn: parent
            width: parent.width
            visible: root.models.known && !root.models.importing
            symbol: "boxes"
            title: qsTr("Your models appear here")
            text: qsTr("Import a model from a GGUF or safetensors file. It is copied, checked and kept; chat and other programs can then use it offline.")
            actionText: qsTr("Choose a file…")
            onAction: root.chooseFile()
        }
    }
    Card {
        visible: root.models.models.count > 0
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
                text: qsTr("Model")
                Layout.fillWidth: true
            }
            HeaderCell {
                visible: !root.isTight
                text: qsTr("Architecture")
                Layout.preferredWidth: Metrics.columnKind
            }
            HeaderCell {
                text: qsTr("Parameters")
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnNumber
            }
            HeaderCell {
                text: qsTr("Size")
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnNumber
            }
            HeaderCell {
                visible: !root.isTight
                text: qsTr("Memory")
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnNumber
            }
            HeaderCell {
                text: qsTr("State")
                Layout.preferredWidth: Metrics.columnAmount
            }
        }
        Divider {}
        ListView {
            id: list
            objectName: "modelList"
            Layout.fillWidth: true
            Layout.fillHeight: true
            model: root.models.models
            clip: true
            activeFocusOnTab: true
            currentIndex: -1
            boundsBehavior: Flickable.StopAtBounds
            highlightMoveDuration: 0
            Accessible.role: Accessible.Table
            Accessible.name: qsTr("Models")
            Keys.onReturnPressed: (currentItem as ModelRow)?.clicked()
            T.ScrollBar.vertical: ThinScrollBar {}

            delegate: ModelRow {
                required property int index

                width: ListView.view.width
                isTight: root.isTight
                highlighted: ListView.isCurrentItem && list.activeFocus
                isChosen: sheet.isOpen && sheet.modelId === model
                onClicked: {
                    list.currentIndex = index;
                    root.openModel(model);
                }
            }
        }
    }
    ModelSheet {
        id: sheet
        parent: root
        models: root.models
        settings: root.settings
        now: root.node.now
        onChatChosen: model => root.chatChosen(model)
    }
}
