// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

ScrollPage {
    id: root

    required property NetworkVm network
    required property SettingsVm settings
    property bool shown: false
    readonly property bool isTight: width < Metrics.tightTable

    signal joinChosen
    signal createChosen
    signal practiseChosen

    objectName: "networkPage"
    title: qsTr("Network")
    sentence: !node.hasNetwork ? qsTr("No network yet") : qsTr("%n peer(s) connected, directly and encrypted", "", network.peers.count)
    actions: AppButton {
        objectName: "invite"
        kind: "primary"
        symbol: "qr-code"
        visible: root.node.hasNetwork && root.network.invitation === ""
        text: qsTr("Invite")
        onClicked: root.network.invite()
    }

    Binding {
        target: root.network
        property: "active"
        value: root.shown
    }
    ColumnLayout {
        visible: !root.node.hasNetwork
        spacing: Metrics.huge
        Layout.fillWidth: true
        Layout.topMargin: Metrics.vast

        EmptyState {
            symbol: "network"
            title: qsTr("On its own so far")
            text: qsTr("A network is a group of computers that train together and keep one audit log. There is no central one: join one by invitation, or found your own.")
            Layout.fillWidth: true
        }
        EntryChoices {
            objectName: "network"
            Layout.fillWidth: true
            onPractiseChosen: root.practiseChosen()
            onJoinChosen: root.joinChosen()
            onCreateChosen: root.createChosen()
        }
    }
    Banner {
        visible: root.node.hasNetwork && root.network.errorText !== ""
        tone: "danger"
        symbol: "circle-alert"
        text: root.network.errorText
        actionText: qsTr("Dismiss")
        onAction: root.network.reset()
        Layout.fillWidth: true
    }
    Card {
        visible: root.node.hasNetwork
        Layout.fillWidth: true

        RowLayout {
            spacing: Metrics.large

            ColumnLayout {
                spacing: Metrics.tiny
                Layout.fillWidth: true

                HeadingText {
                    text: root.node.networkName !== "" ? root.node.networkName : qsTr("Your network")
                    Layout.fillWidth: true
                }
                CopyId {
                    Layout.leftMargin: -Metrics.tiny
                    name: qsTr("network id")
                    keep: 10
                    value: root.node.network
                    onCopyRequested: value => root.settings.copy(value)
                }
            }
            LabeledValue {
                label: qsTr("Block")
                value: Format.local.count(root.node.height)
                Layout.fillWidth: false
            }
            LabeledValue {
                label: qsTr("Validators")
                value: Format.local.count(root.node.validators)
                Layout.fillWidth: false
            }
            Badge {
                visible: root.node.isValidator
                symbol: "shield-check"
                tone: "accent"
                text: qsTr("This computer is one")
            }
        }
    }
    InvitationCard {
        visible: root.node.hasNetwork && root.network.invitation !== ""
        invitation: root.network.invitation
        onCopyRequested: root.settings.copy(root.network.invitation)
        Layout.fillWidth: true
    }
    Card {
        visible: root.node.hasNetwork
        padding: Metrics.hairline
        spacing: 0
        Layout.fillWidth: true

        RowLayout {
            spacing: Metrics.large
            Layout.fillWidth: true
            Layout.preferredHeight: Metrics.row
            Layout.leftMargin: Metrics.large
            Layout.rightMargin: Metrics.large

            HeaderCell {
                text: qsTr("Peer")
                Layout.fillWidth: true
                Layout.preferredWidth: Metrics.columnNode
            }
            HeaderCell {
                text: qsTr("Address")
                Layout.fillWidth: true
                Layout.preferredWidth: Metrics.columnNode
            }
            HeaderCell {
                visible: !root.isTight
                text: qsTr("Program")
                Layout.preferredWidth: Metrics.columnKind
            }
            HeaderCell {
                text: qsTr("Round trip")
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnNumber
            }
            HeaderCell {
                text: qsTr("Since")
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnTime
            }
        }
        Divider {}
        Repeater {
            model: root.network.peers

            TableRow {
                id: peerRow
                required property string peer
                required property var endpoint
                required property var client
                required property var rtt
                required property var since

                clickable: false
                Layout.fillWidth: true
                Accessible.name: peer + ", " + endpoint

                MonoText {
                    text: Format.local.shortId(peerRow.peer, 6)
                    Layout.fillWidth: true
                    Layout.preferredWidth: Metrics.columnNode
                }
                MonoText {
                    text: peerRow.endpoint ?? ""
                    color: Theme.muted
                    Layout.fillWidth: true
                    Layout.preferredWidth: Metrics.columnNode
                }
                CellText {
                    visible: !root.isTight
                    text: peerRow.client ?? ""
                    color: Theme.muted
                    Layout.preferredWidth: Metrics.columnKind
                }
                CellText {
                    text: Format.local.milliseconds(peerRow.rtt > 0 ? peerRow.rtt * 1000 : NaN)
                    horizontalAlignment: Text.AlignRight
                    Layout.preferredWidth: Metrics.columnNumber
                }
                CellText {
                    text: Format.local.relativeTime(peerRow.since ?? 0, root.node.now)
                    color: Theme.muted
                    horizontalAlignment: Text.AlignRight
                    Layout.preferredWidth: Metrics.columnTime
                }
            }
        }
        EmptyState {
            visible: root.network.peers.count === 0
            symbol: "users"
            title: qsTr("Nobody else is here yet")
            text: qsTr("Invite someone, or wait: other computers of this network are being looked for.")
            Layout.fillWidth: true
            Layout.margins: Metrics.huge
        }
    }
}
