// SPDX-License-Identifier: GPL-3.0-or-later
// A Loader of Qt 6.4 cannot create components that are bound to their context, so these reach their
// file's ids the old way.
// qmllint disable unqualified
import QtQuick
import QtQuick.Dialogs

/// Asks for a file that is there. The dialog is built only when it is needed.
Loader {
    id: root

    property string heading
    property list<string> filters

    signal accepted(url file)

    function open() {
        active = true;
        (item as FileDialog).open();
    }

    active: false
    visible: false
    sourceComponent: FileDialog {
        title: root.heading
        fileMode: FileDialog.OpenFile
        nameFilters: root.filters
        onAccepted: root.accepted(selectedFile)
    }
}
