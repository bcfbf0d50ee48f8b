// SPDX-License-Identifier: GPL-3.0-or-later
pragma Singleton
import QtQuick

/// Sizes on the 4 px grid and durations in milliseconds. `scale` and `lessMotion` are set by the
/// window.
QtObject {
    property real scale: 1
    property bool lessMotion: false

    readonly property int hairline: 1
    readonly property int tiny: 4
    readonly property int small: 8
    readonly property int medium: 12
    readonly property int large: 16
    readonly property int huge: 24
    readonly property int vast: 32
    readonly property int grand: 48

    readonly property int cardRadius: 8
    readonly property int controlRadius: 6
    readonly property int focusWidth: 2
    readonly property int focusGap: 3

    readonly property int icon: Math.round(20 * scale)
    readonly property int iconSmall: Math.round(16 * scale)
    readonly property int iconLarge: 32
    readonly property int control: Math.round(36 * scale)
    readonly property int row: Math.round(40 * scale)
    readonly property int switchWidth: 44
    readonly property int switchHeight: 24
    readonly property int rail: Math.round(88 * Math.min(scale, 1.25))
    readonly property int railNarrow: 56
    readonly property int railItem: Math.round(60 * scale)
    readonly property int railItemNarrow: Math.round(44 * Math.min(scale, 1.25))
    readonly property int railCollapse: 900
    readonly property int content: 1100
    readonly property int sheet: Math.round(440 * Math.min(scale, 1.25))
    readonly property int chatList: Math.round(248 * Math.min(scale, 1.25))
    readonly property int dialog: Math.round(560 * Math.min(scale, 1.25))
    readonly property int plot: 220
    readonly property int plotTall: 260
    readonly property int sparkline: 32
    readonly property int qr: 200
    readonly property int field: Math.round(320 * scale)
    readonly property int statMinimum: Math.round(180 * scale)
    readonly property int switchText: Math.round(230 * scale)
    readonly property int progress: 6
    readonly property int markWidth: 3
    readonly property int windowWidth: 1180
    readonly property int windowHeight: 780
    readonly property int windowMinimumWidth: 960
    readonly property int windowMinimumHeight: 600

    /// Tables drop their least column below this width.
    readonly property int tightTable: Math.round(800 * scale)
    readonly property int columnNumber: Math.round(92 * scale)
    readonly property int columnTime: Math.round(108 * scale)
    readonly property int columnKind: Math.round(168 * scale)
    readonly property int columnNode: Math.round(156 * scale)
    readonly property int columnAmount: Math.round(150 * scale)

    readonly property int fast: lessMotion ? 0 : 120
    readonly property int slow: lessMotion ? 0 : 180
    readonly property int tooltipDelay: 500
    readonly property int copied: 1600
}
