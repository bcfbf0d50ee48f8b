// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// Shows the 24 words, after the passphrase, and forgets them when it closes. There is no way to
/// copy them: a clipboard is read by other programs.
SideSheet {
    id: root

    required property WalletVm wallet
    readonly property bool isShown: wallet.words.length > 0

    objectName: "wordsSheet"
    title: qsTr("The 24 words")
    onClosed: {
        passphrase.text = "";
        wallet.hideWords();
        wallet.reset();
    }

    Banner {
        tone: "gold"
        symbol: "triangle-alert"
        text: qsTr("Whoever knows these words owns the wallet. Nobody from Loam will ever ask for them.")
        Layout.fillWidth: true
    }
    Field {
        id: passphrase
        objectName: "wordsPassphrase"
        visible: !root.isShown && root.wallet.hasPassphrase
        label: qsTr("Passphrase")
        secret: true
        errorText: root.wallet.errorText
        onAccepted: show.clicked()
    }
    SmallText {
        visible: text !== "" && !root.isShown && !root.wallet.hasPassphrase
        text: root.wallet.errorText
        color: Theme.danger
        Layout.fillWidth: true
    }
    AppButton {
        id: show
        objectName: "showWords"
        kind: "primary"
        visible: !root.isShown
        symbol: "eye"
        text: qsTr("Show the words")
        enabled: root.wallet.state !== WalletVm.Busy
        onClicked: {
            root.wallet.showWords(passphrase.text);
            passphrase.text = "";
        }
    }
    GridLayout {
        visible: root.isShown
        columns: 3
        flow: GridLayout.LeftToRight
        rowSpacing: Metrics.small
        columnSpacing: Metrics.small

        Repeater {
            model: root.wallet.words

            Rectangle {
                id: cell
                required property int index
                required property string modelData
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                implicitHeight: Metrics.control
                radius: Metrics.controlRadius
                color: Theme.sunken
                border.width: Metrics.hairline
                border.color: Theme.line

                SmallText {
                    id: number
                    x: Metrics.small
                    anchors.verticalCenter: parent.verticalCenter
                    text: cell.index + 1
                    wrapMode: Text.NoWrap
                }
                MonoText {
                    anchors.left: number.right
                    anchors.leftMargin: Metrics.small
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    text: cell.modelData
                }
            }
        }
    }
    AppButton {
        visible: root.isShown
        text: qsTr("I have written them down")
        onClicked: root.close()
    }
}
