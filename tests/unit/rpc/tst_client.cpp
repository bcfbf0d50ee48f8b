// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/client.h"
#include "rpc/home_lock.h"
#include "rpc/server.h"

#include <QLocalServer>
#include <QLocalSocket>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace loam;
using namespace std::chrono_literals;

namespace {

/// A node as far as a client can tell.
struct Node
{
    explicit Node(const QString& home)
        : lock{ rpc::HomeLock::take(home).value() }
    {
        server.registerMethod(QStringLiteral("test.echo"),
            [](const QJsonObject& params, const rpc::Reply& reply) { reply.result(params); });
        server.registerMethod(
            QStringLiteral("test.fail"), [](const QJsonObject&, const rpc::Reply& reply) {
                reply.error(base::Errc::Denied, QStringLiteral("wrong passphrase"));
            });
        server.registerMethod(QStringLiteral("test.wait"),
            [this](const QJsonObject&, const rpc::Reply& reply) { waiting.push_back(reply); });
        isListening = server.listen(lock).has_value();
    }

    rpc::HomeLock lock;
    rpc::Server server;
    bool isListening{ false };
    std::vector<rpc::Reply> waiting;
};

/// Keeps the outcome of a call.
struct Outcome
{
    std::optional<base::Result<QJsonObject>> value;
    int count{ 0 };

    rpc::Client::Callback callback()
    {
        return [this](base::Result<QJsonObject> result) {
            value = std::move(result);
            ++count;
        };
    }
};

} // namespace

class TestClient : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void calls();
    void saysThatNoNodeRuns();
    void timesOut();
    void failsCallsWhenTheNodeLeaves();
    void connectsWhenTheNodeComes();
    void reconnectsAndSubscribesAgain();
    void cancelsOnDisconnect();
    void forgetsTheCallOfADeadContext();
    void callbackMayDeleteTheClient();
    void dropsANodeThatTalksNonsense_data();
    void dropsANodeThatTalksNonsense();

