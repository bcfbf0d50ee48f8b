// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// One entry of the audit log, and the proof that it is in it.
SideSheet {
    id: root

    required property AuditVm audit
    required property SettingsVm settings
    readonly property bool isVerified: audit.verdict === AuditVm.Verified

    objectName: "auditSheet"
    title: audit.kind !== "" ? Format.local.kindWord(audit.kind) : qsTr("Entry")
    onClosed: audit.close()

    BodyText {
        visible: text !== ""
        text: root.audit.text
        Layout.fillWidth: true
    }
    ColumnLayout {
        visible: root.audit.index >= 0 && root.audit.fields.length === 0 && root.audit.errorText === ""
        spacing: Metrics.medium

        Repeater {
            model: 4

            Skeleton {
                Layout.preferredWidth: Metrics.columnNode
            }
        }
    }
    Repeater {
        model: root.audit.fields

        LabeledValue {
            required property var modelData
            label: modelData.name
            value: modelData.value
            mono: modelData.mono
        }
    }
    Divider {}
    MutedText {
        visible: root.audit.verdict === AuditVm.Unknown
        text: qsTr("Verifying computes the root of the whole log from this entry alone and compares it with the one the validators signed.")
        Layout.fillWidth: true
    }
    RowLayout {
        spacing: Metrics.small

        AppButton {
            objectName: "verify"
            kind: "primary"
            symbol: "shield-check"
            text: root.audit.state === AuditVm.Busy ? qsTr("Working…") : qsTr("Verify")
            enabled: root.audit.index >= 0 && root.audit.state !== AuditVm.Busy
            onClicked: root.audit.verify()
        }
        AppButton {
            symbol: "file-down"
            text: qsTr("Export proof")
            enabled: root.audit.index >= 0 && root.audit.state !== AuditVm.Busy
            onClicked: saveDialog.open(qsTr("Export proof"), "entry-%1.tlog-proof".arg(root.audit.index), "tlog-proof")
        }
    }
    Banner {
        objectName: "verdict"
        visible: root.audit.verdict !== AuditVm.Unknown
        tone: root.isVerified ? "accent" : "danger"
        symbol: root.isVerified ? "circle-check" : "shield-alert"
        text: root.isVerified ? root.audit.cosigned ? qsTr("Verified: this entry is in the log.") : qsTr("Verified in this computer's own copy; no quorum of validators has signed it yet.") : qsTr("Refuted: the proof does not lead to the signed root.")
        Layout.fillWidth: true
    }
    Banner {
        visible: text !== ""
        tone: root.audit.errorText !== "" ? "danger" : "accent"
        symbol: root.audit.errorText !== "" ? "circle-alert" : "circle-check"
        text: root.audit.errorText !== "" ? root.audit.errorText : root.audit.doneText
        Layout.fillWidth: true
    }
    ColumnLayout {
        visible: root.audit.verdict !== AuditVm.Unknown
        spacing: Metrics.medium

        Repeater {
            model: root.audit.steps

            RowLayout {
                id: step
                required property int index
                required property string modelData
                spacing: Metrics.medium

                Rectangle {
                    Layout.preferredWidth: Metrics.huge
                    Layout.preferredHeight: Metrics.huge
                    Layout.alignment: Qt.AlignTop
                    radius: width / 2
                    color: Theme.sunken
                    border.width: Theme.isContrast ? Metrics.hairline : 0
                    border.color: Theme.line

                    SmallText {
                        anchors.centerIn: parent
                        text: step.index + 1
                    }
                }
                BodyText {
                    text: step.modelData
                    wrapMode: Text.WrapAtWordBoundaryOrAnywhere
                    Layout.fillWidth: true
                }
            }
        }
        Divider {}
        LabeledValue {
            label: qsTr("Leaf")
            value: root.audit.leaf
            mono: true
        }
        LabeledValue {
            label: qsTr("Hashes on the way (%n)", "", root.audit.proofCount)
            value: root.audit.proofText
            mono: true
        }
        LabeledValue {
            label: qsTr("Root of %1 entries").arg(Format.local.count(root.audit.treeSize))
            value: root.audit.root
            mono: true
        }
        LabeledValue {
            visible: root.audit.cosignersText !== ""
            label: qsTr("Signed by")
            value: root.audit.cosignersText
            mono: true
        }
    }
    SaveDialog {
        id: saveDialog
        settings: root.settings
        onAccepted: file => root.audit.exportProof(file)
    }
}
