// SPDX-License-Identifier: GPL-3.0-or-later
// A Loader of Qt 6.4 cannot create components that are bound to their context, so these reach their
// file's ids the old way.
// qmllint disable unqualified
import QtQuick
import QtQuick.Dialogs
import Loam.App

/// Asks where to save. The dialog is built only when it is needed.
Loader {
    id: root

    required property SettingsVm settings
    property string heading
    property string fileName
    property string suffix

    signal accepted(url file)

    function open(title: string, name: string, ending: string) {
        heading = title;
        fileName = name;
        suffix = ending;
        active = true;
        (item as FileDialog).open();
    }

    active: false
    visible: false
    sourceComponent: FileDialog {
        title: root.heading
        fileMode: FileDialog.SaveFile
        currentFile: root.settings.documentFile(root.fileName)
        defaultSuffix: root.suffix
        onAccepted: root.accepted(selectedFile)
    }
}
