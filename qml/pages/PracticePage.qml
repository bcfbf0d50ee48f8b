// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

ScrollPage {
    id: root

    required property PracticeVm practice
    required property SettingsVm settings
    readonly property bool isRunning: practice.stage === PracticeVm.Running
    readonly property bool hasResult: practice.stage === PracticeVm.Succeeded || practice.stage === PracticeVm.Failed

    objectName: "practicePage"
    title: qsTr("Practice")
    sentence: isRunning ? qsTr("Real programs at work. You can use the computer meanwhile.") : qsTr("A whole network on this computer: real nodes, real text, a few minutes")
    actions: [
        AppButton {
            objectName: "practiceStop"
            symbol: "square"
            visible: root.isRunning
            enabled: root.practice.phase !== "stopping"
            text: root.practice.phase === "stopping" ? qsTr("Stopping…") : qsTr("Stop")
            onClicked: root.practice.stop()
        },
        AppButton {
            objectName: "practiceAgain"
            kind: "primary"
            visible: root.hasResult
            symbol: "refresh-cw"
            text: qsTr("Again")
            onClicked: root.practice.reset()
        }
    ]

    PracticeForm {
        visible: root.practice.stage === PracticeVm.Ready
        practice: root.practice
        canStart: root.node.connected
        Layout.fillWidth: true
    }
    Banner {
        objectName: "practiceError"
        visible: root.practice.stage === PracticeVm.Failed
        tone: "danger"
        symbol: "circle-alert"
        text: root.practice.errorText
        Layout.fillWidth: true
    }
    PracticeVerdict {
        visible: root.practice.stage === PracticeVm.Succeeded
        practice: root.practice
        onCopyRequested: value => root.settings.copy(value)
        Layout.fillWidth: true
    }
    Card {
        visible: root.isRunning
        Layout.fillWidth: true

        RowLayout {
            HeadingText {
                objectName: "practicePhase"
                text: Format.local.phaseWord(root.practice.phase)
                Layout.fillWidth: true
            }
            MutedText {
                visible: root.practice.phase === "training"
                text: qsTr("Round %1 of %2").arg(Math.min(root.practice.round + 1, root.practice.rounds)).arg(root.practice.rounds)
                wrapMode: Text.NoWrap
            }
        }
        ProgressLine {
            name: qsTr("Progress of the practice run")
            value: root.practice.progress
            Layout.fillWidth: true
        }
    }
    PracticeNodes {
        visible: root.isRunning && root.practice.nodes.count > 0
        nodes: root.practice.nodes
        Layout.fillWidth: true
    }
    PlotCard {
        visible: root.isRunning || root.practice.lossSeries.count > 0
        title: qsTr("Loss on text that no node has seen")
        unit: qsTr("nats per byte")
        series: root.practice.lossSeries
        timeAxis: false
        dots: true
        xLabel: qsTr("round")
        xEnd: root.practice.rounds
        plotHeight: Metrics.plotTall
        emptyText: qsTr("The first point comes with the end of the first round.")
        Layout.fillWidth: true
    }
    PracticeResults {
        visible: root.practice.results.count > 0 && root.practice.lossSeries.count > 0
        results: root.practice.results
        Layout.fillWidth: true
        onCopyRequested: value => root.settings.copy(value)
    }
    PracticeRefusals {
        visible: root.practice.refusals.count > 0
        refusals: root.practice.refusals
        Layout.fillWidth: true
    }
}
