// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// What the practice run shall look like.
Card {
    id: root

    required property PracticeVm practice
    required property bool canStart

    padding: Metrics.huge
    spacing: Metrics.huge

    MutedText {
        text: qsTr("Every node gets different texts and trains on them alone. After each round they exchange what they learned, agree on one model, and are paid for work that helped. Everything stays on this computer and is removed afterwards.")
        Layout.fillWidth: true
    }
    GridLayout {
        columns: 2
        columnSpacing: Metrics.vast
        rowSpacing: Metrics.large

        ColumnLayout {
            spacing: 0
            Layout.fillWidth: true

            StrongText {
                text: qsTr("Nodes")
            }
            SmallText {
                text: qsTr("Real programs, each with its own identity and wallet")
                Layout.fillWidth: true
            }
        }
        Stepper {
            id: nodes
            objectName: "practiceNodes"
            name: qsTr("Nodes")
            from: 4
            to: 8
            value: 4
            Layout.alignment: Qt.AlignRight
        }
        ColumnLayout {
            spacing: 0
            Layout.fillWidth: true

            StrongText {
                text: qsTr("Rounds")
            }
            SmallText {
                text: qsTr("About half a minute each on two cores")
                Layout.fillWidth: true
            }
        }
        Stepper {
            id: rounds
            objectName: "practiceRounds"
            name: qsTr("Rounds")
            from: 1
            to: 30
            value: 5
            Layout.alignment: Qt.AlignRight
        }
        ColumnLayout {
            spacing: 0
            Layout.fillWidth: true

            StrongText {
                text: qsTr("Let one node cheat")
            }
            SmallText {
                text: qsTr("It sends poisoned updates and votes twice. Watch it being refused.")
                Layout.fillWidth: true
            }
        }
        ToggleSwitch {
            id: byzantine
            objectName: "practiceByzantine"
            name: qsTr("Let one node cheat")
            Layout.alignment: Qt.AlignRight
        }
        ColumnLayout {
            spacing: Metrics.small
            Layout.fillWidth: true

            ColumnLayout {
                spacing: 0

                StrongText {
                    text: qsTr("Texts")
                }
                SmallText {
                    text: root.practice.corpora.length === 0 ? qsTr("Public texts that come with the system. Or choose folders with .txt files of your own.") : qsTr("Your folders, one for each node in turn:")
                    Layout.fillWidth: true
                }
            }
            Repeater {
                model: root.practice.corpora

                RowLayout {
                    id: corpus
                    required property string modelData
                    spacing: Metrics.small

                    LucideIcon {
                        name: "folder"
                        color: Theme.muted
                        Layout.preferredWidth: Metrics.iconSmall
                        Layout.preferredHeight: Metrics.iconSmall
                    }
                    MonoText {
                        text: corpus.modelData
                        font: Type.monoSmall
                        Layout.fillWidth: true
                    }
                    IconButton {
                        symbol: "x"
                        name: qsTr("Remove %1").arg(corpus.modelData)
                        onClicked: root.practice.removeCorpus(corpus.modelData)
                    }
                }
            }
        }
        AppButton {
            objectName: "practiceFolder"
            symbol: "folder-open"
            text: qsTr("Choose folder…")
            Layout.alignment: Qt.AlignRight | Qt.AlignTop
            onClicked: picker.open()
        }
    }
    AppButton {
        objectName: "practiceStart"
        kind: "primary"
        symbol: "play"
        text: qsTr("Start practice")
        enabled: root.canStart
        onClicked: root.practice.start(nodes.value, rounds.value, byzantine.checked ? 1 : 0)
    }
    FolderPicker {
        id: picker
        heading: qsTr("Folder with texts")
        onAccepted: folder => root.practice.addCorpus(folder)
    }
}
