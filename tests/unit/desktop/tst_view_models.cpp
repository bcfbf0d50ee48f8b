// SPDX-License-Identifier: GPL-3.0-or-later
#include "audit_vm.h"
#include "chat_vm.h"
#include "fake_node.h"
#include "models_vm.h"
#include "network_vm.h"
#include "node_vm.h"
#include "practice_vm.h"
#include "wallet_vm.h"

#include <QJsonArray>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace loam::desktop;
using loam::tests::FakeNode;

class TestViewModels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void statusArrives()
    {
        FakeNode fake;
        NodeVm node(fake, [] { return FakeNode::kNow; });
        QVERIFY(!node.isKnown());
        QTRY_VERIFY(node.isKnown());
        QCOMPARE(node.networkName(), QStringLiteral("Riverside club"));
        QCOMPARE(node.earnedToday(), QStringLiteral("12.482"));
        QCOMPARE(node.lossSeries()->count(), 720);
    }

    void aStreamedAnswerKeepsItsRow()
    {
        FakeNode fake;
        ChatVm chat(fake);
        chat.open(QStringLiteral("7"));
        QTRY_COMPARE(chat.messages()->count(), 2);
        QCOMPARE(chat.model(), QStringLiteral("qwen2.5-1.5b-3f9a01c2"));
        chat.send(QStringLiteral("  and then?  "));
        QTRY_VERIFY(chat.isAnswering());
        QCOMPARE(chat.messages()->count(), 4);
        QSignalSpy removed(chat.messages(), &QAbstractItemModel::rowsRemoved);
        QSignalSpy changed(chat.messages(), &QAbstractItemModel::dataChanged);
        for (int i = 0; i < 50; ++i) {
            fake.notify(QStringLiteral("chat.delta"),
                { { QStringLiteral("conversation"), 7 },
                    { QStringLiteral("text"), QStringLiteral("x") },
                    { QStringLiteral("tokens_per_second"), 20.0 } });
        }
        QTRY_COMPARE(chat.tokensPerSecond(), 20.0);
        QTRY_COMPARE(changed.count(), 1);
        QCOMPARE(chat.messages()->records().last().value(QStringLiteral("content")).toString(),
            QString(50, QLatin1Char('x')));
        // Another conversation's answer does not get in.
        fake.notify(QStringLiteral("chat.delta"),
            { { QStringLiteral("conversation"), 8 },
                { QStringLiteral("text"), QStringLiteral("y") } });
        fake.playAnswer(true);
        QTRY_VERIFY(!chat.isAnswering());
        QCOMPARE(chat.messages()->count(), 4);
        QCOMPARE(removed.count(), 0);
        QVERIFY(chat.messages()
                    ->records()
                    .last()
                    .value(QStringLiteral("content"))
                    .toString()
                    .startsWith(QStringLiteral("Moss")));
    }

    void aLostNodeEndsWhatWasUnderWay()
    {
        FakeNode fake;
        ChatVm chat(fake);
        ModelsVm models(fake);
        // Two models and an adapter of one of them.
        QTRY_COMPARE(models.usable()->count(), 3);
        chat.open(QStringLiteral("7"));
        QTRY_COMPARE(chat.messages()->count(), 2);
        chat.send(QStringLiteral("and then?"));
        models.importFrom(QUrl(QStringLiteral("file:///tmp/a.gguf")), false);
        QTRY_VERIFY(chat.isAnswering() && models.isImporting());
        fake.setConnected(false);
        QVERIFY(!chat.isAnswering());
        QVERIFY(!models.isImporting());
        QVERIFY(!chat.errorText().isEmpty() && !models.errorText().isEmpty());
    }

    void aFailedImportSaysWhy()
    {
        FakeNode fake;
        ModelsVm models(fake);
        QTRY_VERIFY(models.isKnown());
        models.importFrom(QUrl(QStringLiteral("file:///tmp/a.gguf")), true);
        QTRY_VERIFY(models.isImporting());
        QCOMPARE(fake.lastParam(QStringLiteral("model.import"), QStringLiteral("link")),
            QStringLiteral("true"));
        fake.notify(QStringLiteral("model.imported"),
            { { QStringLiteral("import"), 1 },
                { QStringLiteral("message"), QStringLiteral("a.gguf is torn") } });
        QCOMPARE(models.errorText(), QStringLiteral("a.gguf is torn"));
        QVERIFY(!models.isImporting());
    }

    void highRatesAreMerged()
    {
        FakeNode fake;
        NodeVm node(fake);
        QTRY_VERIFY(node.isKnown());
        QSignalSpy changes(&node, &NodeVm::statusChanged);
        for (int i = 1; i <= 200; ++i) {
            fake.notify(QStringLiteral("training.progress"),
                { { QStringLiteral("step"), i }, { QStringLiteral("steps"), 200 },
                    { QStringLiteral("loss"), 2.0 },
                    { QStringLiteral("tokens_per_second"), 100.0 } });
        }
        QTRY_COMPARE(node.step(), 200);
        QCOMPARE(changes.count(), 1);
    }

    void aRefusalIsToldAndTheSwitchFallsBack()
    {
        FakeNode fake;
        NodeVm node(fake);
        QTRY_VERIFY(node.isContributing());
        fake.failWith(
            QStringLiteral("contribute.off"), QStringLiteral("the node is shutting down"));
        QSignalSpy changes(&node, &NodeVm::statusChanged);
        node.setContributing(false);
        QTRY_COMPARE(node.errorText(), QStringLiteral("the node is shutting down"));
        QVERIFY(changes.count() >= 1);
        QVERIFY(node.isContributing());
    }

    void lossOfTheNodeIsTroubleAndHeals()
    {
        FakeNode fake;
        NodeVm node(fake);
        QTRY_COMPARE(node.state(), QStringLiteral("working"));
        fake.setConnected(false);
        QCOMPARE(node.state(), QStringLiteral("trouble"));
        QCOMPARE(node.networkName(), QStringLiteral("Riverside club"));
        fake.setConnected(true);
        QTRY_COMPARE(node.state(), QStringLiteral("working"));
        QCOMPARE(fake.callCount(QStringLiteral("node.status")), 2);
    }

    void paymentsAreCheckedBeforeTheyLeave()
    {
        QLocale::setDefault(QLocale(QStringLiteral("en")));
        FakeNode fake;
        WalletVm wallet(fake);
        wallet.send(QStringLiteral("loam1x"), QStringLiteral("0"), {});
        QCOMPARE(wallet.state(), WalletVm::Failed);
        QCOMPARE(fake.callCount(QStringLiteral("wallet.send")), 0);
        fake.failWith(
            QStringLiteral("wallet.send"), QStringLiteral("the checksum of the address is wrong"));
        wallet.send(QStringLiteral(" loam1x "), QStringLiteral("12.5"), QStringLiteral("hi"));
        QTRY_COMPARE(wallet.errorText(), QStringLiteral("the checksum of the address is wrong"));
        QCOMPARE(fake.lastParam(QStringLiteral("wallet.send"), QStringLiteral("to")),
            QStringLiteral("loam1x"));
        QCOMPARE(fake.lastParam(QStringLiteral("wallet.send"), QStringLiteral("amount")),
            QStringLiteral("12.5"));
        fake.failWith(QStringLiteral("wallet.send"), {});
        QSignalSpy sent(&wallet, &WalletVm::paymentSent);
        wallet.send(QStringLiteral("loam1x"), QStringLiteral("12.5"), {});
        QTRY_COMPARE(sent.count(), 1);
        QCOMPARE(wallet.state(), WalletVm::Idle);
    }

    void wordsAreForgotten()
    {
        FakeNode fake;
        WalletVm wallet(fake);
        wallet.showWords(QStringLiteral("secret"));
        QTRY_COMPARE(wallet.words().size(), 24);
        wallet.hideWords();
        QVERIFY(wallet.words().isEmpty());
    }

    void exportsSayWhenTheFileIsNotThere()
    {
        FakeNode fake;
        WalletVm wallet(fake);
        QTemporaryDir folder;
        const QUrl good = QUrl::fromLocalFile(folder.filePath(QStringLiteral("history.csv")));
        wallet.exportCsv(good);
        QTRY_VERIFY(!wallet.doneText().isEmpty());
        QVERIFY(QFile::exists(good.toLocalFile()));
        wallet.exportCsv(
            QUrl::fromLocalFile(folder.filePath(QStringLiteral("no/such/folder.csv"))));
        QTRY_COMPARE(wallet.state(), WalletVm::Failed);
        QVERIFY(wallet.errorText().contains(QStringLiteral("folder.csv")));
    }

    void entriesAreVerified()
    {
        FakeNode fake;
        AuditVm audit(fake);
        audit.open(77);
        QTRY_VERIFY(!audit.fields().isEmpty());
        QCOMPARE(audit.verdict(), AuditVm::Unknown);
        audit.verify();
        QTRY_COMPARE(audit.verdict(), AuditVm::Verified);
        QCOMPARE(audit.proof().size(), 17);
        QCOMPARE(audit.steps().size(), 4);
        fake.failWith(QStringLiteral("audit.verify"), QStringLiteral("no such entry"));
        audit.verify();
        QTRY_COMPARE(audit.errorText(), QStringLiteral("no such entry"));
        QCOMPARE(audit.verdict(), AuditVm::Unknown);
    }

    void answersForAnEntryThatWasLeftAreDropped()
    {
        FakeNode fake;
        AuditVm audit(fake);
        fake.hold();
        audit.open(1);
        audit.open(2);
        fake.release();
        QCOMPARE(audit.index(), 2.0);
        QCOMPARE(audit.fields().constFirst().toMap().value(QStringLiteral("value")).toString(),
            QStringLiteral("2"));
    }

    void peersAreComparedNotReset()
    {
        FakeNode fake;
        NetworkVm network(fake);
        network.setActive(true);
        QTRY_COMPARE(network.peers()->count(), 7);
        QSignalSpy removed(network.peers(), &QAbstractItemModel::rowsRemoved);
        QSignalSpy reset(network.peers(), &QAbstractItemModel::modelReset);
        QJsonArray fewer;
        fewer.append(network.peers()->records().at(6));
        fewer.append(network.peers()->records().at(2));
        network.peers()->setRecords(fewer);
        QCOMPARE(network.peers()->count(), 2);
        QCOMPARE(removed.count(), 5);
        QCOMPARE(reset.count(), 0);
        QCOMPARE(network.peers()->records().at(0), fewer.at(0).toObject());
    }

    void practiceRunsToItsResult()
    {
        FakeNode fake;
        PracticeVm practice(fake);
        practice.start(4, 5, 1);
        QCOMPARE(practice.stage(), PracticeVm::Running);
        fake.playPractice(true);
        QCOMPARE(practice.stage(), PracticeVm::Succeeded);
        QVERIFY(practice.hasAgreed());
        QCOMPARE(practice.lossSeries()->count(), 6);
        QVERIFY(practice.lastLoss() < practice.firstLoss());
        QCOMPARE(practice.refusals()->count(), 5);
        QCOMPARE(practice.results()->count(), 4);
        QCOMPARE(practice.bytesSent(), 5 * 729'700.0);
        QCOMPARE(practice.progress(), 1.0);
    }

    void practiceThatDisagreesSaysSo()
    {
        FakeNode fake;
        PracticeVm practice(fake);
        practice.start(2, 1, 0);
        const auto node = [](const char* id, const char* root) {
            return QJsonObject{ { QStringLiteral("id"), QString::fromLatin1(id) },
                { QStringLiteral("role"), QStringLiteral("validator") },
                { QStringLiteral("audit_root"), QString::fromLatin1(root) },
                { QStringLiteral("params_hash"), QStringLiteral("p") } };
        };
        fake.notify(QStringLiteral("practice.finished"),
            { { QStringLiteral("ok"), true },
                { QStringLiteral("nodes"), QJsonArray{ node("a", "1"), node("b", "2") } } });
        QCOMPARE(practice.stage(), PracticeVm::Succeeded);
        QVERIFY(!practice.hasAgreed());
    }

    void practiceFailsWithItsReason()
    {
        FakeNode fake;
        PracticeVm practice(fake);
        fake.failWith(QStringLiteral("practice.start"), QStringLiteral("the folder holds no text"));
        practice.start(4, 5, 0);
        QTRY_COMPARE(practice.stage(), PracticeVm::Failed);
        QCOMPARE(practice.errorText(), QStringLiteral("the folder holds no text"));
        practice.reset();
        fake.failWith(QStringLiteral("practice.start"), {});
        practice.start(4, 5, 0);
        fake.setConnected(false);
        QCOMPARE(practice.stage(), PracticeVm::Failed);
    }
};

QTEST_GUILESS_MAIN(TestViewModels)
#include "tst_view_models.moc"
