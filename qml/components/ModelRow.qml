// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

TableRow {
    id: root

    required property string model
    required property string name
    required property var architecture
    required property var parameters
    required property var quantisation
    required property var bytes
    required property var memory
    required property var fits
    required property var kind
    required property var complete
    required property var device
    property bool isTight: false
    readonly property bool isRun: kind === "run"

    /// One word on whether it can be used, with its icon and tone.
    function verdict(): var {
        if (isRun)
            return {word: qsTr("Network run"), symbol: "network", tone: "info"};
        if (!complete)
            return {word: qsTr("Incomplete"), symbol: "triangle-alert", tone: "danger"};
        if (!fits)
            return {word: qsTr("Too large"), symbol: "ban", tone: "gold"};
        if (device)
            return {word: qsTr("In memory"), symbol: "activity", tone: "accent"};
        return {word: qsTr("Ready"), symbol: "circle-check", tone: "plain"};
    }

    Accessible.name: name + ", " + verdict().word

    ColumnLayout {
        spacing: 0
        Layout.fillWidth: true

        CellText {
            text: root.name
            font: Type.strong
            Layout.fillWidth: true
        }
    }
    CellText {
        visible: !root.isTight
        text: ((root.architecture ?? "") + " " + (root.quantisation ?? "")).trim()
        color: Theme.muted
        Layout.preferredWidth: Metrics.columnKind
    }
    CellText {
        text: root.parameters > 0 ? Format.local.compact(root.parameters) : "–"
        horizontalAlignment: Text.AlignRight
        Layout.preferredWidth: Metrics.columnNumber
    }
    CellText {
        text: root.bytes > 0 ? Format.local.bytes(root.bytes) : "–"
        horizontalAlignment: Text.AlignRight
        Layout.preferredWidth: Metrics.columnNumber
    }
    CellText {
        visible: !root.isTight
        text: root.memory > 0 ? Format.local.bytes(root.memory) : "–"
        horizontalAlignment: Text.AlignRight
        Layout.preferredWidth: Metrics.columnNumber
    }
    Item {
        implicitHeight: badge.implicitHeight
        Layout.preferredWidth: Metrics.columnAmount

        Badge {
            id: badge
            text: root.verdict().word
            symbol: root.verdict().symbol
            tone: root.verdict().tone
        }
    }
}
