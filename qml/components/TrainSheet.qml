// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// Which model learns from which text. It is a question of consent: "No" has the focus, and no
/// source is chosen beforehand.
SideSheet {
    id: root

    required property AdaptersVm vm
    required property DataVm ownData
    property var chosen: []

    function takeFocus() {
        chosen = [];
        noButton.forceActiveFocus(Qt.TabFocusReason);
    }
    function choose(source: int, isChosen: bool) {
        chosen = isChosen ? chosen.concat([source]) : chosen.filter(one => one !== source);
    }

    objectName: "trainSheet"
    title: qsTr("Train a model of your own")
    onClosed: vm.reset()

    BodyText {
        text: qsTr("<b>Nothing leaves this computer.</b> The model learns from the text you choose here, and what it has learnt is sealed with your key.")
        textFormat: Text.StyledText
        Layout.fillWidth: true
    }
    ColumnLayout {
        spacing: Metrics.tiny
        Layout.fillWidth: true

        SmallText {
            text: qsTr("Model that learns")
            color: Theme.text
            font: Type.smallStrong
            Layout.fillWidth: true
        }
        Picker {
            id: base
            objectName: "trainModel"
            name: qsTr("Model that learns")
            symbol: "boxes"
            placeholder: qsTr("Import a model of the Llama family first")
            model: root.vm.bases
            textRole: "name"
            valueRole: "model"
            Layout.fillWidth: true
        }
    }
    ColumnLayout {
        spacing: Metrics.small
        Layout.fillWidth: true

        SmallText {
            text: qsTr("Text it may learn from")
            color: Theme.text
            font: Type.smallStrong
            Layout.fillWidth: true
        }
        Repeater {
            model: root.ownData.sources

            SettingRow {
                id: row

                required property int index
                required property int sourceId
                required property string path
                required property var tokens

                title: path
                note: qsTr("%1 tokens").arg(Format.local.count(tokens))

                ToggleSwitch {
                    objectName: "trainSource" + row.index
                    name: row.path
                    checked: root.chosen.includes(row.sourceId)
                    onToggled: root.choose(row.sourceId, checked)
                }
            }
        }
    }
    Field {
        id: name
        objectName: "trainName"
        label: qsTr("Name")
        placeholder: qsTr("My letters")
    }
    SettingRow {
        title: qsTr("Begin at once")
        note: qsTr("Otherwise it keeps to the times when this computer may work.")

        ToggleSwitch {
            id: now
            objectName: "trainNow"
            name: qsTr("Begin at once")
        }
    }
    SmallText {
        text: qsTr("The consent ends after 30 days, or when you end it; training then stops before its next step.")
        Layout.fillWidth: true
    }
    Banner {
        visible: !root.ownData.adapters
        tone: "gold"
        symbol: "lock"
        text: qsTr("You answered No to this kind of use. Change the answer first, under Your limits.")
        Layout.fillWidth: true
    }
    Banner {
        objectName: "trainError"
        visible: root.vm.errorText !== ""
        tone: "danger"
        symbol: "circle-alert"
        text: root.vm.errorText
        Layout.fillWidth: true
    }
    RowLayout {
        spacing: Metrics.small

        AppButton {
            id: noButton
            objectName: "trainNo"
            text: qsTr("No")
            Layout.preferredWidth: Metrics.columnNode
            onClicked: root.close()
        }
        AppButton {
            objectName: "trainYes"
            text: qsTr("Yes, train it")
            enabled: root.ownData.adapters && root.vm.state !== AdaptersVm.Busy && base.currentIndex >= 0 && root.chosen.length > 0
            Layout.preferredWidth: Metrics.columnNode
            onClicked: root.vm.train(name.text, base.currentValue, root.chosen, 30, now.checked)
        }
    }
    Connections {
        target: root.vm
        function onBegun() {
            root.isOpen = false;
        }
    }
}
