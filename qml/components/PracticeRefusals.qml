// SPDX-License-Identifier: GPL-3.0-or-later
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

/// Updates that were refused, by whom and why.
Card {
    id: root

    required property RecordsModel refusals

    HeadingText {
        text: qsTr("Refused")
        Layout.fillWidth: true
    }
    Repeater {
        model: root.refusals

        RowLayout {
            id: row
            required property string node
            required property var reason
            required property var round
            spacing: Metrics.medium

            LucideIcon {
                name: "ban"
                color: Theme.danger
                Layout.preferredWidth: Metrics.iconSmall
                Layout.preferredHeight: Metrics.iconSmall
                Layout.alignment: Qt.AlignTop
                Layout.topMargin: Metrics.focusWidth
            }
            BodyText {
                text: qsTr("Round %1, %2: %3").arg(row.round).arg(Format.local.shortId(row.node, 4)).arg(Format.local.reasonText(row.reason ?? ""))
                Layout.fillWidth: true
            }
        }
    }
}
