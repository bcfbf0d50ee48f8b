// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Templates as T
import Loam.Ui

T.ScrollBar {
    id: root

    implicitWidth: Metrics.medium
    implicitHeight: Metrics.medium
    padding: Metrics.tiny - 1
    minimumSize: orientation === Qt.Horizontal ? height / width : width / height
    visible: size < 1

    contentItem: Rectangle {
        implicitWidth: Metrics.progress
        implicitHeight: Metrics.progress
        radius: width / 2
        color: Theme.muted
        opacity: root.pressed ? 0.9 : root.hovered ? 0.7 : 0.4
    }
}
