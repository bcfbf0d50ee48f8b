// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.Ui

Text {
    color: Theme.text
    font: Type.title
    textFormat: Text.PlainText
    elide: Text.ElideRight
    Accessible.role: Accessible.Heading
    Accessible.name: text
}
