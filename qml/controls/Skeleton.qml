// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.Ui

/// Where a text will be.
Rectangle {
    implicitHeight: Metrics.medium
    radius: Metrics.tiny
    color: Theme.sunken
    border.width: Theme.isContrast ? Metrics.hairline : 0
    border.color: Theme.line
    Accessible.ignored: true
}
