// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/peer_watch.h"

#include <arpa/inet.h>
#include <cstdlib>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace loam::rpc {
namespace {

    /// Port of one end of a socket; -1 for anything but IPv4.
    int portOf(int descriptor, decltype(&::getpeername) end)
    {
        sockaddr_in address{};
        socklen_t length = sizeof address;
        void* const raw = &address;
        if (end(descriptor, static_cast<sockaddr*>(raw), &length) != 0
            || address.sin_family != AF_INET) {
            return -1;
        }
        return ntohs(address.sin_port);
    }

} // namespace

PeerWatch::PeerWatch(int localPort, int remotePort)
{
    DIR* const folder = ::opendir("/proc/self/fd");
    if (folder == nullptr) {
        return;
    }
    while (const dirent* const entry = ::readdir(folder)) {
        const int descriptor = std::atoi(entry->d_name);
        if (descriptor > 0 && portOf(descriptor, ::getpeername) == remotePort
            && portOf(descriptor, ::getsockname) == localPort) {
            m_socket = descriptor;
            break;
        }
    }
    ::closedir(folder);
}

bool PeerWatch::isGone() const
{
    if (m_socket < 0) {
        return false;
    }
    pollfd watched{ m_socket, POLLRDHUP, 0 };
    return ::poll(&watched, 1, 0) > 0 && (watched.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

} // namespace loam::rpc
