// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

/// The conversations, newest first, with their search.
Card {
    id: root

    required property ChatVm chat
    required property real now

    function focusSearch() {
        search.forceActiveFocus(Qt.ShortcutFocusReason);
    }

    padding: Metrics.hairline
    spacing: 0

    SearchField {
        id: search
        objectName: "chatSearch"
        name: qsTr("Search conversations")
        placeholderText: qsTr("Search")
        Layout.fillWidth: true
        Layout.margins: Metrics.medium
        onTextChanged: root.chat.search = text
    }
    Divider {}
    ListView {
        id: list
        objectName: "chatList"
        Layout.fillWidth: true
        Layout.fillHeight: true
        model: root.chat.conversations
        clip: true
        activeFocusOnTab: true
        currentIndex: -1
        boundsBehavior: Flickable.StopAtBounds
        highlightMoveDuration: 0
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Conversations")
        Keys.onReturnPressed: (currentItem as ChatListRow)?.clicked()
        Keys.onDeletePressed: (currentItem as ChatListRow)?.removeChosen()
        T.ScrollBar.vertical: ThinScrollBar {}

        delegate: ChatListRow {
            required property int index

            width: ListView.view.width
            now: root.now
            isChosen: conversation === root.chat.conversation
            highlighted: ListView.isCurrentItem && list.activeFocus
            onClicked: {
                list.currentIndex = index;
                root.chat.open(conversation);
            }
            onRemoveChosen: root.chat.remove(conversation)
        }
        MutedText {
            anchors.fill: parent
            anchors.margins: Metrics.large
            visible: list.count === 0
            text: search.text === "" ? qsTr("Conversations appear here. They stay on this computer.") : qsTr("No conversation contains “%1”.").arg(search.text)
        }
    }
}
