// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/api_key.h"

#include <QtTest>

using namespace loam;

class TestApiKey : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aKeyFitsItsHashAlone()
    {
        const std::string key = node::ApiKey::make();
        QCOMPARE(key.size(), 48U);
        QVERIFY(key.starts_with("loam-"));
        QVERIFY(key.find_first_of("+/=") == std::string::npos);
        const std::string hash = node::ApiKey::hashOf(key);
        QVERIFY(node::ApiKey::fits(key, hash));
        QVERIFY(!node::ApiKey::fits(node::ApiKey::make(), hash));
        QVERIFY(!node::ApiKey::fits("", hash));
    }

    void withoutAHashNothingFits()
    {
        QVERIFY(!node::ApiKey::fits("", ""));
        QVERIFY(!node::ApiKey::fits("loam-", "zz"));
        QVERIFY(!node::ApiKey::fits("", std::string(64, '0')));
    }

    void hashIsSha256()
    {
        // FIPS 180-2, appendix B.1.
        QCOMPARE(QByteArray::fromStdString(node::ApiKey::hashOf("abc")),
            QByteArray{ "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" });
    }

    void randomHexIsNew()
    {
        QCOMPARE(node::randomHex(12).size(), 24U);
        QVERIFY(node::randomHex(12) != node::randomHex(12));
    }
};

QTEST_GUILESS_MAIN(TestApiKey)
#include "tst_api_key.moc"
