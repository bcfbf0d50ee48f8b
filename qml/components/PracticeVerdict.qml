// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// The outcome in three figures and one sentence.
Card {
    id: root

    required property PracticeVm practice

    signal copyRequested(string value)

    padding: Metrics.huge
    spacing: Metrics.large

    Banner {
        objectName: "practiceVerdict"
        tone: root.practice.agreed ? "accent" : "danger"
        symbol: root.practice.agreed ? "circle-check" : "shield-alert"
        text: root.practice.agreed ? qsTr("All honest nodes ended with the same audit log and the same model, to the last bit.") : qsTr("The nodes did not end with the same audit log and model.")
        Layout.fillWidth: true
    }
    RowLayout {
        spacing: Metrics.vast

        Figure {
            label: qsTr("Loss")
            value: Format.local.figure(root.practice.firstLoss) + " → " + Format.local.figure(root.practice.lastLoss)
            unit: qsTr("nats per byte")
        }
        Figure {
            label: qsTr("Time")
            value: Format.local.duration(root.practice.seconds)
        }
        Figure {
            label: qsTr("Sent by all nodes")
            value: Format.local.bytes(root.practice.bytesSent)
        }
        Item {
            Layout.fillWidth: true
        }
    }
    RowLayout {
        visible: root.practice.agreed
        spacing: Metrics.small

        SmallText {
            text: qsTr("Audit root")
            wrapMode: Text.NoWrap
        }
        CopyId {
            name: qsTr("audit root")
            value: root.practice.auditRoot
            onCopyRequested: value => root.copyRequested(value)
        }
        SmallText {
            text: qsTr("Model")
            wrapMode: Text.NoWrap
            Layout.leftMargin: Metrics.large
        }
        CopyId {
            name: qsTr("hash of the model")
            value: root.practice.parametersHash
            onCopyRequested: value => root.copyRequested(value)
        }
    }
}
