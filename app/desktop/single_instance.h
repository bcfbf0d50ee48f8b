// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLocalServer>
#include <QLockFile>
#include <QObject>

namespace loam::desktop {

/// One window per home folder. The second one asks the first to come to the front and leaves.
class SingleInstance final : public QObject
{
    Q_OBJECT

public:
    explicit SingleInstance(const QString& home, QObject* parent = nullptr);

    /// True: this process owns the window. False: another one does and was asked to show it.
    bool claim();

Q_SIGNALS:
    void raiseRequested();

private:
    QString m_serverName;
    QLockFile m_lock;
    QLocalServer m_server;
};

} // namespace loam::desktop
