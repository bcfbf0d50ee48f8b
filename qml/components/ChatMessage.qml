// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// One message. What the owner wrote stands on the right in a well, an answer is plain text with
/// its figures and actions below.
ColumnLayout {
    id: root

    required property string message
    required property string role
    required property var content
    required property var model
    required property var rate
    required property var end
    required property var error
    property bool isLast: false
    property bool isAnswering: false
    property real liveRate: 0
    readonly property bool isOwn: role === "user"
    readonly property bool isStreaming: isAnswering && message === "answer"

    signal copyRequested(string text)
    signal againChosen

    /// The speed, and why an answer is shorter than it might be.
    function figures(): string {
        const speed = isStreaming ? liveRate : rate ?? 0;
        const said = speed > 0 ? qsTr("%1 tokens/s").arg(speed < 10 ? Format.local.figure(speed) : Format.local.count(speed)) : isStreaming ? qsTr("Reading…") : "";
        const why = end === "cancelled" ? qsTr("stopped") : end === "length" ? qsTr("the limit of length was reached") : "";
        return said !== "" && why !== "" ? said + " · " + why : said + why;
    }

    spacing: Metrics.tiny

    Rectangle {
        Layout.alignment: root.isOwn ? Qt.AlignRight : Qt.AlignLeft
        Layout.preferredWidth: root.isOwn ? Math.min(body.implicitWidth + 2 * Metrics.large, root.width * 0.8) : root.width
        Layout.preferredHeight: body.implicitHeight + (root.isOwn ? 2 * Metrics.medium : 0)
        visible: body.text !== ""
        radius: Metrics.cardRadius
        color: root.isOwn ? Theme.sunken : "transparent"
        border.width: root.isOwn && Theme.isContrast ? Metrics.hairline : 0
        border.color: Theme.line

        TextEdit {
            id: body
            anchors.fill: parent
            anchors.leftMargin: root.isOwn ? Metrics.large : 0
            anchors.rightMargin: anchors.leftMargin
            anchors.topMargin: root.isOwn ? Metrics.medium : 0
            anchors.bottomMargin: anchors.topMargin
            text: root.content ?? ""
            // Plain: what a model writes may not load pictures or hide links.
            textFormat: TextEdit.PlainText
            readOnly: true
            selectByMouse: true
            activeFocusOnTab: true
            wrapMode: TextEdit.Wrap
            font: Type.body
            color: Theme.text
            selectionColor: Theme.accent
            selectedTextColor: Theme.accentInk
            Accessible.role: Accessible.Paragraph
            Accessible.name: root.isOwn ? qsTr("You wrote: %1").arg(text) : qsTr("Answer: %1").arg(text)
        }
    }
    Banner {
        objectName: "messageError"
        visible: root.error !== undefined && root.error !== ""
        tone: "danger"
        symbol: "circle-alert"
        text: root.error ?? ""
        Layout.fillWidth: true
    }
    RowLayout {
        visible: !root.isOwn
        spacing: Metrics.tiny
        Layout.leftMargin: -Metrics.small

        IconButton {
            objectName: "messageCopy"
            visible: !root.isStreaming && body.text !== ""
            symbol: "copy"
            name: qsTr("Copy the answer")
            onClicked: root.copyRequested(body.text)
        }
        IconButton {
            objectName: "messageAgain"
            visible: root.isLast && !root.isAnswering
            symbol: "refresh-cw"
            name: qsTr("Answer again")
            onClicked: root.againChosen()
        }
        SmallText {
            objectName: root.isStreaming ? "liveFigures" : ""
            text: root.figures()
            leftPadding: root.isStreaming ? Metrics.small : 0
        }
    }
}
