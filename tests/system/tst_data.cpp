// SPDX-License-Identifier: GPL-3.0-or-later
// The owner's data through real processes: loamctl, loamd, and the confined loam-extractor.
#include "network.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QTest>

using namespace loam;

namespace {

const char* const kLetter
    = "Dear Martha, the meeting is moved to Thursday, and the old shed will be painted before it.\n"
      "Write to ada.miller@example.org or call +49 30 901820 if you cannot come on that day.\n"
      "The fee goes to DE89 3704 0044 0532 0130 00 as it did in the years before.\n"
      "We shall plant the south bed first, since the soil there is warm already in March.\n";

} // namespace

class TestData final : public QObject
{
    Q_OBJECT

private:
    void write(const QString& name, const QByteArray& text) const
    {
        const QString path = m_files + QLatin1Char('/') + name;
        QVERIFY(QDir{}.mkpath(QFileInfo{ path }.path()));
        QFile file{ path };
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }
    QJsonObject data(QStringList arguments) const
    {
        arguments.prepend(QStringLiteral("data"));
        return m_node->call(arguments);
    }
    QJsonObject firstSource() const
    {
        return data({ QStringLiteral("list") })
            .value(QStringLiteral("sources"))
            .toArray()
            .first()
            .toObject();
    }
    bool isRead(int files) const
    {
        const QJsonObject source = firstSource();
        return source.value(QStringLiteral("scanned")).toBool()
            && source.value(QStringLiteral("files")).toInt() == files
            && source.value(QStringLiteral("waiting")).toInt() == 0;
    }

    QTemporaryDir m_folder;
    QString m_files;
    std::unique_ptr<test::NodeProcess> m_node;

private Q_SLOTS:
    void initTestCase()
    {
        m_files = m_folder.path() + QStringLiteral("/papers");
        write(QStringLiteral("letter.txt"), kLetter);
        write(QStringLiteral("bad.pdf"), "%PDF-1.4 and nothing else");
        write(QStringLiteral(".ssh/id_rsa.txt"), "secret");
        write(QStringLiteral("keys/server.pem"), "secret");
        m_node = std::make_unique<test::NodeProcess>(m_folder.path(), 0);
        m_node->start();
    }

