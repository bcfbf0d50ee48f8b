// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// A model on its way in.
Card {
    id: root

    required property ModelsVm models

    /// What happens just now.
    function sentence(): string {
        if (models.importPhase === "copying")
            return qsTr("Copying and checking: %1 of %2").arg(Format.local.bytes(models.importBytes)).arg(Format.local.bytes(models.importTotal));
        return models.importPhase === "checking" ? qsTr("Reading the file") : qsTr("Waiting for the import before it");
    }

    objectName: "importCard"
    visible: models.importing

    RowLayout {
        spacing: Metrics.large

        ColumnLayout {
            spacing: Metrics.small
            Layout.fillWidth: true

            HeadingText {
                text: qsTr("Importing %1").arg(root.models.importName)
                elide: Text.ElideRight
                Layout.fillWidth: true
            }
            ProgressLine {
                name: qsTr("Import")
                value: root.models.importTotal > 0 ? root.models.importBytes / root.models.importTotal : 0
                Layout.fillWidth: true
            }
            SmallText {
                text: root.sentence()
                Layout.fillWidth: true
            }
        }
        AppButton {
            objectName: "importCancel"
            text: qsTr("Cancel")
            onClicked: root.models.cancelImport()
        }
    }
}
