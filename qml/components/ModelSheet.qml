// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// Everything about one model, and what can be done with it.
SideSheet {
    id: root

    required property ModelsVm models
    required property SettingsVm settings
    required property real now
    property string modelId
    property bool isRemoving: false
    readonly property var facts: models.record(modelId)
    readonly property bool isImported: facts.kind === "imported"
    readonly property bool isRun: facts.kind === "run"
    readonly property bool isExportable: isImported || isRun

    signal chatChosen(string model)

    function openFor(id: string) {
        modelId = id;
        isRemoving = false;
        open();
    }

    objectName: "modelSheet"
    title: facts.name ?? ""
    onClosed: isRemoving = false

    AppButton {
        objectName: "modelChat"
        visible: root.facts.complete === true && root.facts.fits === true
        kind: "primary"
        symbol: "message-circle"
        text: qsTr("Chat with it")
        onClicked: {
            root.chatChosen(root.modelId);
            root.close();
        }
    }
    Banner {
        visible: root.isImported && root.facts.fits === false
        tone: "gold"
        symbol: "ban"
        text: qsTr("This computer's memory cannot hold it. Choose a smaller model, or one with fewer bits per weight.")
        Layout.fillWidth: true
    }
    Banner {
        visible: root.isImported && root.facts.complete === false
        tone: "danger"
        symbol: "triangle-alert"
        text: qsTr("Its files are gone or have changed. Remove it and import it again.")
        Layout.fillWidth: true
    }
    LabeledValue {
        label: qsTr("Architecture")
        value: ((root.facts.architecture ?? "") + " " + (root.facts.quantisation ?? "")).trim()
    }
    LabeledValue {
        visible: root.facts.parameters > 0
        label: qsTr("Parameters")
        value: Format.local.count(root.facts.parameters ?? 0)
    }
    LabeledValue {
        visible: root.facts.bytes > 0
        label: qsTr("Size on disk")
        value: Format.local.bytes(root.facts.bytes ?? 0) + (root.facts.linked === true ? " " + qsTr("(linked, not copied)") : "")
    }
    LabeledValue {
        visible: root.facts.memory > 0
        label: qsTr("Memory to answer")
        value: Format.local.bytes(root.facts.memory ?? 0)
    }
    LabeledValue {
        visible: root.facts.context > 0
        label: qsTr("Reads at most")
        value: qsTr("%1 tokens").arg(Format.local.count(root.facts.context ?? 0))
    }
    LabeledValue {
        label: qsTr("Licence")
        value: root.facts.licence ? root.facts.licence : qsTr("The file does not say")
    }
    LabeledValue {
        visible: root.isImported
        label: qsTr("Imported")
        value: Format.local.relativeTime(root.facts.imported ?? 0, root.now)
    }
    LabeledValue {
        visible: root.isImported
        label: qsTr("From")
        mono: true
        value: root.facts.source ?? ""
    }
    CopyId {
        name: qsTr("the model's hash")
        keep: 12
        value: root.facts.sha256 ?? ""
        onCopyRequested: value => root.settings.copy(value)
    }
    Divider {
        visible: root.isExportable
    }
    RowLayout {
        visible: root.isExportable && !root.isRemoving
        spacing: Metrics.small

        AppButton {
            objectName: "modelExport"
            symbol: "file-down"
            text: root.models.exporting ? qsTr("Exporting…") : qsTr("Export…")
            enabled: !root.models.exporting
            onClicked: saveDialog.open(qsTr("Export the model"), (root.isRun ? root.facts.name : root.modelId) + ".gguf", "gguf")
        }
        AppButton {
            objectName: "modelRemove"
            visible: root.isImported
            kind: "danger"
            symbol: "trash-2"
            text: qsTr("Remove…")
            onClicked: root.isRemoving = true
        }
    }
    ColumnLayout {
        visible: root.isRemoving
        spacing: Metrics.medium

        MutedText {
            text: root.facts.linked === true ? qsTr("The original files stay where they are.") : qsTr("Its copy is deleted from this computer. Conversations with it are kept.")
            Layout.fillWidth: true
        }
        RowLayout {
            spacing: Metrics.small

            AppButton {
                text: qsTr("Keep it")
                onClicked: root.isRemoving = false
            }
            AppButton {
                objectName: "modelRemoveConfirm"
                kind: "danger"
                text: qsTr("Remove now")
                onClicked: {
                    root.models.remove(root.modelId);
                    root.close();
                }
            }
        }
    }
    SaveDialog {
        id: saveDialog
        settings: root.settings
        onAccepted: file => root.models.exportTo(root.modelId, file, "")
    }
}
