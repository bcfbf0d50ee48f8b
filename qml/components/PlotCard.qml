// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// A curve with its axes, a crosshair for the mouse and the arrow keys, and its last value.
Card {
    id: root

    required property string title
    required property Series series
    property string unit
    property string emptyText
    property alias timeAxis: plot.timeAxis
    property alias fromZero: plot.fromZero
    property alias dots: plot.dots
    property alias xEnd: plot.xEnd
    property alias xLabel: plot.xLabel
    property string tone: "accent"
    property int plotHeight: Metrics.plot

    spacing: Metrics.small

    Item {
        Layout.fillWidth: true
        implicitHeight: Type.bodyLine

        HeadingText {
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - last.width - Metrics.small
            text: root.title
        }
        Row {
            id: last
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            spacing: Metrics.tiny
            visible: root.series.count > 0

            StrongText {
                id: lastValue
                text: Format.local.figure(root.series.last)
            }
            SmallText {
                anchors.baseline: lastValue.baseline
                text: root.unit
                wrapMode: Text.NoWrap
            }
        }
    }
    Item {
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.preferredHeight: root.plotHeight

        LinePlot {
            id: plot
            anchors.fill: parent
            visible: root.series.count > 0
            series: root.series
            unit: root.unit
            color: Theme.tone(root.tone)
            gridColor: Theme.grid
            textColor: Theme.muted
            surfaceColor: Theme.surface
            font: Type.small
            activeFocusOnTab: visible
            Accessible.role: Accessible.Chart
            Accessible.name: root.title
            Accessible.description: crosshairText !== "" ? crosshairText : Format.local.figure(root.series.last) + " " + root.unit
            Keys.onLeftPressed: stepCrosshair(-1)
            Keys.onRightPressed: stepCrosshair(1)
            onActiveFocusChanged: activeFocus ? stepCrosshair(0) : hideCrosshair()
        }
        FocusRing {
            shown: plot.activeFocus
        }
        MutedText {
            anchors.centerIn: parent
            width: Math.min(parent.width, Metrics.field)
            visible: root.series.count === 0
            horizontalAlignment: Text.AlignHCenter
            text: root.emptyText
        }
    }
}
