// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// One file line by line: what would be used, what is taken out and why. Any line can be struck.
SideSheet {
    id: root

    required property DataVm vm

    objectName: "previewSheet"
    title: vm.file
    width: Math.min(Metrics.dialog + Metrics.vast, parent ? parent.width : Metrics.dialog)
    onClosed: vm.closeFile()

    Connections {
        target: root.vm
        function onPreviewChanged() {
            if (root.vm.file === "")
                root.isOpen = false;
            else if (!root.isOpen)
                root.open();
            else if (!root.activeFocus)
                // The line whose button had the focus is gone; the keys still belong to the sheet.
                root.forceActiveFocus();
        }
    }
    RowLayout {
        spacing: Metrics.medium
        Layout.fillWidth: true

        MutedText {
            text: root.vm.fileVerdict
            Layout.fillWidth: true
        }
        AppButton {
            objectName: "strikeFile"
            text: qsTr("Never use this file")
            symbol: "ban"
            onClicked: root.vm.strikeFile(root.vm.file, true)
        }
    }
    RowLayout {
        spacing: Metrics.small
        Layout.fillWidth: true

        Field {
            id: pattern
            objectName: "ownPattern"
            label: qsTr("Also take out everywhere")
            placeholder: qsTr("a name, a project, K-####")
            hint: qsTr("# is a digit, ? any sign, * the rest of a word.")
            onAccepted: addButton.clicked()
        }
        AppButton {
            id: addButton
            objectName: "addPattern"
            text: qsTr("Take out")
            enabled: pattern.text.trim().length > 2
            Layout.alignment: Qt.AlignVCenter
            onClicked: {
                root.vm.addPattern(pattern.text.trim());
                pattern.text = "";
            }
        }
    }
    Banner {
        objectName: "previewError"
        visible: root.vm.errorText !== ""
        tone: "danger"
        symbol: "circle-alert"
        text: root.vm.errorText
        Layout.fillWidth: true
    }
    Rectangle {
        radius: Metrics.controlRadius
        color: Theme.sunken
        implicitHeight: page.implicitHeight + 2 * Metrics.medium
        Layout.fillWidth: true

        ColumnLayout {
            id: page
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: parent.top
            anchors.margins: Metrics.medium
            spacing: 0

            Repeater {
                model: root.vm.lines

                PreviewLine {
                    vm: root.vm
                    Layout.fillWidth: true
                }
            }
        }
    }
    SmallText {
        visible: root.vm.lineTotal > root.vm.lines.count
        text: qsTr("The first %1 of %2 lines. `loamctl data preview` shows the rest.").arg(root.vm.lines.count).arg(Format.local.count(root.vm.lineTotal))
        Layout.fillWidth: true
    }
}
