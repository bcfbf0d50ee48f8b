// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.Ui

Text {
    color: Theme.text
    font: Type.body
    textFormat: Text.PlainText
    wrapMode: Text.Wrap
    lineHeight: Type.bodyLine
    lineHeightMode: Text.FixedHeight
}
