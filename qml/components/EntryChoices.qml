// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.Ui

/// The three first steps: practise, join, create.
RowLayout {
    id: root

    signal practiseChosen
    signal joinChosen
    signal createChosen

    spacing: Metrics.large

    ChoiceCard {
        objectName: root.objectName + "Practise"
        symbol: "graduation-cap"
        text: qsTr("Practice on this computer")
        note: qsTr("Four small nodes train a model together, here, in a few minutes. Nothing leaves the machine.")
        onClicked: root.practiseChosen()
        Layout.fillWidth: true
        Layout.fillHeight: true
    }
    ChoiceCard {
        objectName: root.objectName + "Join"
        symbol: "log-in"
        text: qsTr("Join a network")
        note: qsTr("Someone has sent you an invitation, as a text or a QR code.")
        onClicked: root.joinChosen()
        Layout.fillWidth: true
        Layout.fillHeight: true
    }
    ChoiceCard {
        objectName: root.objectName + "Create"
        symbol: "sprout"
        text: qsTr("Create a network")
        note: qsTr("Found one for friends, a club or a company and invite others to it.")
        onClicked: root.createChosen()
        Layout.fillWidth: true
        Layout.fillHeight: true
    }
}
