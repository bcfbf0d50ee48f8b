// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// One question before anything else: two equal buttons, "No" has the focus, nothing is ticked.
Card {
    id: root

    required property string question
    readonly property bool isShared: question === "private_lane"

    signal answered(bool yes)

    function takeFocus() {
        noButton.forceActiveFocus(Qt.TabFocusReason);
    }

    objectName: "consentQuestion"
    spacing: Metrics.medium
    Accessible.role: Accessible.Grouping
    Accessible.name: heading.text

    HeadingText {
        id: heading
        text: root.isShared ? qsTr("May your text take part in shared, private training?") : qsTr("May a model on this computer learn from your text?")
        wrapMode: Text.Wrap
        Layout.fillWidth: true
    }
    BodyText {
        text: root.isShared ? qsTr("<b>An encrypted, noisy sum leaves this computer; your text never does.</b> You still allow each run by itself, see what it costs in privacy, and can end it at any time.") : qsTr("<b>Nothing leaves this computer.</b> You choose which folders, see every line that would be used, and can end it at any time.")
        textFormat: Text.StyledText
        Layout.fillWidth: true
    }
    RowLayout {
        spacing: Metrics.small

        AppButton {
            id: noButton
            objectName: "consentNo"
            text: qsTr("No")
            Layout.preferredWidth: Metrics.columnNode
            onClicked: root.answered(false)
        }
        AppButton {
            objectName: "consentYes"
            text: qsTr("Yes")
            Layout.preferredWidth: Metrics.columnNode
            onClicked: root.answered(true)
        }
        SmallText {
            text: qsTr("You can change your mind here at any time.")
            Layout.fillWidth: true
            Layout.leftMargin: Metrics.small
        }
    }
}
