// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/node.h"
#include "rpc/server.h"

#include <QJsonObject>

namespace loam::rpc {

class HttpEndpoint;

/// Offers everything a node can do under the names of docs/rpc.md, and passes its signals on as
/// notifications. Server and node must outlive each other's event loop.
void registerMethods(Server& server, node::Node& node);

// By noun; registerMethods calls them all.
void registerNodeMethods(Server& server, node::Node& node);
void registerContributeMethods(Server& server, node::Node& node);
void registerNetworkMethods(Server& server, node::Node& node);
void registerWalletMethods(Server& server, node::Node& node);
void registerAuditMethods(Server& server, node::Node& node);
void registerPrivacyMethods(Server& server);
void registerMeterMethods(Server& server, node::Node& node);
void registerDataMethods(Server& server, node::Node& node);
void registerConsentMethods(Server& server, node::Node& node);
void registerModelMethods(Server& server, node::Node& node);
void registerGenerateMethods(Server& server, node::Node& node);
void registerChatMethods(Server& server, node::Node& node);
void registerAdapterMethods(Server& server, node::Node& node);

/// Id or name of what "model" and "adapter" together ask for; Invalid when the adapter is another
/// model's.
base::Result<std::string> modelToAnswer(node::Node& node, const QJsonObject& params);

/// The HTTP endpoint's switch and key; opens it if the owner left it on.
void registerApiMethods(Server& server, node::Node& node, HttpEndpoint& endpoint);

/// Whether this computer works, why or why not, and with what; part of node.status.
QJsonObject contributionOf(node::Node& node);

/// The object that node.status answers and node.changed carries.
QJsonObject statusOf(node::Node& node);

} // namespace loam::rpc
