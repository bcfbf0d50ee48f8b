// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// What the known attacks find in the model, beside what was promised.
Card {
    id: root

    required property MeterVm vm
    required property real now

    objectName: "meterCard"
    spacing: Metrics.large

    RowLayout {
        spacing: Metrics.large

        ColumnLayout {
            spacing: Metrics.tiny
            Layout.fillWidth: true

            HeadingText {
                text: qsTr("What the model shows of you")
                Layout.fillWidth: true
            }
            SmallText {
                text: root.vm.sentence
                Layout.fillWidth: true
            }
        }
        MeterBadge {
            objectName: "meterLight"
            visible: root.vm.known
            vm: root.vm
        }
        AppButton {
            objectName: "measure"
            symbol: "gauge"
            text: root.vm.busy ? qsTr("Measuring…") : root.vm.known ? qsTr("Measure again") : qsTr("Measure")
            enabled: !root.vm.busy
            onClicked: root.vm.measure()
        }
    }
    Banner {
        objectName: "meterError"
        visible: root.vm.errorText !== ""
        tone: "danger"
        symbol: "circle-alert"
        text: root.vm.errorText
        Layout.fillWidth: true
    }
    GridLayout {
        visible: root.vm.known
        columns: width >= 4 * Metrics.statMinimum ? 4 : 2
        columnSpacing: Metrics.large
        rowSpacing: Metrics.medium
        Layout.fillWidth: true

        MeterFigure {
            label: qsTr("Guessed right")
            value: Format.local.percent(root.vm.toldApart)
            explanation: qsTr("How often an attacker names the passage that was trained on, shown two. A coin gets 50 %. (AUC)")
        }
        MeterFigure {
            label: qsTr("Sure hits")
            value: Format.local.percent(root.vm.caught)
            explanation: qsTr("Passages of yours he finds when only one in a thousand of his finds may be wrong. (TPR at 0.1 % FPR)")
        }
        MeterFigure {
            label: qsTr("Privacy cost, measured")
            value: qsTr("at least %1").arg(Format.local.figure(root.vm.epsilonLow))
            explanation: root.vm.epsilonPromised < 0 ? qsTr("ε that the attacks prove with 95 % confidence. Work at home promises none: it never leaves this computer.") : qsTr("ε that the attacks prove with 95 % confidence. Promised were %1 at most.").arg(Format.local.figure(root.vm.epsilonPromised))
        }
        MeterFigure {
            label: qsTr("A number in your text")
            value: root.vm.exposureBits < 0 ? qsTr("none found") : qsTr("%1 of 11 bits").arg(Format.local.figure(root.vm.exposureBits))
            explanation: qsTr("How much closer than a blind guess the model brings one to the number it shows most. (Exposure)")
        }
    }
    SmallText {
        visible: root.vm.known
        text: qsTr("%1: %2; measured %3.").arg(root.vm.name).arg(root.vm.basis).arg(Format.local.relativeTime(root.vm.time, root.now))
        Layout.fillWidth: true
    }
}