    void sourcesAreReadInTheSandbox()
    {
        QVERIFY(!data({ QStringLiteral("add"), m_files }).isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(isRead(2), 60'000);
        const QJsonObject list = data({ QStringLiteral("list") });
        const QString confinement = list.value(QStringLiteral("confinement")).toString();
        QVERIFY2(confinement == QLatin1String("namespaces")
                || confinement == QLatin1String("system calls"),
            qPrintable(confinement));
        QCOMPARE(firstSource().value(QStringLiteral("failed")).toInt(), 1);
        QCOMPARE(list.value(QStringLiteral("redactions"))
                     .toObject()
                     .value(QStringLiteral("iban"))
                     .toInt(),
            1);
    }

    void thePreviewShowsWhatIsTakenOut()
    {
        const QJsonObject preview = data(
            { QStringLiteral("preview"), QStringLiteral("1"), QStringLiteral("letter.txt") });
        QCOMPARE(preview.value(QStringLiteral("lines")).toArray().size(), 4);
        QStringList kinds;
        for (const QJsonValue& piece :
            preview.value(QStringLiteral("lines"))[1][QStringLiteral("segments")].toArray()) {
            kinds.append(piece[QStringLiteral("kind")].toString());
        }
        QVERIFY(kinds.contains(QStringLiteral("mail")));
        QVERIFY(kinds.contains(QStringLiteral("phone")));
    }

    void consentHasToBeAllowedGivenAndEnds()
    {
        const auto grant = [this] {
            return test::ctl({ QStringLiteral("--home"), m_node->home(), QStringLiteral("--json"),
                QStringLiteral("data"), QStringLiteral("grant") });
        };
        test::Finished refused = grant();
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.err.contains("--adapters on"), refused.err.constData());
        data({ QStringLiteral("budget"), QStringLiteral("--adapters"), QStringLiteral("on") });
        const test::Finished given = grant();
        QCOMPARE(given.code, 0);
        const QString id = given.json().value(QStringLiteral("id")).toString();
        QCOMPARE(id.size(), 32);
        QCOMPARE(given.json().value(QStringLiteral("state")).toString(), QStringLiteral("active"));
        QCOMPARE(given.json().value(QStringLiteral("files")).toInt(), 1);
        const QJsonObject ended = data({ QStringLiteral("revoke"), id });
        QCOMPARE(ended.value(QStringLiteral("state")).toString(), QStringLiteral("revoked"));
    }

    void aChangeIsNoticedAndUnseen()
    {
        const auto entry = [this] {
            return data({ QStringLiteral("files"), QStringLiteral("1"), QStringLiteral("--search"),
                            QStringLiteral("letter") })
                .value(QStringLiteral("entries"))[0]
                .toObject();
        };
        QVERIFY(entry().value(QStringLiteral("seen")).toBool());
        const QString before = entry().value(QStringLiteral("contents")).toString();
        QCOMPARE(before,
            QString::fromLatin1(
                QCryptographicHash::hash(kLetter, QCryptographicHash::Sha256).toHex()));
        write(QStringLiteral("letter.txt"), QByteArray{ kLetter } + "And one more line.\n");
        data({ QStringLiteral("scan"), QStringLiteral("1") });
        QTRY_VERIFY_WITH_TIMEOUT(
            entry().value(QStringLiteral("contents")).toString() != before && isRead(2), 60'000);
        QVERIFY(!entry().value(QStringLiteral("seen")).toBool());
        QCOMPARE(data({ QStringLiteral("accept") }).value(QStringLiteral("seen")).toInt(), 1);
        QVERIFY(entry().value(QStringLiteral("seen")).toBool());
    }

    void everythingSurvivesAKill()
    {
        const QJsonObject before = data({ QStringLiteral("used"), QStringLiteral("--verify") });
        QVERIFY(before.value(QStringLiteral("total")).toInt() >= 4);
        m_node->kill9();
        m_node->start();
        const QJsonObject after = data({ QStringLiteral("used"), QStringLiteral("--verify") });
        QCOMPARE(after.value(QStringLiteral("root")).toString(),
            before.value(QStringLiteral("root")).toString());
        // A start looks through the sources once; what is unchanged is not read again.
        QTRY_VERIFY_WITH_TIMEOUT(isRead(2), 60'000);
    }

    void receiptsAndRemoval()
    {
        const QString file = m_folder.path() + QStringLiteral("/receipts.json");
        data({ QStringLiteral("export"), QStringLiteral("--out"), file });
        QFile written{ file };
        QVERIFY(written.open(QIODevice::ReadOnly));
        const QJsonObject receipts = QJsonDocument::fromJson(written.readAll()).object();
        QCOMPARE(receipts.value(QStringLiteral("format")).toString(),
            QStringLiteral("loam/consent-receipts/v1"));
        QCOMPARE(receipts.value(QStringLiteral("grants")).toArray().size(), 1);
        data({ QStringLiteral("remove"), QStringLiteral("1") });
        QVERIFY(
            data({ QStringLiteral("list") }).value(QStringLiteral("sources")).toArray().isEmpty());
    }

    /// Nothing of a document is in any file of the home.
    void noTextIsKept()
    {
        QDir home{ m_node->home() };
        for (const QFileInfo& info :
            home.entryInfoList({ QStringLiteral("consent*") }, QDir::Files)) {
            QFile file{ info.filePath() };
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray bytes = file.readAll();
            QVERIFY2(!bytes.contains("south bed") && !bytes.contains("ada.miller"),
                qPrintable(info.fileName()));
        }
    }
};

QTEST_GUILESS_MAIN(TestData)
#include "tst_data.moc"
