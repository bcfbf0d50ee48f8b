// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// One consent: what for, until when, what it cost, and the button that ends it.
TableRow {
    id: root

    required property int index
    required property string grantId
    required property string purpose
    required property string grantState
    required property var until
    required property var files
    required property var epsilonSpent
    required property var epsilonCap
    required property DataVm vm
    readonly property bool isActive: grantState === "active"

    objectName: "grant" + index
    clickable: false
    implicitHeight: Metrics.row + Metrics.small
    Accessible.name: root.vm.purposeWord(purpose) + ", " + root.vm.grantStateWord(grantState)

    CellText {
        text: root.vm.purposeWord(root.purpose)
        font: Type.strong
        Layout.fillWidth: true
    }
    CellText {
        text: qsTr("%1 files").arg(Format.local.count(root.files))
        color: Theme.muted
        Layout.preferredWidth: Metrics.columnTime
    }
    CellText {
        text: root.isActive ? qsTr("until %1").arg(Format.local.exactTime(root.until)) : ""
        color: Theme.muted
        Layout.preferredWidth: Metrics.columnKind
    }
    Badge {
        text: root.vm.grantStateWord(root.grantState)
        symbol: root.isActive ? "circle-check" : "circle-x"
        tone: root.isActive ? "accent" : "plain"
        Layout.preferredWidth: Metrics.columnTime
    }
    AppButton {
        objectName: root.objectName + "Revoke"
        opacity: root.isActive ? 1 : 0
        enabled: root.isActive
        kind: "danger"
        text: qsTr("End it")
        Accessible.name: qsTr("End this consent")
        onClicked: root.vm.revoke(root.grantId)
    }
}
