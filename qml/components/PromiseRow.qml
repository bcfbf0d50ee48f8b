// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// An icon with a title and a sentence beside it.
RowLayout {
    id: root

    required property string symbol
    required property string title
    required property string text

    spacing: Metrics.large
    Layout.fillWidth: true

    LucideIcon {
        name: root.symbol
        color: Theme.accent
        Layout.preferredWidth: Metrics.icon
        Layout.preferredHeight: Metrics.icon
        Layout.alignment: Qt.AlignTop
    }
    ColumnLayout {
        spacing: 0
        Layout.fillWidth: true

        StrongText {
            text: root.title
            Layout.fillWidth: true
        }
        MutedText {
            text: root.text
            Layout.fillWidth: true
        }
    }
}
