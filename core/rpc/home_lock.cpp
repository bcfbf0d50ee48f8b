// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/home_lock.h"

#include <QDir>
#include <QFile>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace loam::rpc {

using base::Errc;
using base::fail;

namespace {

    /// What the owner of the lock wrote into it: its process id in decimal.
    std::string ownerOf(int descriptor)
    {
        char text[32] = {};
        const ssize_t size = ::pread(descriptor, text, sizeof text - 1, 0);
        const std::string all{ text, size > 0 ? static_cast<std::size_t>(size) : 0 };
        const std::string digits = all.substr(0, all.find_first_not_of("0123456789"));
        return digits.empty() ? std::string{} : " (process " + digits + ")";
    }

} // namespace

base::Result<HomeLock> HomeLock::take(const QString& home)
{
    const QString path = QDir::cleanPath(QDir{ home }.absolutePath());
    const QByteArray folder = QFile::encodeName(path);
    const bool existed = QDir{ path }.exists();
    if (!QDir{}.mkpath(path)) {
        return fail(Errc::Io, "cannot make the folder " + path.toStdString());
    }
    // A folder that was there keeps the mode its owner gave it.
    if (!existed && ::chmod(folder.constData(), S_IRWXU) != 0) {
        return fail(Errc::Io,
            "cannot protect the folder " + path.toStdString() + ": " + std::strerror(errno));
    }
    const QByteArray file = folder + "/lock";
    const int descriptor
        = ::open(file.constData(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (descriptor < 0) {
        return fail(Errc::Io, "cannot open " + file.toStdString() + ": " + std::strerror(errno));
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        const std::string owner = ownerOf(descriptor);
        ::close(descriptor);
        if (error == EWOULDBLOCK) {
            return fail(Errc::Unavailable,
                "another Loam node" + owner + " already uses " + path.toStdString()
                    + "; stop it with `loamctl node stop` or choose another folder with --home");
        }
        return fail(Errc::Io, "cannot lock " + file.toStdString() + ": " + std::strerror(error));
    }
    // Only a help for the message above: the lock itself is the kernel's.
    const std::string pid = std::to_string(::getpid()) + "\n";
    const bool written = ::ftruncate(descriptor, 0) == 0
        && ::pwrite(descriptor, pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size());
    if (!written) {
        const int error = errno;
        ::close(descriptor);
        return fail(Errc::Io, "cannot write " + file.toStdString() + ": " + std::strerror(error));
    }
    return HomeLock{ path, descriptor };
}

HomeLock::HomeLock(QString home, int descriptor)
    : m_home{ std::move(home) }
    , m_descriptor{ descriptor }
{
}

HomeLock::HomeLock(HomeLock&& other) noexcept
    : m_home{ std::move(other.m_home) }
    , m_descriptor{ std::exchange(other.m_descriptor, -1) }
{
}

HomeLock& HomeLock::operator=(HomeLock&& other) noexcept
{
    std::swap(m_home, other.m_home);
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

HomeLock::~HomeLock()
{
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
}

} // namespace loam::rpc
