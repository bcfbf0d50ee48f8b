// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

FillPage {
    id: root

    required property ChatVm chat
    required property ModelsVm models
    required property SettingsVm settings
    property bool shown: false
    readonly property bool isTight: width < Metrics.tightTable + Metrics.chatList
    readonly property bool hasModel: models.usable.count > 0

    signal importChosen

    objectName: "chatPage"
    title: qsTr("Chat")
    sentence: qsTr("Computed on this computer. Nothing you write leaves it.")
    onShownChanged: if (shown && hasModel) composer.forceActiveFocus(Qt.OtherFocusReason)
    actions: AppButton {
        objectName: "chatNew"
        kind: "primary"
        symbol: "plus"
        text: qsTr("New chat")
        visible: root.hasModel && root.chat.conversation !== ""
        onClicked: {
            root.chat.startNew();
            composer.forceActiveFocus(Qt.OtherFocusReason);
        }
    }

    Shortcut {
        sequence: "Ctrl+F"
        enabled: root.shown && work.visible
        onActivated: list.focusSearch()
    }
    Shortcut {
        sequence: "Ctrl+N"
        enabled: root.shown && root.hasModel
        onActivated: root.chat.startNew()
    }
    Connections {
        target: root.chat
        function onSent() {
            composer.clear();
            messages.follow = true;
        }
    }
    Item {
        visible: !work.visible
        Layout.fillWidth: true
        Layout.fillHeight: true

        EmptyState {
            objectName: "chatWithoutModel"
            anchors.centerIn: parent
            width: parent.width
            visible: root.models.known
            symbol: "boxes"
            title: qsTr("Import a model to chat with")
            text: qsTr("Any open model in a GGUF file, or a folder with safetensors. It then works here, offline and for good.")
            actionText: qsTr("Choose a model…")
            onAction: root.importChosen()
        }
    }
    RowLayout {
        id: work
        visible: root.hasModel || root.chat.conversations.count > 0
        spacing: Metrics.large
        Layout.fillWidth: true
        Layout.fillHeight: true

        ChatList {
            id: list
            chat: root.chat
            now: root.node.now
            Layout.preferredWidth: Metrics.chatList
            Layout.fillWidth: false
            Layout.fillHeight: true
        }
        Card {
            padding: Metrics.hairline
            spacing: 0
            Layout.fillWidth: true
            Layout.fillHeight: true

            ModelChooser {
                chat: root.chat
                models: root.models
                isTight: root.isTight
                Layout.fillWidth: true
                Layout.fillHeight: false
                Layout.margins: Metrics.medium
            }
            Divider {}
            ListView {
                id: messages
                objectName: "chatMessages"

                /// Whether new text keeps the end in sight; scrolling up lets go.
                property bool follow: true

                visible: count > 0
                model: root.chat.messages
                clip: true
                spacing: Metrics.large
                topMargin: Metrics.large
                bottomMargin: Metrics.large
                boundsBehavior: Flickable.StopAtBounds
                // A conversation is short and its rows differ in height: all of them are kept.
                cacheBuffer: 100000
                Layout.fillWidth: true
                Layout.fillHeight: true
                Accessible.role: Accessible.List
                Accessible.name: qsTr("Messages")
                onMovementEnded: follow = atYEnd
                // Once the rows have their new places; the linter does not know this function of Qt.
                // qmllint disable
                onContentHeightChanged: if (follow) Qt.callLater(positionViewAtEnd)
                onCountChanged: if (follow) Qt.callLater(positionViewAtEnd)
                // qmllint enable
                T.ScrollBar.vertical: ThinScrollBar {}

                delegate: ChatMessage {
                    required property int index

                    x: Metrics.huge
                    width: ListView.view.width - 2 * Metrics.huge
                    isLast: index === ListView.view.count - 1
                    isAnswering: root.chat.answering
                    liveRate: root.chat.tokensPerSecond
                    onCopyRequested: text => root.settings.copy(text)
                    onAgainChosen: root.chat.regenerate()
                }
            }
            Item {
                visible: messages.count === 0
                Layout.fillWidth: true
                Layout.fillHeight: true

                EmptyState {
                    anchors.centerIn: parent
                    width: parent.width - 2 * Metrics.huge
                    symbol: "message-circle"
                    title: qsTr("Ask something")
                    text: root.hasModel ? qsTr("The model reads this conversation and nothing else.") : qsTr("There is no model on this computer now. Import one to go on.")
                }
            }
            Banner {
                objectName: "chatError"
                visible: root.chat.errorText !== ""
                tone: "danger"
                symbol: "circle-alert"
                text: root.chat.errorText
                actionText: qsTr("Dismiss")
                Layout.fillWidth: true
                Layout.margins: Metrics.medium
                Layout.bottomMargin: 0
                onAction: root.chat.dismissError()
            }
            ChatComposer {
                id: composer
                isAnswering: root.chat.answering
                canSend: root.hasModel
                Layout.fillWidth: true
                Layout.margins: Metrics.medium
                onSendChosen: text => root.chat.send(text)
                onStopChosen: root.chat.stop()
            }
        }
    }
}
