// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/home_lock.h"
#include "rpc/server.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace loam;

namespace {

/// A client that knows nothing of our client: a socket and lines.
class RawClient
{
public:
    explicit RawClient(const QString& home) { socket.connectToServer(rpc::socketPath(home)); }

    void send(const QByteArray& line) { socket.write(line + '\n'); }

    /// The next message, while the event loop runs for the server; empty after two seconds.
    QJsonObject receive()
    {
        if (!QTest::qWaitFor([this] { return socket.canReadLine(); }, 2000)) {
            return {};
        }
        return QJsonDocument::fromJson(socket.readLine()).object();
    }

    static int codeOf(const QJsonObject& message)
    {
        return message[QStringLiteral("error")].toObject()[QStringLiteral("code")].toInt();
    }

    QLocalSocket socket;
};

QByteArray request(int id, const char* method, const char* params = "{}")
{
    return "{\"jsonrpc\":\"2.0\",\"id\":" + QByteArray::number(id) + ",\"method\":\"" + method
        + "\",\"params\":" + params + "}";
}

} // namespace

class TestServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void answers();
    void answersLaterAndOutOfOrder();
    void tellsWhenAMethodForgetsToAnswer();
    void requestWithoutIdGetsNoAnswer();
    void socketIsForTheOwnerOnly();
    void worksInADeepFolder();
    void replacesAStaleSocket();
    void refusesASecondNode();
    void malformed_data();
    void malformed();
    void closesAfterRepeatedAbuse();
    void closesOnAnOversizedLine();
    void boundsRequestsUnderWay();
    void turnsAwayTooManyClients();
    void notifiesSubscribersOnly();
    void coalescesSnapshots();
    void keepsEventsInOrder();
    void dropsNotificationsForASlowClient();
    void stopsReadingFromAClientThatDoesNotRead();
    void survivesAClientThatLeavesEarly();

private:
    void listen(rpc::ServerLimits limits = {});

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<rpc::HomeLock> m_lock;
    std::unique_ptr<rpc::Server> m_server;
    std::vector<rpc::Reply> m_waiting;
};

void TestServer::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    listen();
}

void TestServer::cleanup()
{
    m_waiting.clear();
    m_server.reset();
    m_lock.reset();
    m_folder.reset();
}

