// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// One model of the owner's own: what it stands on, how far it is, what it has brought.
TableRow {
    id: root

    required property int index
    required property string adapterId
    required property string name
    required property string baseName
    required property string adapterState
    required property string reason
    required property string waitsFor
    required property var step
    required property var steps
    required property var lossBefore
    required property var lossAfter
    required property var rate
    required property AdaptersVm vm
    readonly property bool isTraining: adapterState === "training"

    objectName: "adapter" + index
    focusPolicy: Qt.StrongFocus
    highlighted: visualFocus
    implicitHeight: Metrics.row + Metrics.large
    Accessible.name: name + ", " + state.text + ", " + line.text
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    ColumnLayout {
        spacing: 0
        Layout.fillWidth: true
        Layout.preferredWidth: 2

        CellText {
            text: root.name
            font: Type.strong
            Layout.fillWidth: true
        }
        SmallText {
            text: qsTr("on %1").arg(root.baseName)
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            Layout.fillWidth: true
        }
    }
    ColumnLayout {
        spacing: Metrics.tiny
        Layout.fillWidth: true
        Layout.preferredWidth: 3

        CellText {
            id: line
            text: root.vm.line({
                "state": root.adapterState,
                "reason": root.reason,
                "waits_for": root.waitsFor,
                "step": root.step,
                "steps": root.steps,
                "loss_before": root.lossBefore,
                "loss_after": root.lossAfter,
                "tokens_per_second": root.rate
            })
            color: Theme.muted
            Layout.fillWidth: true
        }
        ProgressLine {
            visible: root.isTraining
            name: qsTr("Training")
            value: root.steps > 0 ? root.step / root.steps : 0
            Layout.fillWidth: true
        }
    }
    Badge {
        id: state
        text: root.vm.stateWord(root.adapterState)
        symbol: root.vm.stateSymbol(root.adapterState)
        tone: root.adapterState === "ready" || root.isTraining ? "accent" : root.adapterState === "failed" ? "danger" : root.adapterState === "waiting" ? "gold" : "plain"
        Layout.preferredWidth: Metrics.columnTime
    }
    LucideIcon {
        name: "chevron-right"
        color: Theme.muted
        Layout.preferredWidth: Metrics.iconSmall
        Layout.preferredHeight: Metrics.iconSmall
    }
}
