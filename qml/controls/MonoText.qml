// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.Ui

Text {
    color: Theme.text
    font: Type.mono
    textFormat: Text.PlainText
    elide: Text.ElideMiddle
}
