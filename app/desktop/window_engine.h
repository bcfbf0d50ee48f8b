// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QVariantMap>

class QQmlEngine;

namespace loam::desktop {

class ApiVm;
class AuditVm;
class ChatVm;
class DataVm;
class ModelsVm;
class NetworkVm;
class NodeVm;
class PracticeVm;
class SettingsVm;
class WalletVm;

/// Before the application object is made: style and attributes every window of Loam needs.
void prepareApplication();

/// Adds the bundled fonts and makes the body font the application's.
void loadFonts();

/// Import path of the QML modules compiled into the program.
void setUpEngine(QQmlEngine& engine);

/// The view models of one window, as initial properties of Main.qml.
QVariantMap windowProperties(NodeVm& node, ModelsVm& models, ChatVm& chat, ApiVm& api,
    WalletVm& wallet, AuditVm& audit, NetworkVm& network, PracticeVm& practice, DataVm& data,
    SettingsVm& settings);

} // namespace loam::desktop
