// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QString>

namespace loam::rpc {

// Sockets in the file system, by descriptor. Done here and not by QLocalServer because a home
// folder may be deeper than the 107 bytes of sockaddr_un, and because the mode must be right
// before the first client can connect.

/// A listening, non-blocking socket at `<home>/rpc.sock`, mode 0600; replaces what is there.
base::Result<int> listenAt(const QString& home);
/// The next client of the same user; foreign users' connections are closed. Nothing waiting, or an
/// error of the client's own: -1.
int acceptFrom(int listening);
/// Connects to the node of `home`. Unavailable: nobody listens; Denied: not our node.
base::Result<int> connectAt(const QString& home);

} // namespace loam::rpc
