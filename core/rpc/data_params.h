// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "rpc/params.h"

/// What the methods on the owner's data share.
namespace loam::rpc {

/// Paths need not be UTF-8; JSON must be.
QString pathText(const std::string& path);
/// The owner's δ, at which all ε are shown.
double deltaOf(node::Node& node);
/// The sources named by "sources" in ascending order; all when there are none.
base::Result<std::vector<consent::SourceId>> sourcesParam(
    node::Node& node, const QJsonObject& params);

} // namespace loam::rpc
