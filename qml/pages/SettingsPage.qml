// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtQuick.Layouts
import Loam.App
import Loam.Ui

ScrollPage {
    id: root

    required property SettingsVm settings
    required property WalletVm wallet
    required property ApiVm api

    objectName: "settingsPage"
    title: qsTr("Settings")
    sentence: qsTr("Changes apply at once")

    Banner {
        visible: root.settings.notice !== ""
        tone: "gold"
        symbol: "triangle-alert"
        text: root.settings.notice
        Layout.fillWidth: true
    }
    Card {
        padding: Metrics.huge
        spacing: Metrics.large
        Layout.fillWidth: true

        HeadingText {
            text: qsTr("Appearance")
        }
        SettingRow {
            title: qsTr("Theme")

            Segmented {
                objectName: "theme_"
                name: qsTr("Theme")
                value: root.settings.theme
                choices: [
                    {value: "system", label: qsTr("System"), symbol: "monitor"},
                    {value: "light", label: qsTr("Light"), symbol: "sun"},
                    {value: "dark", label: qsTr("Dark"), symbol: "moon"},
                    {value: "contrast", label: qsTr("High contrast"), symbol: "contrast"}
                ]
                onChosen: value => root.settings.theme = value
            }
        }
        SettingRow {
            title: qsTr("Text size")

            Segmented {
                objectName: "scale_"
                name: qsTr("Text size")
                value: root.settings.textScale
                choices: [
                    {value: 1, label: Format.local.percent(1)},
                    {value: 1.25, label: Format.local.percent(1.25)},
                    {value: 1.5, label: Format.local.percent(1.5)}
                ]
                onChosen: value => root.settings.textScale = value
            }
        }
        SettingRow {
            title: qsTr("Language")

            Segmented {
                objectName: "language_"
                name: qsTr("Language")
                value: root.settings.language
                choices: [
                    {value: "system", label: qsTr("System"), symbol: "languages"},
                    {value: "en", label: "English"},
                    {value: "de", label: "Deutsch"}
                ]
                onChosen: value => root.settings.language = value
            }
        }
    }
    Card {
        padding: Metrics.huge
        spacing: Metrics.large
        Layout.fillWidth: true

        HeadingText {
            text: qsTr("This computer")
        }
        SettingRow {
            title: qsTr("Start with the computer")
            note: qsTr("Loam then waits in the tray. It contributes only if the switch is on.")

            ToggleSwitch {
                id: autostart
                objectName: "autostart"
                name: qsTr("Start with the computer")
                checked: root.settings.autostart
                onCheckedChanged: root.settings.autostart = checked
            }
        }
        Connections {
            target: root.settings
            function onChanged() {
                autostart.checked = root.settings.autostart;
            }
        }
    }
    WorkSettings {
        work: root.node.work
        Layout.fillWidth: true
    }
    ApiSettings {
        api: root.api
        settings: root.settings
        Layout.fillWidth: true
    }
    Card {
        padding: Metrics.huge
        spacing: Metrics.large
        Layout.fillWidth: true

        HeadingText {
            text: qsTr("Wallet and identity")
        }
        SettingRow {
            title: qsTr("Passphrase")
            note: qsTr("Protects the keys on this disk. It cannot be recovered, only the 24 words can restore the wallet.")

            AppButton {
                objectName: "openPassphrase"
                symbol: "key-round"
                text: qsTr("Change…")
                onClicked: {
                    wordsSheet.isOpen = false;
                    root.wallet.reset();
                    passphraseSheet.open();
                }
            }
        }
        SettingRow {
            title: qsTr("The 24 words")
            note: qsTr("They restore wallet, identity and reputation on any computer. Write them on paper.")

            AppButton {
                objectName: "openWords"
                symbol: "eye"
                text: qsTr("Show…")
                onClicked: {
                    passphraseSheet.isOpen = false;
                    root.wallet.reset();
                    wordsSheet.open();
                }
            }
        }
    }
    Card {
        padding: Metrics.huge
        spacing: Metrics.large
        Layout.fillWidth: true

        HeadingText {
            text: qsTr("About")
        }
        RowLayout {
            spacing: Metrics.vast

            LabeledValue {
                label: qsTr("Loam")
                value: qsTr("Version %1").arg(root.node.version !== "" ? root.node.version : Qt.application.version)
                Layout.preferredWidth: 1
            }
            LabeledValue {
                label: qsTr("Folder")
                value: root.settings.home
                mono: true
                Layout.preferredWidth: 2
            }
        }
        SmallText {
            text: qsTr("Free software under the GNU General Public License, version 3 or later. Icons: Lucide (ISC). Font: Inter (OFL).")
            Layout.fillWidth: true
        }
    }
    PassphraseSheet {
        id: passphraseSheet
        parent: root
        wallet: root.wallet
    }
    WordsSheet {
        id: wordsSheet
        parent: root
        wallet: root.wallet
    }
}
