// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// The privacy spent: a gauge, a plain sentence, and the figures for those who want them.
Card {
    id: root

    required property DataVm vm
    readonly property real share: vm.epsilonCap > 0 ? vm.epsilonSpent / vm.epsilonCap : 0

    spacing: Metrics.small
    activeFocusOnTab: true
    Accessible.role: Accessible.StaticText
    Accessible.name: qsTr("Privacy cost") + ": " + sentence.text
    Accessible.description: figures.text

    HoverHandler {
        id: hover
    }
    Hint {
        id: figures
        shown: hover.hovered || root.activeFocus
        text: qsTr("ε %1 of %2, for the source that cost most. The lower ε is, the less anybody could learn about you.").arg(Format.local.figure(root.vm.epsilonSpent)).arg(Format.local.figure(root.vm.epsilonCap))
    }
    FocusRing {
        parent: root
        radius: Metrics.cardRadius + Metrics.focusGap
        shown: root.activeFocus
    }
    RowLayout {
        spacing: Metrics.small

        LucideIcon {
            name: "gauge"
            color: Theme.accent
            Layout.preferredWidth: Metrics.iconSmall
            Layout.preferredHeight: Metrics.iconSmall
        }
        SmallText {
            text: qsTr("Privacy cost")
            Layout.fillWidth: true
        }
    }
    DisplayText {
        text: Format.local.percent(root.share)
        Layout.fillWidth: true
    }
    ProgressLine {
        objectName: "privacyGauge"
        value: root.share
        name: qsTr("Privacy spent")
        Layout.fillWidth: true
    }
    SmallText {
        id: sentence
        text: root.vm.costSentence
        Layout.fillWidth: true
        Layout.fillHeight: true
    }
}
