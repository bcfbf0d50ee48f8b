// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.Ui

/// A measured figure whose meaning shows on hover or focus.
Item {
    id: root

    required property string label
    required property string value
    required property string explanation

    implicitWidth: figure.implicitWidth
    implicitHeight: figure.implicitHeight
    activeFocusOnTab: true
    Accessible.role: Accessible.StaticText
    Accessible.name: label + ": " + value
    Accessible.description: explanation
    Layout.fillWidth: true
    Layout.preferredWidth: 1

    HoverHandler {
        id: hover
    }
    Hint {
        shown: hover.hovered || root.activeFocus
        text: root.explanation
    }
    FocusRing {
        shown: root.activeFocus
    }
    Figure {
        id: figure
        label: root.label
        value: root.value
        Accessible.ignored: true
    }
}
