// SPDX-License-Identifier: GPL-3.0-or-later
// A Loader of Qt 6.4 cannot create components that are bound to their context, so these reach their
// file's ids the old way.
// qmllint disable unqualified
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Loam.App
import Loam.Ui

/// The window: rail on the left, one page on the right. Pages are built when first visited.
T.ApplicationWindow {
    id: root

    required property NodeVm node
    required property ModelsVm models
    required property ChatVm chat
    required property ApiVm api
    required property WalletVm wallet
    required property AuditVm audit
    required property NetworkVm network
    required property PracticeVm practice
    required property DataVm ownData
    required property SettingsVm settings
    property string currentPage: "overview"

    function showPage(page: string) {
        currentPage = page;
    }
    function leaveOnboarding(page: string) {
        settings.onboarded = true;
        showPage(page);
    }

    objectName: "window"
    width: Metrics.windowWidth
    height: Metrics.windowHeight
    minimumWidth: Metrics.windowMinimumWidth
    minimumHeight: Metrics.windowMinimumHeight
    title: "Loam"
    color: Theme.window
    font: Type.body

    Binding {
        target: Theme
        property: "mode"
        value: root.settings.effectiveTheme
    }
    Binding {
        target: Metrics
        property: "scale"
        value: root.settings.effectiveTextScale
    }
    Binding {
        target: Metrics
        property: "lessMotion"
        value: root.settings.lessMotion
    }
    Binding {
        target: Type
        property: "scale"
        value: root.settings.effectiveTextScale
    }
    Binding {
        target: Type
        property: "isHeavy"
        value: Theme.isContrast
    }
    Instantiator {
        model: rail.pages

        delegate: Shortcut {
            required property int index
            required property string modelData
            sequence: "Ctrl+" + (index + 1)
            enabled: root.settings.onboarded
            onActivated: root.showPage(modelData)
        }
    }
    RowLayout {
        anchors.fill: parent
        spacing: 0
        enabled: root.settings.onboarded
        visible: root.settings.onboarded

        NavRail {
            id: rail
            currentPage: root.currentPage
            narrow: root.width < Metrics.railCollapse * Metrics.scale
            Layout.fillHeight: true
            onChosen: page => root.showPage(page)
        }
        ColumnLayout {
            spacing: 0

            NodeBanners {
                node: root.node
                Layout.fillWidth: true
                Layout.fillHeight: false
            }
            Item {
                Layout.fillWidth: true
                Layout.fillHeight: true
                clip: true

                PageSlot {
                    page: "overview"
                    currentPage: root.currentPage
                    sourceComponent: OverviewPage {
                        node: root.node
                        settings: root.settings
                        onPractiseChosen: root.showPage("practice")
                        onJoinChosen: entrySheet.openFor(false)
                        onCreateChosen: entrySheet.openFor(true)
                    }
                }
                PageSlot {
                    id: modelsSlot
                    page: "models"
                    currentPage: root.currentPage
                    sourceComponent: ModelsPage {
                        node: root.node
                        models: root.models
                        settings: root.settings
                        onChatChosen: model => {
                            root.chat.startNew();
                            root.chat.model = model;
                            root.showPage("chat");
                        }
                    }
                }
                PageSlot {
                    id: chatSlot
                    page: "chat"
                    currentPage: root.currentPage
                    sourceComponent: ChatPage {
                        node: root.node
                        chat: root.chat
                        models: root.models
                        settings: root.settings
                        shown: root.visible && chatSlot.isCurrent
                        onImportChosen: {
                            root.showPage("models");
                            (modelsSlot.item as ModelsPage).chooseFile();
                        }
                    }
                }
                PageSlot {
                    id: dataSlot
                    page: "data"
                    currentPage: root.currentPage
                    sourceComponent: DataPage {
                        node: root.node
                        vm: root.ownData
                        settings: root.settings
                        shown: root.visible && dataSlot.isCurrent
                    }
                }
                PageSlot {
                    id: walletSlot
                    page: "wallet"
                    currentPage: root.currentPage
                    sourceComponent: WalletPage {
                        node: root.node
                        wallet: root.wallet
                        settings: root.settings
                        shown: root.visible && walletSlot.isCurrent
                    }
                }
                PageSlot {
                    id: auditSlot
                    page: "audit"
                    currentPage: root.currentPage
                    sourceComponent: AuditPage {
                        node: root.node
                        audit: root.audit
                        settings: root.settings
                        shown: root.visible && auditSlot.isCurrent
                    }
                }
                PageSlot {
                    id: networkSlot
                    page: "network"
                    currentPage: root.currentPage
                    sourceComponent: NetworkPage {
                        node: root.node
                        network: root.network
                        settings: root.settings
                        shown: root.visible && networkSlot.isCurrent
                        onPractiseChosen: root.showPage("practice")
                        onJoinChosen: entrySheet.openFor(false)
                        onCreateChosen: entrySheet.openFor(true)
                    }
                }
                PageSlot {
                    page: "practice"
                    currentPage: root.currentPage
                    sourceComponent: PracticePage {
                        node: root.node
                        practice: root.practice
                        settings: root.settings
                    }
                }
                PageSlot {
                    page: "settings"
                    currentPage: root.currentPage
                    sourceComponent: SettingsPage {
                        node: root.node
                        settings: root.settings
                        wallet: root.wallet
                        api: root.api
                    }
                }
                EntrySheet {
                    id: entrySheet
                    network: root.network
                    settings: root.settings
                }
            }
        }
    }
    Loader {
        anchors.fill: parent
        active: !root.settings.onboarded
        focus: active
        sourceComponent: Onboarding {
            objectName: "onboarding"
            focus: true
            onSkipped: root.leaveOnboarding("overview")
            onPractiseChosen: root.leaveOnboarding("practice")
            onJoinChosen: {
                root.leaveOnboarding("network");
                entrySheet.openFor(false);
            }
            onCreateChosen: {
                root.leaveOnboarding("network");
                entrySheet.openFor(true);
            }
        }
    }
}
