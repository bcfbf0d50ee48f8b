// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// The way around. Pages that do not exist yet are not shown.
Rectangle {
    id: root

    required property string currentPage
    property bool narrow: false
    /// Also when the words would not fit one below the other.
    readonly property bool isCompact: narrow || height < pages.length * (Metrics.railItem + Metrics.tiny) + Metrics.vast + Metrics.grand
    readonly property var pages: ["overview", "models", "chat", "data", "wallet", "audit", "network", "practice", "settings"]

    signal chosen(string page)

    implicitWidth: isCompact ? Metrics.railNarrow : Metrics.rail
    color: Theme.surface
    Accessible.role: Accessible.PageTabList
    Accessible.name: qsTr("Pages")

    Rectangle {
        anchors.right: parent.right
        width: Metrics.hairline
        height: parent.height
        color: Theme.line
    }
    ColumnLayout {
        anchors.fill: parent
        anchors.topMargin: Metrics.large
        anchors.bottomMargin: Metrics.medium
        spacing: Metrics.tiny

        Image {
            source: "qrc:/loam/brand/loam.svg"
            sourceSize.width: 2 * Metrics.vast
            sourceSize.height: 2 * Metrics.vast
            Layout.preferredWidth: Metrics.vast
            Layout.preferredHeight: Metrics.vast
            Layout.alignment: Qt.AlignHCenter
            Layout.bottomMargin: Metrics.medium
            Accessible.ignored: true
        }
        NavItem {
            page: "overview"
            text: qsTr("Overview")
            symbol: "house"
            currentPage: root.currentPage
            narrow: root.isCompact
            onChosen: page => root.chosen(page)
            Layout.fillWidth: true
        }
        NavItem {
            page: "models"
            text: qsTr("Models")
            symbol: "boxes"
            currentPage: root.currentPage
            narrow: root.isCompact
            onChosen: page => root.chosen(page)
            Layout.fillWidth: true
        }
        NavItem {
            page: "chat"
            text: qsTr("Chat")
            symbol: "message-circle"
            currentPage: root.currentPage
            narrow: root.isCompact
            onChosen: page => root.chosen(page)
            Layout.fillWidth: true
        }
        NavItem {
            page: "data"
            text: qsTr("My data")
            symbol: "folder"
            currentPage: root.currentPage
            narrow: root.isCompact
            onChosen: page => root.chosen(page)
            Layout.fillWidth: true
        }
        NavItem {
            page: "wallet"
            text: qsTr("Wallet")
            symbol: "wallet"
            currentPage: root.currentPage
            narrow: root.isCompact
            onChosen: page => root.chosen(page)
            Layout.fillWidth: true
        }
        NavItem {
            page: "audit"
            text: qsTr("Audit log")
            symbol: "scroll-text"
            currentPage: root.currentPage
            narrow: root.isCompact
            onChosen: page => root.chosen(page)
            Layout.fillWidth: true
        }
        NavItem {
            page: "network"
            text: qsTr("Network")
            symbol: "network"
            currentPage: root.currentPage
            narrow: root.isCompact
            onChosen: page => root.chosen(page)
            Layout.fillWidth: true
        }
        NavItem {
            page: "practice"
            text: qsTr("Practice")
            symbol: "graduation-cap"
            currentPage: root.currentPage
            narrow: root.isCompact
            onChosen: page => root.chosen(page)
            Layout.fillWidth: true
        }
        Item {
            Layout.fillHeight: true
        }
        NavItem {
            page: "settings"
            text: qsTr("Settings")
            symbol: "settings"
            currentPage: root.currentPage
            narrow: root.isCompact
            onChosen: page => root.chosen(page)
            Layout.fillWidth: true
        }
    }
}
