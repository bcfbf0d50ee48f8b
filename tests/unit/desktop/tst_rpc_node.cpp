// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/server.h"
#include "rpc_node.h"
#include "single_instance.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace loam;

namespace {

/// A node of its own on `home`, with one method and one that fails.
struct Node
{
    rpc::HomeLock lock;
    rpc::Server server;

    explicit Node(const QString& home)
        : lock{ std::move(rpc::HomeLock::take(home)).value() }
    {
        server.registerMethod(
            QStringLiteral("node.status"), [](const QJsonObject&, rpc::Reply reply) {
                reply.result({ { QStringLiteral("height"), 7 } });
            });
        server.registerMethod(
            QStringLiteral("wallet.send"), [](const QJsonObject&, rpc::Reply reply) {
                reply.error(
                    base::Errc::Invalid, QStringLiteral("the checksum of the address is wrong"));
            });
        isListening = server.listen(lock).has_value();
    }
    bool isListening{ false };
};

} // namespace

class TestRpcNode : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void callsAndFailuresArrive()
    {
        QTemporaryDir home;
        Node node(home.path());
        QVERIFY(node.isListening);
        desktop::RpcNode rpcNode(home.path(), {});
        rpcNode.open();
        QTRY_VERIFY(rpcNode.isConnected());
        desktop::NodeReply reply;
        rpcNode.call(QStringLiteral("node.status"), {}, this,
            [&reply](const desktop::NodeReply& r) { reply = r; });
        QTRY_COMPARE(reply.result.value(QStringLiteral("height")).toInt(), 7);
        rpcNode.call(QStringLiteral("wallet.send"), {}, this,
            [&reply](const desktop::NodeReply& r) { reply = r; });
        QTRY_VERIFY(reply.error.contains(QStringLiteral("checksum")));
    }

    void notificationsArriveAgainAfterTheNodeCameBack()
    {
        QTemporaryDir home;
        desktop::RpcNode rpcNode(home.path(), {});
        rpcNode.subscribe({ QStringLiteral("node") });
        QSignalSpy connection(&rpcNode, &desktop::NodeApi::connectedChanged);
        QSignalSpy notified(&rpcNode, &desktop::NodeApi::notified);
        rpcNode.open();
        QTRY_VERIFY(connection.count() >= 1);
        QVERIFY(!rpcNode.isConnected());
        for (int i = 0; i < 2; ++i) {
            Node node(home.path());
            QVERIFY(node.isListening);
            QTRY_VERIFY(rpcNode.isConnected());
            QTRY_VERIFY(node.server.hasSubscribers(QStringLiteral("node")));
            node.server.notify(QStringLiteral("node.changed"), {}, rpc::Delivery::Every);
            QTRY_COMPARE(notified.count(), i + 1);
        }
        QTRY_VERIFY(!rpcNode.isConnected());
    }

    void aSecondWindowRaisesTheFirst()
    {
        QTemporaryDir home;
        desktop::SingleInstance first(home.path());
        QVERIFY(first.claim());
        QSignalSpy raised(&first, &desktop::SingleInstance::raiseRequested);
        desktop::SingleInstance second(home.path());
        QVERIFY(!second.claim());
        QTRY_COMPARE(raised.count(), 1);
        QTemporaryDir other;
        desktop::SingleInstance elsewhere(other.path());
        QVERIFY(elsewhere.claim());
    }
};

QTEST_GUILESS_MAIN(TestRpcNode)
#include "tst_rpc_node.moc"
