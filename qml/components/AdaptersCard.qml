// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// The models that learnt from the owner's text, and the button that makes one.
Card {
    id: root

    required property AdaptersVm vm
    property bool canTrain: false

    signal trainRequested
    signal chosen(string adapter)

    padding: Metrics.hairline
    spacing: 0

    RowLayout {
        Layout.margins: Metrics.large
        spacing: Metrics.large

        ColumnLayout {
            spacing: 0
            HeadingText {
                text: qsTr("Models of your own")
                Layout.fillWidth: true
            }
            SmallText {
                text: root.vm.list.count > 0 ? qsTr("They learnt from your text, are sealed with your key, and stay here.") : qsTr("A chat model that knows your text. It learns on this computer and never leaves it.")
                Layout.fillWidth: true
            }
        }
        AppButton {
            objectName: "openTrain"
            symbol: "graduation-cap"
            text: qsTr("Train one…")
            enabled: root.canTrain
            onClicked: root.trainRequested()
        }
    }
    Divider {
        visible: root.vm.list.count > 0
    }
    Repeater {
        model: root.vm.list

        AdapterRow {
            vm: root.vm
            Layout.fillWidth: true
            onClicked: root.chosen(adapterId)
        }
    }
}
