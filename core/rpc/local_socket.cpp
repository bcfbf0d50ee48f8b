// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/local_socket.h"

#include "base/scope_guard.h"
#include "rpc/wire.h"

#include <QFile>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace loam::rpc {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr int kBacklog = 64;
    constexpr const char* kSocketName = "rpc.sock";

    std::string systemMessage(int error)
    {
        return std::strerror(error); // NOLINT(concurrency-mt-unsafe): glibc's is per thread
    }

    /// Holds the home folder open, so that the short path /proc/self/fd/N/rpc.sock leads to its
    /// socket however long the folder's own path is.
    class Folder
    {
    public:
        explicit Folder(const QString& home)
            : m_descriptor{ ::open(
                QFile::encodeName(home).constData(), O_PATH | O_DIRECTORY | O_CLOEXEC) }
        {
        }
        Folder(const Folder&) = delete;
        Folder& operator=(const Folder&) = delete;
        ~Folder()
        {
            if (m_descriptor >= 0) {
                ::close(m_descriptor);
            }
        }
        bool isOpen() const { return m_descriptor >= 0; }
        int descriptor() const { return m_descriptor; }

        sockaddr_un address() const
        {
            sockaddr_un out{};
            out.sun_family = AF_UNIX;
            const std::string path
                = "/proc/self/fd/" + std::to_string(m_descriptor) + "/" + kSocketName;
            std::memcpy(out.sun_path, path.c_str(), path.size() + 1);
            return out;
        }

    private:
        int m_descriptor;
    };

    int newSocket()
    {
        return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    }

    bool isSameUser(int socket)
    {
        ucred peer{};
        socklen_t size = sizeof peer;
        return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0
            && peer.uid == ::geteuid();
    }

} // namespace

Result<int> listenAt(const QString& home)
{
    const Folder folder{ home };
    if (!folder.isOpen()) {
        return fail(
            Errc::Io, "cannot open the folder " + home.toStdString() + ": " + systemMessage(errno));
    }
    const int descriptor = newSocket();
    if (descriptor < 0) {
        return fail(Errc::Io, "cannot make a socket: " + systemMessage(errno));
    }
    base::ScopeGuard closer{ [descriptor] { ::close(descriptor); } };
    ::unlinkat(folder.descriptor(), kSocketName, 0);
    const sockaddr_un address = folder.address();
    // The mode of the file is that of the socket at the moment of bind, so it is never wider.
    if (::fchmod(descriptor, S_IRUSR | S_IWUSR) != 0
        || ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0
        || ::fchmodat(folder.descriptor(), kSocketName, S_IRUSR | S_IWUSR, 0) != 0
        || ::listen(descriptor, kBacklog) != 0) {
        return fail(Errc::Io,
            "cannot open the socket " + socketPath(home).toStdString() + ": "
                + systemMessage(errno));
    }
    closer.dismiss();
    return descriptor;
}

int acceptFrom(int listening)
{
    const int descriptor = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor >= 0 && !isSameUser(descriptor)) {
        ::close(descriptor);
        return -1;
    }
    return descriptor;
}

Result<int> connectAt(const QString& home)
{
    const auto notRunning = [&home] {
        return fail(Errc::Unavailable,
            "Loam's node is not running; start it with `loamd --home " + home.toStdString() + "`");
    };
    const Folder folder{ home };
    if (!folder.isOpen()) {
        if (errno == EACCES) {
            return fail(
                Errc::Denied, "the folder " + home.toStdString() + " belongs to another user");
        }
        return notRunning();
    }
    const int descriptor = newSocket();
    if (descriptor < 0) {
        return fail(Errc::Io, "cannot make a socket: " + systemMessage(errno));
    }
    base::ScopeGuard closer{ [descriptor] { ::close(descriptor); } };
    const sockaddr_un address = folder.address();
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        switch (errno) {
        case ENOENT:
        case ECONNREFUSED:
            return notRunning();
        case EACCES:
        case EPERM:
            return fail(
                Errc::Denied, "the node of " + home.toStdString() + " belongs to another user");
        case EAGAIN:
            return fail(Errc::Unavailable, "Loam's node is too busy to accept a connection");
        default:
            return fail(Errc::Io, "cannot reach Loam's node: " + systemMessage(errno));
        }
    }
    if (!isSameUser(descriptor)) {
        return fail(Errc::Denied, "the node of " + home.toStdString() + " belongs to another user");
    }
    closer.dismiss();
    return descriptor;
}

} // namespace loam::rpc
