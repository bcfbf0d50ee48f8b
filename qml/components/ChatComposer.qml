// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.Ui

/// Where the owner writes. Return sends, Shift+Return begins a new line.
FocusScope {
    id: root

    property bool isAnswering: false
    property bool canSend: true
    readonly property alias text: input.text

    signal sendChosen(string text)
    signal stopChosen

    function clear() {
        input.clear();
    }
    function submit() {
        if (input.text.trim() !== "" && canSend && !isAnswering)
            sendChosen(input.text);
    }

    implicitHeight: Math.min(input.implicitHeight, 6 * Type.bodyLine + 2 * Metrics.medium)

    Rectangle {
        anchors.fill: parent
        radius: Metrics.controlRadius
        color: Theme.sunken
        border.width: input.activeFocus ? Metrics.focusWidth : Metrics.hairline
        border.color: input.activeFocus ? Theme.info : Theme.line
    }
    Flickable {
        anchors.fill: parent
        anchors.rightMargin: button.width + Metrics.medium
        boundsBehavior: Flickable.StopAtBounds
        clip: true
        T.ScrollBar.vertical: ThinScrollBar {}

        T.TextArea.flickable: T.TextArea {
            id: input
            objectName: "chatInput"
            focus: true
            implicitHeight: Math.max(Metrics.control + Metrics.small, contentHeight + topPadding + bottomPadding)
            leftPadding: Metrics.large
            rightPadding: Metrics.small
            topPadding: Metrics.medium
            bottomPadding: Metrics.medium
            textFormat: TextEdit.PlainText
            wrapMode: TextEdit.Wrap
            selectByMouse: true
            font: Type.body
            color: Theme.text
            selectionColor: Theme.accent
            selectedTextColor: Theme.accentInk
            Accessible.role: Accessible.EditableText
            Accessible.name: qsTr("Message")
            Accessible.multiLine: true
            KeyNavigation.priority: KeyNavigation.BeforeItem
            KeyNavigation.tab: button
            Keys.onReturnPressed: event => {
                event.accepted = (event.modifiers & Qt.ShiftModifier) === 0;
                if (event.accepted)
                    root.submit();
            }

            MutedText {
                x: input.leftPadding
                y: input.topPadding
                visible: input.text === "" && input.preeditText === ""
                text: qsTr("Write a message")
            }
        }
    }
    IconButton {
        id: button
        objectName: root.isAnswering ? "chatStop" : "chatSend"
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        anchors.margins: Metrics.small - Metrics.hairline
        symbol: root.isAnswering ? "square" : "send"
        name: root.isAnswering ? qsTr("Stop the answer") : qsTr("Send")
        ink: root.isAnswering ? Theme.danger : Theme.accent
        enabled: root.isAnswering || (root.canSend && root.text.trim() !== "")
        opacity: enabled ? 1 : 0.4
        onClicked: root.isAnswering ? root.stopChosen() : root.submit()
    }
}
