// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick

/// One theme's colours; every pair used for text reaches WCAG AA.
QtObject {
    required property color window
    required property color surface
    required property color sunken
    required property color line
    required property color text
    required property color muted
    required property color accent
    required property color accentSoft
    required property color accentInk
    required property color gold
    required property color goldSoft
    required property color danger
    required property color dangerSoft
    required property color info
    required property color infoSoft
}
