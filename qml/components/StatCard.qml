// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// A small label, a large number with its unit, a sparkline of the last day where there is one.
Card {
    id: root

    required property string label
    required property string value
    property string unit
    property string note
    property string explanation
    property Series series: null
    property string tone: "plain"
    property string symbol

    spacing: Metrics.tiny
    activeFocusOnTab: true
    Accessible.role: Accessible.StaticText
    Accessible.name: label + ": " + value + " " + unit
    Accessible.description: explanation

    HoverHandler {
        id: hover
    }
    Hint {
        shown: hover.hovered || root.activeFocus
        text: root.explanation
    }
    FocusRing {
        parent: root
        radius: Metrics.cardRadius + Metrics.focusGap
        shown: root.activeFocus
    }
    RowLayout {
        spacing: Metrics.small

        LucideIcon {
            name: root.symbol
            color: Theme.tone(root.tone)
            Layout.preferredWidth: Metrics.iconSmall
            Layout.preferredHeight: Metrics.iconSmall
        }
        SmallText {
            text: root.label
            Layout.fillWidth: true
        }
    }
    Quantity {
        value: root.value
        unit: root.unit
        Layout.fillWidth: true
    }
    Item {
        implicitHeight: Math.max(Metrics.sparkline, noteText.implicitHeight + Metrics.tiny)
        Layout.fillWidth: true
        Layout.fillHeight: true

        LinePlot {
            anchors.fill: parent
            visible: root.series !== null && root.series.count > 1
            axes: false
            series: root.series
            color: Theme.tone(root.tone)
        }
        SmallText {
            id: noteText
            anchors.bottom: parent.bottom
            width: parent.width
            visible: root.series === null
            text: root.note
        }
    }
}
