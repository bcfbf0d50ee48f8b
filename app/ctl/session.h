// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "rpc/client.h"

#include <QJsonObject>
#include <QString>

#include <chrono>
#include <functional>

namespace loam::ctl {

/// Path of `loamd`: beside this program, else in PATH; empty when there is none.
QString nodeProgram();

/// A conversation with one node, one question after the other. Runs the event loop while it waits.
class Session
{
public:
    /// Connects to the node of `home`. When none runs and `startsNode`, starts one in the
    /// background, says so on stderr and waits for it.
    base::Result<> open(const QString& home, bool startsNode);

    /// Zero: wait for ever.
    base::Result<QJsonObject> call(const QString& method, const QJsonObject& params,
        std::chrono::milliseconds timeout = rpc::Client::kDefaultTimeout);

    /// Is told what the node reports while a call waits.
    void onReport(std::function<void(const QString& method, const QJsonObject& params)> receiver);

    /// Waits until the node has closed the connection; Timeout if it does not.
    base::Result<> waitForEnd(std::chrono::milliseconds timeout);

private:
    base::Result<> connect(const QString& home);
    base::Result<> start(const QString& home);

    rpc::Client m_client;
};

} // namespace loam::ctl
