// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// Everything about one model of the owner's own, and what can be done with it.
SideSheet {
    id: root

    required property AdaptersVm vm
    required property MeterVm meter
    required property SettingsVm settings
    required property real now
    property string adapterId
    property bool isRemoving: false
    property var facts: ({})
    readonly property bool isReady: facts.state === "ready"
    readonly property bool isMeasured: meter.known && meter.adapter === adapterId
    readonly property bool isGoing: facts.state === "training" || facts.state === "waiting"

    function openFor(id: string) {
        adapterId = id;
        isRemoving = false;
        refresh();
        open();
    }
    function refresh() {
        facts = vm.record(adapterId);
    }

    objectName: "adapterSheet"
    title: facts.name ?? ""
    onClosed: vm.reset()

    Connections {
        target: root.vm
        function onChanged() {
            root.refresh();
        }
    }
    Badge {
        text: root.vm.stateWord(root.facts.state ?? "")
        symbol: root.vm.stateSymbol(root.facts.state ?? "")
        tone: root.isReady ? "accent" : "plain"
    }
    BodyText {
        text: root.vm.line(root.facts)
        Layout.fillWidth: true
    }
    LabeledValue {
        label: qsTr("Learnt on")
        value: root.facts.base_name ?? ""
    }
    LabeledValue {
        label: qsTr("From")
        value: (root.facts.sources ?? []).map(source => source.path).join("\n")
    }
    LabeledValue {
        visible: root.facts.tokens > 0
        label: qsTr("Text")
        value: qsTr("%1 tokens").arg(Format.local.count(root.facts.tokens ?? 0))
    }
    LabeledValue {
        visible: root.facts.loss_before > 0
        label: qsTr("Loss on text held back")
        value: qsTr("%1 before, %2 with it").arg(Format.local.figure(root.facts.loss_before ?? 0)).arg(Format.local.figure(root.facts.loss_after ?? 0))
    }
    LabeledValue {
        label: qsTr("Begun")
        value: Format.local.relativeTime(root.facts.created ?? 0, root.now)
    }
    ColumnLayout {
        visible: root.isMeasured
        spacing: Metrics.small
        Layout.fillWidth: true

        MeterBadge {
            objectName: "adapterLight"
            vm: root.meter
        }
        SmallText {
            text: root.meter.sentence
            Layout.fillWidth: true
        }
    }
    Banner {
        objectName: "adapterMeterError"
        visible: root.meter.errorText !== ""
        tone: "danger"
        symbol: "circle-alert"
        text: root.meter.errorText
        Layout.fillWidth: true
    }
    Banner {
        objectName: "adapterNotice"
        visible: text !== ""
        tone: root.vm.errorText !== "" ? "danger" : "accent"
        symbol: root.vm.errorText !== "" ? "circle-alert" : "circle-check"
        text: root.vm.errorText !== "" ? root.vm.errorText : root.vm.doneText
        Layout.fillWidth: true
    }
    Divider {}
    Flow {
        visible: !root.isRemoving
        spacing: Metrics.small
        Layout.fillWidth: true

        AppButton {
            objectName: "adapterStop"
            visible: root.isGoing
            symbol: "pause"
            text: qsTr("Stop")
            onClicked: root.vm.stop(root.adapterId)
        }
        AppButton {
            objectName: "adapterStart"
            visible: !root.isReady && root.facts.state !== "training"
            symbol: "play"
            text: qsTr("Train now")
            onClicked: root.vm.start(root.adapterId)
        }
        AppButton {
            objectName: "adapterMeasure"
            visible: root.isReady
            symbol: "gauge"
            text: root.meter.busy ? qsTr("Measuring…") : qsTr("Measure")
            enabled: !root.meter.busy
            onClicked: root.meter.measure(root.adapterId)
        }
        AppButton {
            objectName: "adapterExport"
            visible: root.isReady
            symbol: "file-down"
            text: qsTr("Export…")
            onClicked: saveDialog.open(qsTr("Export for other programs"), root.adapterId + ".gguf", "gguf")
        }
        AppButton {
            objectName: "adapterRemove"
            kind: "danger"
            symbol: "trash-2"
            text: qsTr("Remove…")
            onClicked: root.isRemoving = true
        }
    }
    SmallText {
        visible: root.isReady && !root.isRemoving
        text: qsTr("Choose it in Chat to talk with it. An exported file is no longer sealed: whoever has it can learn things from your text.")
        Layout.fillWidth: true
    }
    ColumnLayout {
        visible: root.isRemoving
        spacing: Metrics.medium

        MutedText {
            text: qsTr("What it has learnt is deleted for good. Your text and the model it stands on stay.")
            Layout.fillWidth: true
        }
        RowLayout {
            spacing: Metrics.small

            AppButton {
                text: qsTr("Keep it")
                onClicked: root.isRemoving = false
            }
            AppButton {
                objectName: "adapterRemoveConfirm"
                kind: "danger"
                text: qsTr("Remove now")
                onClicked: {
                    root.vm.remove(root.adapterId);
                    root.close();
                }
            }
        }
    }
    SaveDialog {
        id: saveDialog
        settings: root.settings
        onAccepted: file => root.vm.exportTo(root.adapterId, file)
    }
}
