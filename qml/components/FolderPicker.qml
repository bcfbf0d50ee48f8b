// SPDX-License-Identifier: GPL-3.0-or-later
// A Loader of Qt 6.4 cannot create components that are bound to their context, so these reach their
// file's ids the old way.
// qmllint disable unqualified
import QtQuick
import QtQuick.Dialogs
import Loam.Ui

/// Asks for a folder. The dialog is built only when it is needed.
Loader {
    id: root

    property string heading

    signal accepted(url folder)

    function open() {
        active = true;
        (item as FolderDialog).open();
    }

    active: false
    visible: false
    sourceComponent: FolderDialog {
        title: root.heading
        onAccepted: root.accepted(selectedFolder)
    }
}
