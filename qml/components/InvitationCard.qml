// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// An invitation as text and as a QR code.
Card {
    id: root

    required property string invitation

    signal copyRequested

    RowLayout {
        spacing: Metrics.huge

        QrCode {
            id: code
            visible: valid
            text: root.invitation
            Layout.preferredWidth: Metrics.qr
            Layout.preferredHeight: Metrics.qr
            Accessible.role: Accessible.Graphic
            Accessible.name: qsTr("Invitation as a QR code")
        }
        ColumnLayout {
            spacing: Metrics.medium
            Layout.fillWidth: true

            HeadingText {
                text: qsTr("Invitation")
            }
            MutedText {
                text: qsTr("Whoever has this text or scans this code can join. Send it to people you want in the network.")
                Layout.fillWidth: true
            }
            Rectangle {
                Layout.fillWidth: true
                Layout.preferredHeight: invitationText.implicitHeight + 2 * Metrics.medium
                radius: Metrics.controlRadius
                color: Theme.sunken
                border.width: Metrics.hairline
                border.color: Theme.line

                MonoText {
                    id: invitationText
                    objectName: "invitationText"
                    anchors.fill: parent
                    anchors.margins: Metrics.medium
                    text: root.invitation
                    font: Type.monoSmall
                    wrapMode: Text.WrapAnywhere
                    maximumLineCount: 5
                    elide: Text.ElideRight
                }
            }
            AppButton {
                symbol: "copy"
                text: qsTr("Copy")
                onClicked: root.copyRequested()
            }
        }
    }
}
