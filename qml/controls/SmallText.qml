// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.Ui

Text {
    color: Theme.muted
    font: Type.small
    textFormat: Text.PlainText
    wrapMode: Text.Wrap
    lineHeight: Type.smallLine
    lineHeightMode: Text.FixedHeight
}