void TestServer::listen(rpc::ServerLimits limits)
{
    m_server.reset();
    m_lock.reset();
    auto lock = rpc::HomeLock::take(m_folder->path());
    QVERIFY2(lock, lock ? "" : lock.error().message.c_str());
    m_lock = std::make_unique<rpc::HomeLock>(std::move(*lock));
    m_server = std::make_unique<rpc::Server>(limits);
    m_server->registerMethod(QStringLiteral("test.echo"),
        [](const QJsonObject& params, const rpc::Reply& reply) { reply.result(params); });
    m_server->registerMethod(QStringLiteral("test.wait"),
        [this](const QJsonObject&, const rpc::Reply& reply) { m_waiting.push_back(reply); });
    m_server->registerMethod(QStringLiteral("test.forget"), [](const QJsonObject&, rpc::Reply) {});
    m_server->registerMethod(
        QStringLiteral("test.fail"), [](const QJsonObject&, const rpc::Reply& reply) {
            reply.error(base::Errc::Denied, QStringLiteral("wrong passphrase"));
        });
    m_server->registerMethod(
        QStringLiteral("test.large"), [](const QJsonObject&, const rpc::Reply& reply) {
            reply.result({ { QStringLiteral("text"), QString(100'000, QLatin1Char('x')) } });
        });
    const auto listening = m_server->listen(*m_lock);
    QVERIFY2(listening, listening ? "" : listening.error().message.c_str());
}

void TestServer::answers()
{
    RawClient client{ m_folder->path() };
    client.send(request(1, "test.echo", R"({"a":[1,2]})"));
    QJsonObject answer = client.receive();
    QCOMPARE(answer[QStringLiteral("jsonrpc")].toString(), QStringLiteral("2.0"));
    QCOMPARE(answer[QStringLiteral("id")].toInt(), 1);
    QCOMPARE(answer[QStringLiteral("result")].toObject()[QStringLiteral("a")].toArray().size(), 2);

    client.send(request(2, "test.fail"));
    answer = client.receive();
    QCOMPARE(RawClient::codeOf(answer), -32000);
    const QJsonObject error = answer[QStringLiteral("error")].toObject();
    QCOMPARE(error[QStringLiteral("message")].toString(), QStringLiteral("wrong passphrase"));
    QCOMPARE(error[QStringLiteral("data")].toObject()[QStringLiteral("errc")].toString(),
        QStringLiteral("denied"));

    client.send(request(3, "test.nothing"));
    QCOMPARE(RawClient::codeOf(client.receive()), -32601);

    client.send(request(4, "rpc.methods"));
    const QJsonArray names = client.receive()[QStringLiteral("result")]
                                 .toObject()[QStringLiteral("methods")]
                                 .toArray();
    QVERIFY(names.contains(QStringLiteral("test.echo")));
}

void TestServer::answersLaterAndOutOfOrder()
{
    RawClient client{ m_folder->path() };
    client.send(request(1, "test.wait"));
    client.send(R"({"jsonrpc":"2.0","id":"two","method":"test.wait"})");
    QTRY_COMPARE(m_waiting.size(), std::size_t{ 2 });
    m_waiting[1].result({ { QStringLiteral("n"), 2 } });
    m_waiting[0].result({ { QStringLiteral("n"), 1 } });
    m_waiting[0].result({ { QStringLiteral("n"), 3 } }); // ignored
    QCOMPARE(client.receive()[QStringLiteral("id")].toString(), QStringLiteral("two"));
    QCOMPARE(client.receive()[QStringLiteral("id")].toInt(), 1);
    client.send(request(3, "test.echo"));
    QCOMPARE(client.receive()[QStringLiteral("id")].toInt(), 3);
}

void TestServer::tellsWhenAMethodForgetsToAnswer()
{
    RawClient client{ m_folder->path() };
    client.send(request(1, "test.forget"));
    QCOMPARE(RawClient::codeOf(client.receive()), -32603);
}

void TestServer::requestWithoutIdGetsNoAnswer()
{
    RawClient client{ m_folder->path() };
    client.send(R"({"jsonrpc":"2.0","method":"test.fail","params":{}})");
    client.send(request(2, "test.echo"));
    QCOMPARE(client.receive()[QStringLiteral("id")].toInt(), 2);
}

void TestServer::socketIsForTheOwnerOnly()
{
    struct stat info = {};
    QCOMPARE(::stat(rpc::socketPath(m_folder->path()).toLocal8Bit().constData(), &info), 0);
    QVERIFY(S_ISSOCK(info.st_mode));
    QCOMPARE(info.st_mode & 0777U, 0600U);
    m_server->close();
    QVERIFY(!QFile::exists(rpc::socketPath(m_folder->path())));
}

void TestServer::worksInADeepFolder()
{
    // Deeper than the 107 bytes a socket's address can hold.
    QString deep = m_folder->path();
    for (int i = 0; i < 6; ++i) {
        deep += QStringLiteral("/") + QString(30, QLatin1Char('d'));
    }
    auto lock = rpc::HomeLock::take(deep);
    QVERIFY(lock);
    rpc::Server server;
    const auto listening = server.listen(*lock);
    QVERIFY2(listening, listening ? "" : listening.error().message.c_str());
    QVERIFY(QFile::exists(rpc::socketPath(deep)));
}

void TestServer::replacesAStaleSocket()
{
    // A plain file stands for what a killed node leaves: nobody listens behind it.
    m_server.reset();
    m_lock.reset();
    QFile stale{ rpc::socketPath(m_folder->path()) };
    QVERIFY(stale.open(QIODevice::WriteOnly));
    stale.close();
    listen();
    RawClient client{ m_folder->path() };
    client.send(request(1, "test.echo"));
    QCOMPARE(client.receive()[QStringLiteral("id")].toInt(), 1);
}

void TestServer::refusesASecondNode()
{
    const auto second = rpc::HomeLock::take(m_folder->path());
    QVERIFY(!second);
    QCOMPARE(second.error().code, base::Errc::Unavailable);
    const QString message = rpc::messageOf(second.error());
    QVERIFY(message.contains(QString::number(QCoreApplication::applicationPid())));
    QVERIFY(message.contains(m_folder->path()));
    m_server.reset();
    m_lock.reset();
    QVERIFY(rpc::HomeLock::take(m_folder->path()));
    const auto nowhere = rpc::HomeLock::take(QStringLiteral("/proc/nowhere"));
    QVERIFY(!nowhere);
    QCOMPARE(nowhere.error().code, base::Errc::Io);
}

void TestServer::malformed_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<int>("code");
    QTest::newRow("text") << QByteArray{ "hello" } << -32700;
    QTest::newRow("half") << QByteArray{ R"({"jsonrpc":)" } << -32700;
    QTest::newRow("bytes") << QByteArray{ "\x00\xff\x7f", 3 } << -32700;
    QTest::newRow("batch") << "[" + request(1, "test.echo") + "]" << -32600;
    QTest::newRow("number") << QByteArray{ "42" } << -32700; // Qt parses objects and arrays only
    QTest::newRow("no version") << QByteArray{ R"({"id":1,"method":"test.echo"})" } << -32600;
    QTest::newRow("no method") << QByteArray{ R"({"jsonrpc":"2.0","id":1})" } << -32600;
    QTest::newRow("odd method") << QByteArray{ R"({"jsonrpc":"2.0","id":1,"method":5})" } << -32600;
    QTest::newRow("odd id") << QByteArray{ R"({"jsonrpc":"2.0","id":{},"method":"test.echo"})" }
                            << -32600;
    QTest::newRow("params by position") << request(1, "test.echo", "[1]") << -32600;
    QTest::newRow("topics missing") << request(1, "rpc.subscribe") << -32602;
    QTest::newRow("topics odd") << request(1, "rpc.subscribe", R"({"topics":[1]})") << -32602;
}

void TestServer::malformed()
{
    QFETCH(const QByteArray, line);
    QFETCH(const int, code);
    RawClient client{ m_folder->path() };
    client.send(line);
    QCOMPARE(RawClient::codeOf(client.receive()), code);
    // One mistake does not cost the connection.
    client.send(request(9, "test.echo"));
    QCOMPARE(client.receive()[QStringLiteral("id")].toInt(), 9);
}

void TestServer::closesAfterRepeatedAbuse()
{
    RawClient client{ m_folder->path() };
    for (int i = 0; i < rpc::ServerLimits{}.malformedLines; ++i) {
        client.send("nonsense");
        QCOMPARE(RawClient::codeOf(client.receive()), -32700);
    }
    QTRY_COMPARE(client.socket.state(), QLocalSocket::UnconnectedState);
    QTRY_COMPARE(m_server->connectionCount(), 0);
}

void TestServer::closesOnAnOversizedLine()
{
    RawClient client{ m_folder->path() };
    const QByteArray chunk(1 << 20, 'x');
    for (int i = 0; i < 5; ++i) {
        client.socket.write(chunk);
    }
    QCOMPARE(RawClient::codeOf(client.receive()), -32700);
    QTRY_COMPARE(client.socket.state(), QLocalSocket::UnconnectedState);
    RawClient other{ m_folder->path() };
    other.send(request(1, "test.echo"));
    QCOMPARE(other.receive()[QStringLiteral("id")].toInt(), 1);
}

void TestServer::boundsRequestsUnderWay()
{
    listen({ .requestsUnderWay = 3 });
    RawClient client{ m_folder->path() };
    for (int i = 1; i <= 4; ++i) {
        client.send(request(i, "test.wait"));
    }
    const QJsonObject refused = client.receive();
    QCOMPARE(refused[QStringLiteral("id")].toInt(), 4);
    QCOMPARE(RawClient::codeOf(refused), -32000);
    m_waiting.front().result({});
    QCOMPARE(client.receive()[QStringLiteral("id")].toInt(), 1);
    client.send(request(5, "test.echo"));
    QCOMPARE(client.receive()[QStringLiteral("id")].toInt(), 5);
}

void TestServer::turnsAwayTooManyClients()
{
    listen({ .connections = 2 });
    RawClient first{ m_folder->path() };
    RawClient second{ m_folder->path() };
    QTRY_COMPARE(m_server->connectionCount(), 2);
    RawClient third{ m_folder->path() };
    QCOMPARE(RawClient::codeOf(third.receive()), -32000);
    QTRY_COMPARE(third.socket.state(), QLocalSocket::UnconnectedState);
    first.socket.disconnectFromServer();
    QTRY_COMPARE(m_server->connectionCount(), 1);
    RawClient fourth{ m_folder->path() };
    fourth.send(request(1, "test.echo"));
    QCOMPARE(fourth.receive()[QStringLiteral("id")].toInt(), 1);
}

void TestServer::notifiesSubscribersOnly()
{
    RawClient subscriber{ m_folder->path() };
    RawClient other{ m_folder->path() };
    subscriber.send(request(1, "rpc.subscribe", R"({"topics":["wallet"]})"));
    QVERIFY(subscriber.receive().contains(QStringLiteral("result")));
    QVERIFY(m_server->hasSubscribers(QStringLiteral("wallet")));
    QVERIFY(!m_server->hasSubscribers(QStringLiteral("node")));
    m_server->notify(QStringLiteral("node.changed"), {}, rpc::Delivery::Every);
    m_server->notify(
        QStringLiteral("wallet.entry"), { { QStringLiteral("n"), 1 } }, rpc::Delivery::Every);
    const QJsonObject seen = subscriber.receive();
    QCOMPARE(seen[QStringLiteral("method")].toString(), QStringLiteral("wallet.entry"));
    QVERIFY(!seen.contains(QStringLiteral("id")));
    other.send(request(2, "test.echo"));
    QCOMPARE(other.receive()[QStringLiteral("id")].toInt(), 2);

    subscriber.send(request(3, "rpc.unsubscribe", R"({"topics":["wallet"]})"));
    QCOMPARE(subscriber.receive()[QStringLiteral("id")].toInt(), 3);
    QVERIFY(!m_server->hasSubscribers(QStringLiteral("wallet")));
}

void TestServer::coalescesSnapshots()
{
    RawClient client{ m_folder->path() };
    client.send(request(1, "rpc.subscribe", R"({"topics":["practice"]})"));
    QVERIFY(client.receive().contains(QStringLiteral("result")));
    const auto start = std::chrono::steady_clock::now();
    constexpr int kSent = 1000;
    for (int i = 1; i <= kSent; ++i) {
        m_server->notify(QStringLiteral("practice.progress"), { { QStringLiteral("n"), i } },
            rpc::Delivery::Latest);
        QCoreApplication::processEvents();
    }
    int received = 0;
    int last = 0;
    while (last < kSent) {
        const QJsonObject message = client.receive();
        QVERIFY2(!message.isEmpty(), "the newest snapshot never came");
        const int n = message[QStringLiteral("params")].toObject()[QStringLiteral("n")].toInt();
        QVERIFY(n > last);
        last = n;
        ++received;
    }
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    QVERIFY(received >= 2);
    QVERIFY2(received <= 2 + elapsed.count() / 100, qPrintable(QString::number(received)));
}

void TestServer::keepsEventsInOrder()
{
    RawClient client{ m_folder->path() };
    client.send(request(1, "rpc.subscribe", R"({"topics":["practice"]})"));
    QVERIFY(client.receive().contains(QStringLiteral("result")));
    const auto snapshot = [this](int n) {
        m_server->notify(QStringLiteral("practice.progress"), { { QStringLiteral("n"), n } },
            rpc::Delivery::Latest);
    };
    snapshot(1);
    snapshot(2);
    snapshot(3);
    m_server->notify(
        QStringLiteral("practice.round"), { { QStringLiteral("n"), 4 } }, rpc::Delivery::Every);
    m_server->notify(
        QStringLiteral("practice.round"), { { QStringLiteral("n"), 5 } }, rpc::Delivery::Every);
    QList<int> seen;
    while (seen.size() < 4) {
        const QJsonObject message = client.receive();
        QVERIFY(!message.isEmpty());
        seen.append(message[QStringLiteral("params")].toObject()[QStringLiteral("n")].toInt());
    }
    QCOMPARE(seen, (QList<int>{ 1, 3, 4, 5 }));
}

void TestServer::dropsNotificationsForASlowClient()
{
    listen({ .unsentBytesForNotifications = 200'000 });
    RawClient slow{ m_folder->path() };
    slow.socket.setReadBufferSize(1024); // what it does not take stays in the kernel
    slow.send(request(1, "rpc.subscribe", R"({"topics":["audit"]})"));
    QVERIFY(slow.receive().contains(QStringLiteral("result")));
    const QJsonObject large{ { QStringLiteral("text"), QString(10'000, QLatin1Char('x')) } };
    constexpr int kSent = 2000;
    for (int i = 0; i < kSent; ++i) {
        m_server->notify(QStringLiteral("audit.entry"), large, rpc::Delivery::Every);
        QCoreApplication::processEvents();
    }
    // Now it reads: what it gets and what it is told it missed make up the whole.
    slow.socket.setReadBufferSize(0);
    int received = 0;
    int dropped = 0;
    while (received + dropped < kSent) {
        const QJsonObject message = slow.receive();
        QVERIFY2(!message.isEmpty(), "neither a notification nor the count of the dropped");
        if (message[QStringLiteral("method")].toString() == QStringLiteral("rpc.dropped")) {
            const QJsonObject params = message[QStringLiteral("params")].toObject();
            QCOMPARE(params[QStringLiteral("topic")].toString(), QStringLiteral("audit"));
            dropped += params[QStringLiteral("count")].toInt();
        } else {
            ++received;
        }
    }
    QVERIFY(dropped > kSent / 2);
    // The bound of the server, the kernel's buffer and one message.
    QVERIFY2(received < 120, qPrintable(QString::number(received)));
}

void TestServer::stopsReadingFromAClientThatDoesNotRead()
{
    listen({ .unsentBytesForReading = 500'000 });
    RawClient slow{ m_folder->path() };
    slow.socket.setReadBufferSize(1024);
    constexpr int kRequests = 200; // 20 MB of answers
    for (int i = 1; i <= kRequests; ++i) {
        slow.send(request(i, "test.large"));
    }
    slow.send(request(999, "test.wait"));
    RawClient other{ m_folder->path() };
    other.send(request(1, "test.echo"));
    QCOMPARE(other.receive()[QStringLiteral("id")].toInt(), 1);
    // Its later requests wait in the socket while another client is served.
    QVERIFY(m_waiting.empty());
    slow.socket.setReadBufferSize(0);
    for (int i = 1; i <= kRequests; ++i) {
        QCOMPARE(slow.receive()[QStringLiteral("id")].toInt(), i);
    }
    QTRY_COMPARE(m_waiting.size(), std::size_t{ 1 });
}

void TestServer::survivesAClientThatLeavesEarly()
{
    {
        RawClient client{ m_folder->path() };
        client.send(request(1, "test.wait"));
        QTRY_COMPARE(m_waiting.size(), std::size_t{ 1 });
    }
    QTRY_COMPARE(m_server->connectionCount(), 0);
    m_waiting.front().result({});
    QVERIFY(m_waiting.front().isAnswered());
    // A reply may even outlive the server.
    RawClient client{ m_folder->path() };
    client.send(request(2, "test.wait"));
    QTRY_COMPARE(m_waiting.size(), std::size_t{ 2 });
    m_server.reset();
    m_waiting.back().result({});
    QVERIFY(m_waiting.back().isAnswered());
}

QTEST_GUILESS_MAIN(TestServer)
#include "tst_server.moc"
