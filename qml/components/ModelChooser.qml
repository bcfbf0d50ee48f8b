// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// Which model answers, and on which device; with what the model needs.
RowLayout {
    id: root

    required property ChatVm chat
    required property ModelsVm models
    property bool isTight: false
    readonly property var chosen: models.record(chat.model)

    /// Keeps the boxes and the view model of one mind: a model that has gone makes room for the
    /// newest one.
    function follow() {
        const known = modelPicker.indexOfValue(chat.model);
        if (known < 0 && modelPicker.count > 0) {
            chat.model = modelPicker.valueAt(0);
            return;
        }
        modelPicker.currentIndex = known;
        devicePicker.currentIndex = devicePicker.indexOfValue(chat.device);
    }

    spacing: Metrics.medium
    Component.onCompleted: follow()

    Picker {
        id: modelPicker
        objectName: "modelPicker"
        name: qsTr("Model that answers")
        symbol: "boxes"
        placeholder: qsTr("Choose a model")
        model: root.models.usable
        textRole: "name"
        valueRole: "model"
        Layout.fillWidth: true
        Layout.maximumWidth: Metrics.field
        onCountChanged: root.follow()
        onActivated: root.chat.model = currentValue
    }
    SmallText {
        objectName: "modelNeed"
        visible: !root.isTight && text !== ""
        text: {
            if (!(root.chosen.bytes > 0))
                return "";
            const size = Format.local.bytes(root.chosen.bytes);
            // What a run's model needs is not known before it is loaded.
            return root.chosen.memory > 0 ? qsTr("%1 on disk, %2 of memory").arg(size).arg(Format.local.bytes(root.chosen.memory)) : qsTr("%1 on disk").arg(size);
        }
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        Layout.fillWidth: true
    }
    Picker {
        id: devicePicker
        objectName: "devicePicker"
        name: qsTr("Device that computes")
        symbol: "cpu"
        placeholder: qsTr("Best device")
        model: root.models.devices
        textRole: "name"
        valueRole: "device"
        Layout.preferredWidth: Metrics.statMinimum
        onCountChanged: root.follow()
        onActivated: root.chat.device = currentValue
    }
    Connections {
        target: root.chat
        function onChanged() {
            root.follow();
        }
    }
}
