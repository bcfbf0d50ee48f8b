// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// The files of one source, and how each was judged. A click shows a file line by line.
SideSheet {
    id: root

    required property DataVm vm
    property bool isRemoving: false

    objectName: "filesSheet"
    title: vm.sourcePath
    onClosed: {
        isRemoving = false;
        vm.showSource(0);
    }

    SearchField {
        objectName: "filesSearch"
        name: qsTr("Search files")
        placeholderText: qsTr("Search files")
        Layout.fillWidth: true
        onTextEdited: root.vm.searchFiles(text)
    }
    SmallText {
        visible: root.vm.fileTotal > root.vm.fileList.count
        text: qsTr("%1 of %2 files shown; search for others.").arg(root.vm.fileList.count).arg(Format.local.count(root.vm.fileTotal))
        Layout.fillWidth: true
    }
    ColumnLayout {
        spacing: 0
        Layout.fillWidth: true

        Repeater {
            model: root.vm.fileList

            FileRow {
                vm: root.vm
                Layout.fillWidth: true
                Layout.leftMargin: -Metrics.medium
                Layout.rightMargin: -Metrics.medium
                onClicked: root.vm.showFile(path)
            }
        }
    }
    EmptyState {
        visible: root.vm.fileList.count === 0
        symbol: "folder-open"
        title: qsTr("No readable files yet")
        text: qsTr("Text, Markdown, code, HTML, PDF, ODF, DOCX, EPUB and mail appear here once they have been read.")
        Layout.fillWidth: true
    }
    AppButton {
        objectName: "removeSource"
        visible: !root.isRemoving
        kind: "danger"
        symbol: "trash-2"
        text: qsTr("Remove this source…")
        onClicked: root.isRemoving = true
    }
    ColumnLayout {
        visible: root.isRemoving
        spacing: Metrics.small

        MutedText {
            text: qsTr("Every consent that names it ends now. What was used of it stays in your log; your files stay where they are.")
            Layout.fillWidth: true
        }
        RowLayout {
            spacing: Metrics.small

            AppButton {
                text: qsTr("Keep it")
                onClicked: root.isRemoving = false
            }
            AppButton {
                objectName: "removeSourceConfirm"
                kind: "danger"
                text: qsTr("Remove")
                onClicked: {
                    root.vm.removeSource(root.vm.source);
                    root.close();
                }
            }
        }
    }
}
