// SPDX-License-Identifier: GPL-3.0-or-later
#include "single_instance.h"

#include "logging.h"

#include <QDir>
#include <QLocalSocket>

namespace loam::desktop {
namespace {

    constexpr int kAnswerMs = 1000;

} // namespace

SingleInstance::SingleInstance(const QString& home, QObject* parent)
    : QObject{ parent }
    , m_serverName{ home + QLatin1String("/window.sock") }
    , m_lock{ home + QLatin1String("/window.lock") }
{
    m_lock.setStaleLockTime(0);
    connect(&m_server, &QLocalServer::newConnection, this, [this] {
        if (QLocalSocket* caller = m_server.nextPendingConnection()) {
            connect(caller, &QLocalSocket::disconnected, caller, &QObject::deleteLater);
            caller->write("ok\n");
            caller->disconnectFromServer();
            Q_EMIT raiseRequested();
        }
    });
}

bool SingleInstance::claim()
{
    if (m_lock.tryLock(0)) {
        // A socket file left by a crash belongs to nobody: the lock proves it.
        QLocalServer::removeServer(m_serverName);
        m_server.setSocketOptions(QLocalServer::UserAccessOption);
        if (!m_server.listen(m_serverName)) {
            qCWarning(lcDesktop) << "a second start cannot raise this window:"
                                 << m_server.errorString();
        }
        return true;
    }
    if (m_lock.error() != QLockFile::LockFailedError) {
        qCWarning(lcDesktop) << "cannot lock the window of" << m_serverName;
        return true;
    }
    QLocalSocket socket;
    socket.connectToServer(m_serverName);
    if (socket.waitForConnected(kAnswerMs)) {
        socket.waitForReadyRead(kAnswerMs);
    }
    return false;
}

} // namespace loam::desktop
