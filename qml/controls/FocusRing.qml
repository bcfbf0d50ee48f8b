// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.Ui

/// The ring around what the keyboard acts on.
Rectangle {
    required property bool shown

    anchors.fill: parent
    anchors.margins: -Metrics.focusGap
    radius: Metrics.controlRadius + Metrics.focusGap
    color: "transparent"
    border.width: Theme.isContrast ? Metrics.focusWidth + 1 : Metrics.focusWidth
    border.color: Theme.isContrast ? Theme.text : Theme.info
    visible: shown
}