private:
    QString home() const { return m_folder->path(); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestClient::calls()
{
    Node node{ home() };
    rpc::Client client;
    QSignalSpy connected{ &client, &rpc::Client::connected };
    client.connectTo(home());
    QCOMPARE(connected.count(), 0); // never from inside the call
    Outcome echo;
    Outcome failure;
    Outcome unknown;
    client.call(QStringLiteral("test.echo"), { { QStringLiteral("a"), 1 } }, this, echo.callback());
    client.call(QStringLiteral("test.fail"), {}, this, failure.callback());
    client.call(QStringLiteral("test.unknown"), {}, this, unknown.callback());
    QTRY_VERIFY(unknown.value);
    QCOMPARE(connected.count(), 1);
    QCOMPARE(echo.value->value()[QStringLiteral("a")].toInt(), 1);
    QCOMPARE(failure.value->error().code, base::Errc::Denied);
    QCOMPARE(failure.value->error().message, std::string{ "wrong passphrase" });
    QCOMPARE(unknown.value->error().code, base::Errc::NotFound);
}

void TestClient::saysThatNoNodeRuns()
{
    rpc::Client client;
    QSignalSpy disconnected{ &client, &rpc::Client::disconnected };
    client.connectTo(home(), rpc::Reconnect::Never);
    Outcome outcome;
    client.call(QStringLiteral("test.echo"), {}, this, outcome.callback());
    QVERIFY(!outcome.value);
    QTRY_VERIFY(outcome.value);
    QCOMPARE(outcome.value->error().code, base::Errc::Unavailable);
    QVERIFY(outcome.value->error().message.find("not running") != std::string::npos);
    QTRY_COMPARE(disconnected.count(), 1);
    QVERIFY(disconnected.front().front().toString().contains(QStringLiteral("loamd")));
    QVERIFY(!client.isConnected());
}

void TestClient::timesOut()
{
    Node node{ home() };
    rpc::Client client;
    client.connectTo(home());
    Outcome outcome;
    client.call(QStringLiteral("test.wait"), {}, this, outcome.callback(), 50ms);
    QTRY_VERIFY(outcome.value);
    QCOMPARE(outcome.value->error().code, base::Errc::Timeout);
    // A late answer is nobody's.
    QTRY_COMPARE(node.waiting.size(), std::size_t{ 1 });
    node.waiting.front().result({});
    Outcome echo;
    client.call(QStringLiteral("test.echo"), {}, this, echo.callback());
    QTRY_VERIFY(echo.value);
    QCOMPARE(outcome.count, 1);
}

void TestClient::failsCallsWhenTheNodeLeaves()
{
    auto node = std::make_unique<Node>(home());
    rpc::Client client;
    QSignalSpy disconnected{ &client, &rpc::Client::disconnected };
    client.connectTo(home(), rpc::Reconnect::Never);
    Outcome outcome;
    client.call(QStringLiteral("test.wait"), {}, this, outcome.callback(), 0ms);
    QTRY_COMPARE(node->waiting.size(), std::size_t{ 1 });
    node.reset();
    QTRY_VERIFY(outcome.value);
    QCOMPARE(outcome.value->error().code, base::Errc::Unavailable);
    QTRY_COMPARE(disconnected.count(), 1);
    QVERIFY(!client.isConnected());
}

void TestClient::connectsWhenTheNodeComes()
{
    rpc::Client client;
    QSignalSpy connected{ &client, &rpc::Client::connected };
    QSignalSpy disconnected{ &client, &rpc::Client::disconnected };
    client.connectTo(home());
    QTRY_COMPARE(disconnected.count(), 1);
    Node node{ home() };
    QTRY_COMPARE(connected.count(), 1);
    QCOMPARE(disconnected.count(), 1);
    QVERIFY(client.isConnected());
}

void TestClient::reconnectsAndSubscribesAgain()
{
    auto node = std::make_unique<Node>(home());
    rpc::Client client;
    client.subscribe({ QStringLiteral("wallet") });
    client.connectTo(home());
    QSignalSpy notification{ &client, &rpc::Client::notification };
    client.subscribe({ QStringLiteral("practice"), QStringLiteral("wallet") });
    QTRY_VERIFY(node->server.hasSubscribers(QStringLiteral("wallet")));
    QTRY_VERIFY(node->server.hasSubscribers(QStringLiteral("practice")));

    node.reset();
    QTRY_VERIFY(!client.isConnected());
    node = std::make_unique<Node>(home());
    QTRY_VERIFY(node->server.hasSubscribers(QStringLiteral("practice")));
    node->server.notify(
        QStringLiteral("practice.round"), { { QStringLiteral("round"), 1 } }, rpc::Delivery::Every);
    QTRY_COMPARE(notification.count(), 1);
    QCOMPARE(notification.front().at(0).toString(), QStringLiteral("practice.round"));
    QCOMPARE(notification.front().at(1).toJsonObject()[QStringLiteral("round")].toInt(), 1);
}

void TestClient::cancelsOnDisconnect()
{
    Node node{ home() };
    rpc::Client client;
    client.connectTo(home());
    Outcome outcome;
    client.call(QStringLiteral("test.wait"), {}, this, outcome.callback());
    client.disconnectFrom();
    QTRY_VERIFY(outcome.value);
    QCOMPARE(outcome.value->error().code, base::Errc::Cancelled);
    QTRY_COMPARE(node.server.connectionCount(), 0);
}

void TestClient::forgetsTheCallOfADeadContext()
{
    Node node{ home() };
    rpc::Client client;
    client.connectTo(home());
    auto context = std::make_unique<QObject>();
    Outcome dead;
    client.call(QStringLiteral("test.echo"), {}, context.get(), dead.callback());
    context.reset();
    Outcome alive;
    client.call(QStringLiteral("test.echo"), {}, this, alive.callback());
    QTRY_VERIFY(alive.value);
    QCOMPARE(dead.count, 0);
}

void TestClient::callbackMayDeleteTheClient()
{
    Node node{ home() };
    auto* client = new rpc::Client;
    client->connectTo(home());
    int answers = 0;
    client->call(QStringLiteral("test.echo"), {}, this, [&](base::Result<QJsonObject> result) {
        QVERIFY(result);
        ++answers;
        delete std::exchange(client, nullptr);
    });
    client->call(
        QStringLiteral("test.echo"), {}, this, [&](base::Result<QJsonObject>) { ++answers; });
    QTRY_VERIFY(client == nullptr);
    QTRY_COMPARE(node.server.connectionCount(), 0);
    QCOMPARE(answers, 1);
}

void TestClient::dropsANodeThatTalksNonsense_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::newRow("text") << QByteArray{ "hello\n" };
    QTest::newRow("too long") << QByteArray(rpc::kMaxLineBytes + 2, 'x');
}

void TestClient::dropsANodeThatTalksNonsense()
{
    QFETCH(const QByteArray, line);
    QLocalServer impostor;
    QVERIFY(impostor.listen(rpc::socketPath(home())));
    connect(&impostor, &QLocalServer::newConnection, &impostor,
        [&] { impostor.nextPendingConnection()->write(line); });
    rpc::Client client;
    QSignalSpy disconnected{ &client, &rpc::Client::disconnected };
    Outcome outcome;
    client.connectTo(home(), rpc::Reconnect::Never);
    client.call(QStringLiteral("test.echo"), {}, this, outcome.callback());
    QTRY_VERIFY(outcome.value);
    QCOMPARE(outcome.value->error().code, base::Errc::Corrupt);
    QTRY_COMPARE(disconnected.count(), 1);
}

QTEST_GUILESS_MAIN(TestClient)
#include "tst_client.moc"
