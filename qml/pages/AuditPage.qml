// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

FillPage {
    id: root

    required property AuditVm audit
    required property SettingsVm settings
    property bool shown: false
    readonly property bool isTight: width < Metrics.tightTable

    function openEntry(row: int) {
        list.currentIndex = row;
        const entry = audit.log.record(row).index;
        if (entry !== undefined) {
            audit.open(entry);
            sheet.open();
        }
    }
    function focusSearch() {
        search.forceActiveFocus(Qt.ShortcutFocusReason);
    }

    objectName: "auditPage"
    title: qsTr("Audit log")
    sentence: qsTr("Every transaction and every decision, in the order in which they became final")

    Binding {
        target: root.audit.log
        property: "active"
        value: root.shown
    }
    Shortcut {
        sequence: "Ctrl+F"
        enabled: root.shown
        onActivated: root.focusSearch()
    }
    Banner {
        visible: !root.audit.log.consistent
        tone: "danger"
        symbol: "shield-alert"
        text: qsTr("The log does not continue what was seen before. Do not trust new entries; ask the people who run the validators.")
        Layout.fillWidth: true
    }
    RowLayout {
        spacing: Metrics.large
        Layout.fillHeight: false

        SearchField {
            id: search
            objectName: "auditSearch"
            name: qsTr("Search the log")
            placeholderText: qsTr("Search: kind, node, text")
            Layout.fillWidth: true
            Layout.maximumWidth: Metrics.field + Metrics.grand
            onTextChanged: root.audit.log.search = text
        }
        SmallText {
            objectName: "auditCount"
            text: search.text === "" ? qsTr("%1 entries").arg(Format.local.count(root.audit.log.size)) : qsTr("%1 of %2 entries").arg(Format.local.count(root.audit.log.count)).arg(Format.local.count(root.audit.log.size))
            wrapMode: Text.NoWrap
        }
        Item {
            Layout.fillWidth: true
        }
        Badge {
            visible: root.audit.log.size > 0
            symbol: root.audit.log.consistent ? "shield-check" : "shield-alert"
            tone: root.audit.log.consistent ? "accent" : "danger"
            text: root.audit.log.consistent ? qsTr("Signed by %n validator(s)", "", root.audit.log.cosigners.length) : qsTr("Inconsistent")
        }
        CopyId {
            name: qsTr("audit root")
            value: root.audit.log.root
            onCopyRequested: value => root.settings.copy(value)
        }
    }
    Card {
        padding: Metrics.hairline
        spacing: 0
        Layout.fillWidth: true
        Layout.fillHeight: true

        RowLayout {
            spacing: Metrics.large
            Layout.fillWidth: true
            Layout.fillHeight: false
            Layout.preferredHeight: Metrics.row
            Layout.leftMargin: Metrics.large
            Layout.rightMargin: Metrics.large

            HeaderCell {
                text: qsTr("Entry")
                horizontalAlignment: Text.AlignRight
                Layout.preferredWidth: Metrics.columnNumber
            }
            HeaderCell {
                text: qsTr("When")
                Layout.preferredWidth: Metrics.columnTime
            }
            HeaderCell {
                text: qsTr("What")
                Layout.preferredWidth: Metrics.columnKind
            }
            HeaderCell {
                visible: !root.isTight
                text: qsTr("Node")
                Layout.preferredWidth: Metrics.columnNode
            }
            HeaderCell {
                text: qsTr("Text")
                Layout.fillWidth: true
            }
        }
        Divider {}
        ListView {
            id: list
            objectName: "auditList"
            Layout.fillWidth: true
            Layout.fillHeight: true
            visible: root.audit.log.count > 0
            model: root.audit.log
            clip: true
            reuseItems: true
            activeFocusOnTab: true
            currentIndex: -1
            boundsBehavior: Flickable.StopAtBounds
            highlightMoveDuration: 0
            Accessible.role: Accessible.Table
            Accessible.name: qsTr("Audit log")
            Keys.onReturnPressed: root.openEntry(currentIndex)
            T.ScrollBar.vertical: ThinScrollBar {}

            delegate: AuditRow {
                width: ListView.view.width
                now: root.node.now
                isTight: root.isTight
                highlighted: ListView.isCurrentItem && list.activeFocus
                isChosen: loaded && root.audit.index === entry
                onClicked: root.openEntry(index)
            }
        }
        Item {
            visible: root.audit.log.count === 0
            Layout.fillHeight: true
        }
        EmptyState {
            visible: root.audit.log.count === 0 && (root.audit.log.ready || !root.node.hasNetwork || root.audit.log.errorText !== "")
            symbol: search.text === "" ? "scroll-text" : "search"
            title: search.text === "" ? qsTr("The log is empty") : qsTr("Nothing found")
            text: search.text === "" ? qsTr("Once this computer is part of a network, each of its transactions and decisions appears here.") : qsTr("No entry contains “%1”.").arg(search.text)
            Layout.fillWidth: true
            Layout.margins: Metrics.huge
        }
        Item {
            visible: root.audit.log.count === 0
            Layout.fillHeight: true
        }
    }
    AuditSheet {
        id: sheet
        parent: root
        audit: root.audit
        settings: root.settings
    }
}
