// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.App
import Loam.Ui

/// The light of the last measurement, with its word.
Badge {
    id: root

    required property MeterVm vm
    readonly property bool isRed: vm.light === "red"

    text: vm.lightWord
    symbol: isRed ? "shield-alert" : vm.light === "amber" ? "eye" : "shield-check"
    tone: isRed ? "danger" : vm.light === "amber" ? "gold" : "accent"
}
