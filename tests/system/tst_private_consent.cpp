// SPDX-License-Identifier: GPL-3.0-or-later
// Consent in the middle of a private round, with real processes: one of four nodes is told to stop
// while it trains, another loses its folder.
#include "base/bech32m.h"
#include "base/file.h"
#include "codec/envelope.h"
#include "network.h"
#include "rpc/client.h"
#include "training/private_lane.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QSet>
#include <QtTest>

#include <optional>

using namespace loam;

class TestPrivateConsent final : public QObject
{
    Q_OBJECT

private:
    using Words = QStringList;
    static constexpr std::size_t kNodes = 4;
    static constexpr std::size_t kLosesFolder = 2;
    static constexpr std::size_t kRevokes = 3;
    static constexpr const char* kSecret = "The lighthouse keeper hides a brass telescope";

    static QString field(const QJsonObject& object, const char* name)
    {
        return object.value(QLatin1String{ name }).toString();
    }
    QJsonObject data(std::size_t node, Words words) const
    {
        words.prepend(QStringLiteral("data"));
        return m_nodes[node]->call(words);
    }
    QJsonObject runStatus(std::size_t node) const
    {
        return m_nodes[node]->call(Words{ QStringLiteral("run"), QStringLiteral("status"), m_run });
    }
    /// Entries of the log of use, oldest first.
    QList<QJsonObject> used(std::size_t node, const char* kind) const
    {
        QList<QJsonObject> out;
        const QJsonArray entries = data(
            node, { QStringLiteral("used"), QStringLiteral("--limit"), QStringLiteral("1000") })
                                       .value(QLatin1String{ "entries" })
                                       .toArray();
        for (const QJsonValue& entry : entries) {
            if (field(entry.toObject(), "kind") == QLatin1String{ kind }) {
                out.prepend(entry.toObject());
            }
        }
        return out;
    }
    QJsonObject closedRound(std::size_t node, int number) const
    {
        const QJsonArray rounds = runStatus(node).value(QLatin1String{ "closed" }).toArray();
        for (const QJsonValue& round : rounds) {
            if (round.toObject().value(QLatin1String{ "round" }).toInt(-1) == number) {
                return round.toObject();
            }
        }
        return {};
    }
    /// A network for practice, so that its workers do not step back behind the machine's other
    /// work: no word of loamctl makes one.
    QJsonObject createPractice()
    {
        rpc::Client client;
        std::optional<QJsonObject> created;
        connect(
            &client, &rpc::Client::connected, this,
            [&] {
                client.call(QStringLiteral("net.create"),
                    { { QStringLiteral("name"), QStringLiteral("garden") },
                        { QStringLiteral("practice"), true } },
                    this, [&created](const base::Result<QJsonObject>& result) {
                        created = result.value_or(QJsonObject{});
                    });
            },
            Qt::SingleShotConnection);
        client.connectTo(m_nodes[0]->home());
        [&] { QTRY_VERIFY_WITH_TIMEOUT(created.has_value(), 30'000); }();
        return created.value_or(QJsonObject{});
    }
    bool isRead(std::size_t node) const
    {
        const QJsonObject source = data(node, { QStringLiteral("list") })
                                       .value(QLatin1String{ "sources" })
                                       .toArray()
                                       .first()
                                       .toObject();
        return source.value(QLatin1String{ "scanned" }).toBool()
            && source.value(QLatin1String{ "waiting" }).toInt(-1) == 0;
    }
    /// Ids of those whose masked vectors are in any record that a node keeps.
    QSet<QString> summed(std::size_t node, int& records) const
    {
        QSet<QString> out;
        records = 0;
        const QDir folder{ m_nodes[node]->home() + QStringLiteral("/updates") };
        for (const QFileInfo& info : folder.entryInfoList(QDir::Files)) {
            const auto bytes
                = base::readFile(info.filePath().toStdString(), std::size_t{ 64 } << 20U);
            const auto record = bytes
                ? training::GroupRecord::decode(*bytes)
                : base::Result<training::GroupRecord>{ tl::unexpected{ bytes.error() } };
            const auto transcript = record
                ? training::SumTranscript::decode(record->transcript)
                : base::Result<training::SumTranscript>{ tl::unexpected{ record.error() } };
            if (!transcript) {
                continue;
            }
            ++records;
            for (const base::Bytes& masked : transcript->masked) {
                if (const auto envelope = codec::Envelope::decode(masked)) {
                    out.insert(QString::fromStdString(base::toAddress(envelope->signer)));
                }
            }
        }
        return out;
    }

    QTemporaryDir m_folder;
    std::vector<std::unique_ptr<test::NodeProcess>> m_nodes;
    std::vector<QString> m_ids;
    QString m_run;
    QString m_grant; ///< of the node that revokes

private Q_SLOTS:
    void initTestCase()
    {
        for (std::size_t i = 0; i < kNodes; ++i) {
            m_nodes.push_back(
                std::make_unique<test::NodeProcess>(m_folder.path(), static_cast<int>(i) + 40));
            test::writeText(m_nodes.back()->corpus() + QStringLiteral("/a.txt"),
                static_cast<unsigned>(i), 60'000);
            QFile more{ m_nodes.back()->corpus() + QStringLiteral("/own.txt") };
            QVERIFY(more.open(QIODevice::WriteOnly));
            more.write(QByteArray{ kSecret } + " below the third step of his narrow stair.\n");
            more.close();
            m_nodes.back()->start();
            m_ids.push_back(field(m_nodes.back()->status(), "id"));
        }
        test::writeText(m_folder.filePath(QStringLiteral("public/a.txt")), 99, 200'000);
        const QJsonObject created = createPractice();
        for (std::size_t i = 1; i < kNodes; ++i) {
            m_nodes[i]->call(Words{
                QStringLiteral("net"), QStringLiteral("join"), field(created, "invitation") });
        }
        const QJsonObject run = m_nodes[0]->call(
            Words{ QStringLiteral("run"), QStringLiteral("open"), QStringLiteral("--name"),
                QStringLiteral("diaries"), QStringLiteral("--corpus"),
                m_folder.filePath(QStringLiteral("public")), QStringLiteral("--rounds"),
                QStringLiteral("2"), QStringLiteral("--members"), QStringLiteral("4"),
                QStringLiteral("--quorum"), QStringLiteral("3"), QStringLiteral("--steps"),
                QStringLiteral("24"), QStringLiteral("--window"), QStringLiteral("200"),
                QStringLiteral("--lane"), QStringLiteral("private"), QStringLiteral("--practice"),
                QStringLiteral("--group-least"), QStringLiteral("4"), QStringLiteral("--clip"),
                QStringLiteral("0.02") },
            180'000);
        m_run = field(run, "id");
        QCOMPARE(m_run.size(), 64);
    }

    void nobodyTakesPartWithoutAGrant()
    {
        for (std::size_t i = 0; i < kNodes; ++i) {
            QTRY_VERIFY_WITH_TIMEOUT(field(runStatus(i), "id") == m_run, 30'000);
            const test::Finished refused = test::ctl({ QStringLiteral("--home"), m_nodes[i]->home(),
                QStringLiteral("run"), QStringLiteral("join"), m_run });
            QCOMPARE(refused.code, 1);
            QVERIFY2(refused.err.contains("--private-lane on"), refused.err.constData());
        }
        // Nor by naming a folder.
        const test::Finished folder
            = test::ctl({ QStringLiteral("--home"), m_nodes[1]->home(), QStringLiteral("run"),
                QStringLiteral("join"), m_run, QStringLiteral("--corpus"), m_nodes[1]->corpus() });
        QVERIFY2(folder.err.contains("data add"), folder.err.constData());
    }

    void consentIsGivenAndTheRoundBegins()
    {
        for (std::size_t i = 0; i < kNodes; ++i) {
            QVERIFY(!data(i,
                { QStringLiteral("budget"), QStringLiteral("--private-lane"), QStringLiteral("on"),
                    QStringLiteral("--minimum-group"), QStringLiteral("4"),
                    QStringLiteral("--minimum-cohort"), QStringLiteral("4"),
                    QStringLiteral("--only-good-text"), QStringLiteral("off") })
                         .isEmpty());
            QVERIFY(!data(i, { QStringLiteral("add"), m_nodes[i]->corpus() }).isEmpty());
            QTRY_VERIFY_WITH_TIMEOUT(isRead(i), 120'000);
            const QJsonObject grant = data(i,
                { QStringLiteral("grant"), QStringLiteral("--purpose"), QStringLiteral("private"),
                    QStringLiteral("--run"), m_run, QStringLiteral("--epsilon"),
                    QStringLiteral("3") });
            QCOMPARE(grant.value(QLatin1String{ "files" }).toInt(), 2);
            if (i == kRevokes) {
                m_grant = field(grant, "id");
            }
        }
        // Changed after the preview: not used until it is looked at again.
        QFile changed{ m_nodes[0]->corpus() + QStringLiteral("/own.txt") };
        QVERIFY(changed.open(QIODevice::Append));
        changed.write("A line that nobody has seen.\n");
        changed.close();
        for (std::size_t i = 0; i < kNodes; ++i) {
            QVERIFY(!m_nodes[i]
                         ->call(Words{ QStringLiteral("run"), QStringLiteral("join"), m_run })
                         .isEmpty());
            m_nodes[i]->call(Words{ QStringLiteral("contribute"), QStringLiteral("on") });
        }
        QTRY_COMPARE_WITH_TIMEOUT(used(kRevokes, "charged").size(), 1, 200'000);
    }

    void revokedInMidRound()
    {
        QVERIFY(closedRound(kRevokes, 0).isEmpty());
        const QJsonObject ended = data(kRevokes, { QStringLiteral("revoke"), m_grant });
        QCOMPARE(field(ended, "state"), QStringLiteral("revoked"));
        // The other one's folder goes while its texts are in the worker.
        QTRY_COMPARE_WITH_TIMEOUT(used(kLosesFolder, "charged").size(), 1, 200'000);
        QVERIFY(QDir{ m_nodes[kLosesFolder]->corpus() }.removeRecursively());

        QTRY_VERIFY_WITH_TIMEOUT(!closedRound(0, 0).isEmpty(), 400'000);
        const QJsonObject round = closedRound(0, 0);
        QCOMPARE(round.value(QLatin1String{ "accepted" }).toInt(), 3);
        // Nothing of its vector ever left: it is in nobody's record.
        int records = 0;
        const QSet<QString> senders = summed(0, records);
        QCOMPARE(records, 1);
        QCOMPARE(senders.size(), 3);
        QVERIFY(!senders.contains(m_ids[kRevokes]));
        QVERIFY(senders.contains(m_ids[kLosesFolder]));
        // It was paid for once, is no member any more, and says why.
        QCOMPARE(used(kRevokes, "charged").size(), 1);
        QTRY_VERIFY_WITH_TIMEOUT(
            !runStatus(kRevokes).value(QLatin1String{ "member" }).toBool(true), 60'000);
        QVERIFY(QDir{ m_nodes[kRevokes]->home() + QStringLiteral("/models") }
                    .entryList({ QStringLiteral("vector-*") })
                    .isEmpty());
    }

    void whatChangedWasNotUsed()
    {
        const auto refused = used(0, "refused");
        const bool isNamed
            = std::any_of(refused.begin(), refused.end(), [](const QJsonObject& entry) {
                  return field(entry, "path") == QLatin1String{ "own.txt" }
                  && field(entry, "note") == QLatin1String{ "it changed since you saw it" };
              });
        QVERIFY(isNamed);
        for (const QJsonObject& entry : used(0, "used")) {
            QCOMPARE(field(entry, "path"), QStringLiteral("a.txt"));
        }
    }

    void aFolderThatIsGoneCostsNothingMore()
    {
        // Three members are too few for a group of four, so the next round has no takers in any
        // case; what counts is that nothing is spent on text that is not there.
        QTest::qWait(3000);
        QCOMPARE(used(kLosesFolder, "charged").size(), 1);
        QCOMPARE(used(kRevokes, "charged").size(), 1);
    }

    void noTextLiesAbout()
    {
        for (const auto& node : m_nodes) {
            QDirIterator files{ node->home(), QDir::Files | QDir::Hidden,
                QDirIterator::Subdirectories };
            while (files.hasNext()) {
                QFile file{ files.next() };
                if (file.open(QIODevice::ReadOnly)) {
                    QVERIFY2(!file.readAll().contains("lighthouse keeper hides"),
                        qPrintable(file.fileName()));
                }
            }
        }
    }

    void cleanupTestCase() { m_nodes.clear(); }
};

QTEST_GUILESS_MAIN(TestPrivateConsent)
#include "tst_private_consent.moc"
