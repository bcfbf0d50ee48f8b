// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

ScrollPage {
    id: root

    required property SettingsVm settings

    signal practiseChosen
    signal joinChosen
    signal createChosen

    readonly property string sentenceWithNetwork: node.networkName !== "" ? qsTr("Part of %1").arg(node.networkName) : qsTr("Part of a network")

    objectName: "overviewPage"
    title: qsTr("Overview")
    sentence: !node.known ? qsTr("Waiting for the node") : !node.hasNetwork ? qsTr("No network yet") : node.contributing ? sentenceWithNetwork : qsTr("%1. This computer does not contribute.").arg(sentenceWithNetwork)

    Banner {
        visible: root.node.known && root.node.hasNetwork && root.node.smallNetwork
        symbol: "info"
        text: qsTr("This network is still small: its log is only as trustworthy as the few validators who keep it.")
        Layout.fillWidth: true
    }
    ColumnLayout {
        visible: root.node.known && !root.node.hasNetwork
        spacing: Metrics.huge
        Layout.fillWidth: true
        Layout.topMargin: Metrics.vast

        EmptyState {
            symbol: "sprout"
            title: qsTr("Plant something")
            text: qsTr("Once this computer is part of a network, its work, its earnings and the model's progress appear here. Choose how to begin.")
            Layout.fillWidth: true
        }
        EntryChoices {
            objectName: "overview"
            Layout.fillWidth: true
            onPractiseChosen: root.practiseChosen()
            onJoinChosen: root.joinChosen()
            onCreateChosen: root.createChosen()
        }
    }
    RowLayout {
        visible: !root.node.known
        spacing: Metrics.large

        Repeater {
            model: 4

            Card {
                required property int index
                Layout.fillWidth: true
                Layout.preferredWidth: 1

                Skeleton {
                    Layout.preferredWidth: Metrics.columnNumber
                }
                Skeleton {
                    Layout.preferredWidth: Metrics.columnTime
                    Layout.preferredHeight: Metrics.huge
                }
                Skeleton {
                    Layout.fillWidth: true
                    Layout.preferredHeight: Metrics.sparkline
                }
            }
        }
    }
    GridLayout {
        visible: root.node.known && root.node.hasNetwork
        columns: root.contentWidth >= 4 * Metrics.statMinimum + 3 * Metrics.large ? 4 : 2
        columnSpacing: Metrics.large
        rowSpacing: Metrics.large
        Layout.fillWidth: true

        StatCard {
            objectName: "earnedCard"
            label: qsTr("Earned today")
            value: Format.local.amount(root.node.earnedToday)
            unit: "LOAM"
            symbol: "coins"
            tone: "gold"
            series: root.node.earnedSeries.count > 1 ? root.node.earnedSeries : null
            note: qsTr("Balance %1").arg(Format.local.amountWithUnit(root.node.balance))
            explanation: qsTr("Rewards for work that others verified since midnight. The reason behind each one is in the wallet.")
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: Metrics.statMinimum
        }
        StatCard {
            label: qsTr("Throughput")
            value: Format.local.figure(root.node.tokensPerSecond)
            unit: qsTr("tokens/s")
            symbol: "gauge"
            note: root.node.state === "working" ? qsTr("Training now") : qsTr("Not training now")
            explanation: qsTr("Tokens of text this computer trains on each second. A token is about four letters.")
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: Metrics.statMinimum
        }
        StatCard {
            label: qsTr("Loss")
            value: Format.local.figure(root.node.loss)
            unit: qsTr("nats per byte")
            symbol: "activity"
            note: qsTr("Lower is better")
            explanation: qsTr("How surprised the shared model is by text that nobody trained on. It falls while the model learns.")
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: Metrics.statMinimum
        }
        StatCard {
            label: qsTr("Peers")
            value: Format.local.count(root.node.peers)
            unit: qsTr("connected")
            symbol: "users"
            note: qsTr("%n validator(s) keep the log", "", root.node.validators)
            explanation: qsTr("Computers this one talks to now, directly, without a server in between.")
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: Metrics.statMinimum
        }
    }
    RunCard {
        visible: root.node.known && root.node.hasNetwork
        node: root.node
        onCopyRequested: value => root.settings.copy(value)
        Layout.fillWidth: true
    }
    RowLayout {
        visible: root.node.known && root.node.hasNetwork
        spacing: Metrics.large

        PlotCard {
            title: qsTr("Loss after each round")
            unit: qsTr("nats per byte")
            series: root.node.lossSeries
            emptyText: qsTr("The curve begins with the end of the first round.")
            Layout.fillWidth: true
            Layout.preferredWidth: 1
        }
        PlotCard {
            title: qsTr("Throughput")
            unit: qsTr("tokens/s")
            series: root.node.rateSeries
            fromZero: true
            tone: "info"
            emptyText: qsTr("The curve begins with the first training step.")
            Layout.fillWidth: true
            Layout.preferredWidth: 1
        }
    }
}
