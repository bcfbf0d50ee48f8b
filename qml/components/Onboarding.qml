// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

/// The first minute: what Loam does, what it never does, and the first step. Nothing is switched on.
FocusScope {
    id: root

    signal practiseChosen
    signal joinChosen
    signal createChosen
    signal skipped

    Accessible.role: Accessible.Dialog
    Accessible.name: qsTr("Welcome to Loam")
    Keys.onEscapePressed: skipped()

    Rectangle {
        anchors.fill: parent
        color: Theme.window
    }
    MouseArea {
        anchors.fill: parent
        onWheel: wheel => wheel.accepted = true
    }
    Flickable {
        anchors.fill: parent
        contentWidth: width
        contentHeight: Math.max(height, column.implicitHeight + 2 * Metrics.huge)
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ThinScrollBar {}

        ColumnLayout {
            id: column
            anchors.centerIn: parent
            width: Math.min(parent.width - 2 * Metrics.huge, Metrics.content * 0.8)
            spacing: Metrics.huge

            ColumnLayout {
                spacing: Metrics.small

                Image {
                    source: "qrc:/loam/brand/loam.svg"
                    sourceSize.width: 2 * (Metrics.grand + Metrics.large)
                    sourceSize.height: 2 * (Metrics.grand + Metrics.large)
                    Layout.preferredWidth: Metrics.grand + Metrics.large
                    Layout.preferredHeight: Metrics.grand + Metrics.large
                    Layout.alignment: Qt.AlignHCenter
                    Accessible.ignored: true
                }
                DisplayText {
                    text: qsTr("Welcome to Loam")
                    horizontalAlignment: Text.AlignHCenter
                    Accessible.role: Accessible.Heading
                    Accessible.name: text
                    Layout.fillWidth: true
                }
                MutedText {
                    text: qsTr("Idle computers build an AI that belongs to the people who train it. Yours can be one of them.")
                    horizontalAlignment: Text.AlignHCenter
                    Layout.fillWidth: true
                }
            }
            Card {
                Layout.fillWidth: true
                spacing: Metrics.large

                PromiseRow {
                    symbol: "shield-check"
                    title: qsTr("Nothing private takes part")
                    text: qsTr("Your files are never read unless you add them yourself. You see first what would be used.")
                }
                PromiseRow {
                    symbol: "circle-pause"
                    title: qsTr("Your computer stays yours")
                    text: qsTr("Work happens only when you allow it, at the lowest priority, and stops the moment you need the machine.")
                }
                PromiseRow {
                    symbol: "scroll-text"
                    title: qsTr("Nothing has to be believed")
                    text: qsTr("Every reward and every decision is in an audit log that you can verify, entry by entry.")
                }
            }
            EntryChoices {
                objectName: "onboarding"
                Layout.fillWidth: true
                onPractiseChosen: root.practiseChosen()
                onJoinChosen: root.joinChosen()
                onCreateChosen: root.createChosen()
            }
            RowLayout {
                spacing: Metrics.small
                Layout.alignment: Qt.AlignHCenter

                MutedText {
                    text: qsTr("Contribution is off until you switch it on.")
                    wrapMode: Text.NoWrap
                }
                AppButton {
                    objectName: "onboardingSkip"
                    kind: "quiet"
                    focus: true
                    text: qsTr("Look around first")
                    onClicked: root.skipped()
                }
            }
        }
    }
}
