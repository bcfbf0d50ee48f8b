// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import Loam.Ui

/// Holds one page: builds it at the first visit and keeps it.
Loader {
    id: root

    required property string page
    required property string currentPage
    readonly property bool isCurrent: page === currentPage

    anchors.fill: parent
    active: false
    visible: isCurrent
    enabled: isCurrent
    onIsCurrentChanged: if (isCurrent) active = true
    Component.onCompleted: if (isCurrent) active = true
}
