// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.Ui

/// Title of a table's column.
Text {
    font: Type.smallStrong
    color: Theme.muted
    textFormat: Text.PlainText
    elide: Text.ElideRight
    verticalAlignment: Text.AlignVCenter
    Accessible.role: Accessible.ColumnHeader
    Accessible.name: text
}
