// SPDX-License-Identifier: GPL-3.0-or-later
#include "practice_service.h"

#include <QCoreApplication>

namespace loam::daemon {

using base::Errc;

namespace {

    const QString kStart = QStringLiteral("practice.start");
    const QString kStop = QStringLiteral("practice.stop");
    const QString kFinished = QStringLiteral("practice.finished");

} // namespace

PracticeHost::PracticeHost(rpc::Server& server, std::filesystem::path home)
    : m_server{ server }
    , m_home{ std::move(home) }
{
    server.registerMethod(kStart,
        [this](const QJsonObject& params, const rpc::Reply& reply) { start(params, reply); });
    server.registerMethod(kStop, [this](const QJsonObject&, const rpc::Reply& reply) {
        if (m_practice) {
            m_practice->stop(tr("Stopped by its owner"));
        }
        reply.result({});
    });
}

PracticeHost::~PracticeHost() = default;

void PracticeHost::start(const QJsonObject& params, const rpc::Reply& reply)
{
    auto options = PracticeOptions::fromJson(params);
    if (!options) {
        reply.error(options.error());
        return;
    }
    if (m_practice) {
        reply.error(Errc::Unavailable, tr("A practice network runs already"));
        return;
    }
    m_practice = std::make_unique<Practice>(std::move(*options), m_home / "nodes");
    connect(m_practice.get(), &Practice::progress, this, [this](const QJsonObject& report) {
        m_server.notify(QStringLiteral("practice.progress"), report, rpc::Delivery::Latest);
    });
    connect(m_practice.get(), &Practice::roundClosed, this, [this](const QJsonObject& report) {
        m_server.notify(QStringLiteral("practice.round"), report, rpc::Delivery::Every);
    });
    connect(m_practice.get(), &Practice::finished, this, [this](const QJsonObject& report) {
        m_server.notify(kFinished, report, rpc::Delivery::Every);
        m_practice.release()->deleteLater();
    });
    reply.result({});
    QMetaObject::invokeMethod(m_practice.get(), &Practice::start, Qt::QueuedConnection);
}

PracticeProxy::PracticeProxy(rpc::Server& server, std::filesystem::path home)
    : m_server{ server }
    , m_home{ std::move(home) / "practice" }
{
    server.registerMethod(kStart,
        [this](const QJsonObject& params, const rpc::Reply& reply) { start(params, reply); });
    server.registerMethod(kStop, [this](const QJsonObject& params, const rpc::Reply& reply) {
        if (m_client && m_client->isConnected()) {
            m_client->call(kStop, params, this,
                [reply](const base::Result<QJsonObject>& done) { reply.finish(done); });
            return;
        }
        end();
        reply.result({});
    });
}

PracticeProxy::~PracticeProxy()
{
    end();
}

void PracticeProxy::start(const QJsonObject& params, const rpc::Reply& reply)
{
    if (m_host) {
        reply.error(Errc::Unavailable, tr("A practice network runs already"));
        return;
    }
    std::error_code ignored;
    std::filesystem::remove_all(m_home, ignored);
    const QString home = QString::fromStdString(m_home.string());
    m_host = std::make_unique<QProcess>();
    m_host->setStandardErrorFile(QProcess::nullDevice());
    m_host->setStandardOutputFile(QProcess::nullDevice());
    connect(m_host.get(), &QProcess::finished, this, [this] {
        m_server.notify(kFinished,
            { { QStringLiteral("ok"), false },
                { QStringLiteral("error"), tr("The practice process ended unexpectedly") } },
            rpc::Delivery::Every);
        QMetaObject::invokeMethod(this, &PracticeProxy::end, Qt::QueuedConnection);
    });
    m_host->start(QCoreApplication::applicationFilePath(),
        { QStringLiteral("--practice-host"), QStringLiteral("--temporary"),
            QStringLiteral("--home"), home });
    m_client = std::make_unique<rpc::Client>();
    m_client->subscribe({ QStringLiteral("practice") });
    connect(m_client.get(), &rpc::Client::notification, this,
        [this](const QString& method, const QJsonObject& report) {
            const bool last = method == kFinished;
            m_server.notify(method, report,
                method == QLatin1String{ "practice.progress" } ? rpc::Delivery::Latest
                                                               : rpc::Delivery::Every);
            if (last) {
                QMetaObject::invokeMethod(this, &PracticeProxy::end, Qt::QueuedConnection);
            }
        });
    connect(
        m_client.get(), &rpc::Client::connected, this,
        [this, params, reply] {
            m_client->call(
                kStart, params, this, [this, reply](const base::Result<QJsonObject>& done) {
                    reply.finish(done);
                    if (!done) {
                        QMetaObject::invokeMethod(this, &PracticeProxy::end, Qt::QueuedConnection);
                    }
                });
        },
        Qt::SingleShotConnection);
    m_client->connectTo(home);
}

void PracticeProxy::end()
{
    m_client.reset();
    if (m_host) {
        m_host->disconnect(this);
        // Its standard input closes, which is its sign to clean up.
        m_host->closeWriteChannel();
        if (!m_host->waitForFinished(8000)) {
            m_host->kill();
            m_host->waitForFinished(1000);
        }
        m_host.reset();
    }
    std::error_code ignored;
    std::filesystem::remove_all(m_home, ignored);
}

} // namespace loam::daemon
