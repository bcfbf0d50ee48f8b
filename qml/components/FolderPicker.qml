// SPDX-License-Identifier: GPL-3.0-or-later
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
