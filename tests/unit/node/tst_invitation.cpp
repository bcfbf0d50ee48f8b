// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/invitation.h"

#include <QtTest>

using namespace loam;

class TestInvitation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void survivesARoundTrip()
    {
        node::Invitation invitation;
        invitation.network.data.fill(std::byte{ 0xab });
        invitation.name = "Garden & friends = 2 + ü";
        invitation.endpoints = { { "127.0.0.2", 6881 }, { "2001:db8::1", 7000 } };
        const auto parsed = node::Invitation::parse(invitation.encode());
        QVERIFY2(parsed, parsed ? "" : parsed.error().message.c_str());
        QVERIFY(parsed->network == invitation.network);
        QCOMPARE(parsed->name, invitation.name);
        QVERIFY(parsed->endpoints == invitation.endpoints);
    }

    void refusesWhatIsNone_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("named");
        const QByteArray id{ 64, 'a' };
        QTest::newRow("other link")
            << QByteArray{ "https://example.org" } << QByteArray{ "loam:join?" };
        QTest::newRow("no id") << QByteArray{ "loam:join?at=127.0.0.1:1" }
                               << QByteArray{ "network id" };
        QTest::newRow("short id") << QByteArray{ "loam:join?network=abcd&at=127.0.0.1:1" }
                                  << QByteArray{ "network id" };
        QTest::newRow("no peer") << "loam:join?network=" + id << QByteArray{ "no address" };
        QTest::newRow("bad port") << "loam:join?network=" + id + "&at=127.0.0.1:99999"
                                  << QByteArray{ "99999" };
        QTest::newRow("host name")
            << "loam:join?network=" + id + "&at=example.org:80" << QByteArray{ "example.org" };
        QTest::newRow("endless") << "loam:join?network=" + id + "&name=" + QByteArray{ 9000, 'x' }
                                 << QByteArray{ "loam:join?" };
    }

    void refusesWhatIsNone()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, named);
        const auto parsed = node::Invitation::parse(text.toStdString());
        QVERIFY(!parsed);
        QCOMPARE(parsed.error().code, base::Errc::Invalid);
        QVERIFY2(parsed.error().message.find(named.toStdString()) != std::string::npos,
            parsed.error().message.c_str());
    }
};

QTEST_GUILESS_MAIN(TestInvitation)
#include "tst_invitation.moc"
