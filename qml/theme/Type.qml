// SPDX-License-Identifier: GPL-3.0-or-later
pragma Singleton
import QtQuick

/// Text styles. The bundled font carries tabular figures, so numbers do not dance.
QtObject {
    property real scale: 1
    property string family: "Loam Inter"
    property string monoFamily: "monospace"
    /// High contrast: the window sets it.
    property bool isHeavy: false

    readonly property int bodyLine: Math.round(20 * scale)
    readonly property int smallLine: Math.round(16 * scale)
    readonly property int titleLine: Math.round(26 * scale)
    readonly property int displayLine: Math.round(34 * scale)
    readonly property int heroLine: Math.round(48 * scale)

    readonly property font hero: Qt.font({family: family, pixelSize: Math.round(40 * Math.min(scale, 1.25)), weight: Font.DemiBold, letterSpacing: -1.2 * scale})
    readonly property font display: Qt.font({family: family, pixelSize: Math.round(28 * scale), weight: Font.DemiBold, letterSpacing: -0.6 * scale})
    readonly property font title: Qt.font({family: family, pixelSize: Math.round(20 * scale), weight: Font.DemiBold})
    readonly property font heading: Qt.font({family: family, pixelSize: Math.round(15 * scale), weight: Font.DemiBold})
    readonly property font body: Qt.font({family: family, pixelSize: Math.round(14 * scale), weight: isHeavy ? Font.Medium : Font.Normal})
    readonly property font strong: Qt.font({family: family, pixelSize: Math.round(14 * scale), weight: isHeavy ? Font.DemiBold : Font.Medium})
    readonly property int smallest: 9
    readonly property font small: Qt.font({family: family, pixelSize: Math.round(12 * scale), weight: isHeavy ? Font.Medium : Font.Normal})
    readonly property font smallStrong: Qt.font({family: family, pixelSize: Math.round(12 * scale), weight: Font.Medium})
    readonly property font mono: Qt.font({family: monoFamily, pixelSize: Math.round(13 * scale)})
    readonly property font monoSmall: Qt.font({family: monoFamily, pixelSize: Math.round(12 * scale)})
}
