// SPDX-License-Identifier: GPL-3.0-or-later
#include "api_vm.h"
#include "audit_vm.h"
#include "chat_vm.h"
#include "data_vm.h"
#include "logging.h"
#include "models_vm.h"
#include "network_vm.h"
#include "node_vm.h"
#include "practice_vm.h"
#include "rpc/wire.h"
#include "rpc_node.h"
#include "settings_vm.h"
#include "single_instance.h"
#include "tray.h"
#include "wallet_vm.h"
#include "window_engine.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QIcon>
#include <QQmlApplicationEngine>
#include <QQuickWindow>

#include <memory>

namespace {

using namespace loam;

/// loamd lies beside this program; empty when it does not.
QString daemonPath()
{
    const QFileInfo daemon(QCoreApplication::applicationDirPath() + QLatin1String("/loamd"));
    return daemon.isExecutable() ? daemon.absoluteFilePath() : QString();
}

void bringForward(QQuickWindow& window)
{
    window.show();
    window.raise();
    window.requestActivate();
}

} // namespace

int main(int argc, char* argv[])
{
    QElapsedTimer sinceStart;
    sinceStart.start();
    desktop::prepareApplication();
    if (qEnvironmentVariableIsEmpty("QT_QUICK_BACKEND")
        && qEnvironmentVariableIsEmpty("QSG_RHI_BACKEND")) {
        // Still pages and thin lines need no GPU: drawing on the CPU starts three times as fast,
        // takes a third of the memory, and leaves the graphics card to the work.
        QQuickWindow::setGraphicsApi(QSGRendererInterface::Software);
    }
    QApplication app(argc, argv);
    QApplication::setQuitOnLastWindowClosed(false);
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/loam/brand/loam.svg")));

    QCommandLineParser arguments;
    arguments.setApplicationDescription(
        QCoreApplication::translate("main", "Loam: idle computers build a shared AI."));
    const QCommandLineOption homeOption(QStringLiteral("home"),
        QCoreApplication::translate("main", "Folder of the node."), QStringLiteral("folder"));
    const QCommandLineOption hiddenOption(QStringLiteral("hidden"),
        QCoreApplication::translate("main", "Start in the tray, without a window."));
    arguments.addHelpOption();
    arguments.addVersionOption();
    arguments.addOption(homeOption);
    arguments.addOption(hiddenOption);
    arguments.process(app);

    const QString home = rpc::homeFolder(arguments.value(homeOption));
    if (!QDir().mkpath(home)) {
        qCCritical(desktop::lcDesktop).noquote()
            << "The folder" << home << "cannot be made. Choose another one with --home.";
        return 1;
    }
    desktop::SingleInstance instance(home);
    if (!instance.claim()) {
        return 0;
    }

    desktop::loadFonts();
    desktop::SystemLook look;
    desktop::SettingsVm settings(look, home);
    desktop::RpcNode rpcNode(home, daemonPath());
    desktop::NodeVm node(rpcNode);
    desktop::ModelsVm models(rpcNode);
    desktop::ChatVm chat(rpcNode);
    desktop::ApiVm api(rpcNode);
    desktop::WalletVm wallet(rpcNode);
    desktop::AuditVm audit(rpcNode);
    desktop::NetworkVm network(rpcNode);
    desktop::PracticeVm practice(rpcNode);
    desktop::DataVm data(rpcNode);

    QQmlApplicationEngine engine;
    desktop::setUpEngine(engine);
    engine.setInitialProperties(desktop::windowProperties(
        node, models, chat, api, wallet, audit, network, practice, data, settings));
    QObject::connect(&settings, &desktop::SettingsVm::languageChanged, &engine,
        &QQmlApplicationEngine::retranslate);
    engine.load(QUrl(QStringLiteral("qrc:/qt/qml/Loam/Ui/Main.qml")));
    auto* window = engine.rootObjects().isEmpty()
        ? nullptr
        : qobject_cast<QQuickWindow*>(engine.rootObjects().constFirst());
    if (window == nullptr) {
        qCCritical(desktop::lcDesktop) << "The window could not be built.";
        return 1;
    }
    QObject::connect(
        window, &QQuickWindow::frameSwapped, window,
        [&sinceStart] {
            qCInfo(desktop::lcDesktop) << "first frame after" << sinceStart.elapsed() << "ms";
        },
        static_cast<Qt::ConnectionType>(Qt::QueuedConnection | Qt::SingleShotConnection));

    // The bus and the tray are asked once the first frame is on its way.
    std::unique_ptr<desktop::Tray> tray;
    const bool startsHidden = arguments.isSet(hiddenOption) && desktop::Tray::isAvailable();
    if (!startsHidden) {
        bringForward(*window);
    }
    bool isQuitting = false;
    const auto quit = [&isQuitting] {
        isQuitting = true;
        QCoreApplication::quit();
    };
    QObject::connect(&instance, &desktop::SingleInstance::raiseRequested, window,
        [window] { bringForward(*window); });
    QMetaObject::invokeMethod(
        &app,
        [&] {
            look.readPortal();
            rpcNode.open();
            if (!desktop::Tray::isAvailable()) {
                return;
            }
            tray = std::make_unique<desktop::Tray>(node);
            QObject::connect(tray.get(), &desktop::Tray::openRequested, window,
                [window] { bringForward(*window); });
            QObject::connect(tray.get(), &desktop::Tray::quitRequested, &app, quit);
            QObject::connect(tray.get(), &desktop::Tray::stopRequested, &app, [&] {
                rpcNode.stopStarting();
                QObject::connect(&rpcNode, &desktop::NodeApi::connectedChanged, &app, quit);
                node.stopNode();
            });
            QObject::connect(&settings, &desktop::SettingsVm::languageChanged, tray.get(),
                &desktop::Tray::retranslate);
            tray->show();
        },
        Qt::QueuedConnection);
    QObject::connect(window, &QQuickWindow::visibleChanged, &app, [&](bool visible) {
        node.setVisible(visible);
        if (visible || isQuitting) {
            return;
        }
        if (!tray) {
            quit();
        } else if (!settings.isHidingExplained()) {
            settings.setHidingExplained(true);
            tray->explainHiding();
        }
    });
    node.setVisible(window->isVisible());
    return QApplication::exec();
}
