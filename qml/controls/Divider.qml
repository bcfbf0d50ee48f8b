// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.Ui

Rectangle {
    implicitHeight: Metrics.hairline
    color: Theme.line
    Layout.fillWidth: true
    Accessible.ignored: true
}
