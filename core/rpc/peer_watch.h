// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace loam::rpc {

/// Tells whether the client of one TCP connection of this process has gone, which the HTTP library
/// does not say while a request is worked on. Finds the socket by its two ports; says "still
/// there" when it cannot. Use it on the thread that serves the connection, which keeps it open.
class PeerWatch
{
public:
    PeerWatch(int localPort, int remotePort);
    bool isGone() const;

private:
    int m_socket{ -1 };
};

} // namespace loam::rpc
