// SPDX-License-Identifier: GPL-3.0-or-later
#include "window_engine.h"

#include "api_vm.h"
#include "audit_vm.h"
#include "chat_vm.h"
#include "data_vm.h"
#include "logging.h"
#include "models_vm.h"
#include "network_vm.h"
#include "node_vm.h"
#include "practice_vm.h"
#include "settings_vm.h"
#include "wallet_vm.h"

#include <QFontDatabase>
#include <QGuiApplication>
#include <QQmlEngine>
#include <QQuickStyle>

namespace loam::desktop {

void prepareApplication()
{
    QQuickStyle::setStyle(QStringLiteral("Basic"));
    QGuiApplication::setApplicationName(QStringLiteral("loam"));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Loam"));
    QGuiApplication::setApplicationVersion(QStringLiteral(LOAM_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("loam"));
}

void loadFonts()
{
    for (const char* weight : { "Regular", "Medium", "SemiBold" }) {
        const QString path
            = QStringLiteral(":/loam/fonts/LoamInter-%1.otf").arg(QLatin1String(weight));
        if (QFontDatabase::addApplicationFont(path) < 0) {
            qCWarning(lcDesktop) << "cannot load" << path;
        }
    }
    QFont font(QStringLiteral("Loam Inter"));
    font.setPixelSize(14);
    QGuiApplication::setFont(font);
}

void setUpEngine(QQmlEngine& engine)
{
    engine.addImportPath(QStringLiteral("qrc:/qt/qml"));
}

QVariantMap windowProperties(NodeVm& node, ModelsVm& models, ChatVm& chat, ApiVm& api,
    WalletVm& wallet, AuditVm& audit, NetworkVm& network, PracticeVm& practice, DataVm& data,
    SettingsVm& settings)
{
    return {
        { QStringLiteral("node"), QVariant::fromValue(&node) },
        { QStringLiteral("models"), QVariant::fromValue(&models) },
        { QStringLiteral("chat"), QVariant::fromValue(&chat) },
        { QStringLiteral("api"), QVariant::fromValue(&api) },
        { QStringLiteral("wallet"), QVariant::fromValue(&wallet) },
        { QStringLiteral("audit"), QVariant::fromValue(&audit) },
        { QStringLiteral("network"), QVariant::fromValue(&network) },
        { QStringLiteral("practice"), QVariant::fromValue(&practice) },
        { QStringLiteral("ownData"), QVariant::fromValue(&data) },
        { QStringLiteral("settings"), QVariant::fromValue(&settings) },
    };
}

} // namespace loam::desktop
