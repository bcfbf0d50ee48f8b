// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "practice.h"
#include "rpc/client.h"
#include "rpc/server.h"

#include <QObject>
#include <QProcess>

#include <memory>

namespace loam::daemon {

/// practice.start and practice.stop of the process that runs the practice network itself
/// (`loamd --practice-host`).
class PracticeHost final : public QObject
{
    Q_OBJECT
public:
    explicit PracticeHost(rpc::Server& server, std::filesystem::path home);
    ~PracticeHost() override;

private:
    void start(const QJsonObject& params, const rpc::Reply& reply);

    rpc::Server& m_server;
    std::filesystem::path m_home;
    std::unique_ptr<Practice> m_practice;
};

/// The same two methods in an ordinary node: a practice host is started as a process of its own,
/// so that neither its work nor its end touches the node, and its reports are passed on.
class PracticeProxy final : public QObject
{
    Q_OBJECT
public:
    PracticeProxy(rpc::Server& server, std::filesystem::path home);
    ~PracticeProxy() override;

private:
    void start(const QJsonObject& params, const rpc::Reply& reply);
    void end();

    rpc::Server& m_server;
    std::filesystem::path m_home;
    std::unique_ptr<QProcess> m_host;
    std::unique_ptr<rpc::Client> m_client;
};

} // namespace loam::daemon
