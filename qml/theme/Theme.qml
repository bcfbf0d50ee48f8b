// SPDX-License-Identifier: GPL-3.0-or-later
pragma Singleton
import QtQuick

/// The colours in use. `mode` is set by the window: light, dark or contrast.
QtObject {
    id: root

    property string mode: "light"
    readonly property bool isContrast: mode === "contrast"
    readonly property ColorSet colors: isContrast ? contrast : mode === "dark" ? dark : light

    readonly property color window: colors.window
    readonly property color surface: colors.surface
    readonly property color sunken: colors.sunken
    readonly property color line: colors.line
    readonly property color text: colors.text
    readonly property color muted: colors.muted
    readonly property color accent: colors.accent
    readonly property color accentSoft: colors.accentSoft
    readonly property color accentInk: colors.accentInk
    readonly property color gold: colors.gold
    readonly property color goldSoft: colors.goldSoft
    readonly property color danger: colors.danger
    readonly property color dangerSoft: colors.dangerSoft
    readonly property color info: colors.info
    readonly property color infoSoft: colors.infoSoft
    readonly property color grid: Qt.alpha(colors.line, isContrast ? 0.45 : 1)
    readonly property color hover: Qt.alpha(colors.text, isContrast ? 0.22 : 0.05)
    readonly property color press: Qt.alpha(colors.text, isContrast ? 0.34 : 0.10)
    readonly property color scrim: Qt.alpha(mode === "light" ? colors.text : colors.sunken, 0.45)

    /// Foreground of a tone: accent, gold, danger, info, anything else is plain.
    function tone(name: string): color {
        const tones = {accent: accent, gold: gold, danger: danger, info: info};
        return tones[name] ?? muted;
    }
    function toneSoft(name: string): color {
        const tones = {accent: accentSoft, gold: goldSoft, danger: dangerSoft, info: infoSoft};
        return tones[name] ?? sunken;
    }
    /// Tone of a state word.
    function stateTone(state: string): string {
        const tones = {working: "accent", training: "accent", done: "accent", waiting: "gold", trouble: "danger", failed: "danger", refused: "danger"};
        return tones[state] ?? "plain";
    }

    readonly property ColorSet light: ColorSet {
        window: "#F6F4F0"
        surface: "#FFFFFF"
        sunken: "#EEEAE3"
        line: "#DDD7CC"
        text: "#1F1B16"
        muted: "#5F574C"
        accent: "#2F6B3C"
        accentSoft: "#E1EEE2"
        accentInk: "#FFFFFF"
        gold: "#8A5A00"
        goldSoft: "#F8ECD2"
        danger: "#B3261E"
        dangerSoft: "#FBE4E1"
        info: "#1F5FA8"
        infoSoft: "#E0ECF8"
    }
    readonly property ColorSet dark: ColorSet {
        window: "#15130F"
        surface: "#1E1B16"
        sunken: "#100E0B"
        line: "#38332B"
        text: "#F2EEE6"
        muted: "#B3AA9B"
        accent: "#7CC48A"
        accentSoft: "#1F3325"
        accentInk: "#0D1A10"
        gold: "#E6B455"
        goldSoft: "#33280F"
        danger: "#F2938A"
        dangerSoft: "#3B1B18"
        info: "#8DBBEE"
        infoSoft: "#152A41"
    }
    readonly property ColorSet contrast: ColorSet {
        window: "#000000"
        surface: "#000000"
        sunken: "#000000"
        line: "#FFFFFF"
        text: "#FFFFFF"
        muted: "#FFFFFF"
        accent: "#FFFFFF"
        accentSoft: "#000000"
        accentInk: "#000000"
        gold: "#FFFFFF"
        goldSoft: "#000000"
        danger: "#FFFFFF"
        dangerSoft: "#000000"
        info: "#FFFFFF"
        infoSoft: "#000000"
    }
}
