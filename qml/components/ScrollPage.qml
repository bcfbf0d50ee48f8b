// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

/// A page of cards that scrolls as a whole, at most 1,100 px wide.
Item {
    id: root

    required property NodeVm node
    required property string title
    property string sentence
    property alias actions: header.actions
    default property alias content: column.data
    readonly property int contentWidth: Math.min(Metrics.content, width - 2 * Metrics.huge)

    Flickable {
        id: flick
        anchors.fill: parent
        contentWidth: width
        contentHeight: column.y + column.implicitHeight + Metrics.huge
        boundsBehavior: Flickable.StopAtBounds
        clip: true
        T.ScrollBar.vertical: ThinScrollBar {}

        PageHeader {
            id: header
            x: Math.round((flick.width - width) / 2)
            y: Metrics.huge
            width: root.contentWidth
            node: root.node
            title: root.title
            sentence: root.sentence
        }
        ColumnLayout {
            id: column
            x: header.x
            y: header.y + header.height + Metrics.huge
            width: root.contentWidth
            spacing: Metrics.large
        }
    }
}
