// SPDX-License-Identifier: GPL-3.0-or-later
#include "audit_log_model.h"
#include "fake_node.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace loam::desktop;
using loam::tests::FakeNode;

namespace {

constexpr int kMillion = 1'000'000;

int roleOf(const QAbstractItemModel& model, const QByteArray& name)
{
    return model.roleNames().key(name, -1);
}

QVariant at(const AuditLogModel& model, int row, const char* role)
{
    return model.data(model.index(row), roleOf(model, role));
}

} // namespace

class TestPagedModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_node = std::make_unique<FakeNode>();
        m_node->setAuditSize(kMillion);
        m_model = std::make_unique<AuditLogModel>(*m_node);
        m_model->setActive(true);
        QTRY_VERIFY(m_model->isReady());
    }
    void cleanup()
    {
        m_model.reset();
        m_node.reset();
    }

    void knowsItsLengthFromOnePage()
    {
        QCOMPARE(m_model->rowCount(), kMillion);
        QCOMPARE(m_node->callCount(QStringLiteral("audit.list")), 1);
        QCOMPARE(at(*m_model, 0, "entry").toInt(), kMillion - 1);
        QVERIFY(at(*m_model, 0, "loaded").toBool());
    }

    void loadsWhatIsLookedAt()
    {
        QVERIFY(!at(*m_model, 500'000, "loaded").toBool());
        QTRY_VERIFY(at(*m_model, 500'000, "loaded").toBool());
        QCOMPARE(at(*m_model, 500'000, "entry").toInt(), kMillion - 1 - 500'000);
        QVERIFY(!at(*m_model, kMillion - 1, "loaded").toBool());
        QTRY_COMPARE(at(*m_model, kMillion - 1, "entry").toInt(), 0);
    }

    void holdsABoundedNumberOfPages()
    {
        for (int row = 0; row < kMillion; row += 20'000) {
            at(*m_model, row, "loaded");
            QTRY_VERIFY(at(*m_model, row, "loaded").toBool());
        }
        QVERIFY(m_model->cachedPages() <= PagedModel::kCachedPages);
    }

    void flyingPastAsksForFew()
    {
        m_node->forgetCalls();
        for (int row = 0; row < kMillion; row += 1'000) {
            at(*m_model, row, "loaded");
        }
        QTRY_VERIFY(at(*m_model, 999'000, "loaded").toBool());
        QVERIFY(m_node->callCount(QStringLiteral("audit.list")) <= 6);
    }

    void newEntriesMoveRowsButKeepPages()
    {
        at(*m_model, 500'000, "loaded");
        QTRY_VERIFY(at(*m_model, 500'000, "loaded").toBool());
        const QVariant entry = at(*m_model, 500'000, "entry");
        QSignalSpy inserted(m_model.get(), &QAbstractItemModel::rowsInserted);
        QSignalSpy reset(m_model.get(), &QAbstractItemModel::modelReset);
        m_node->setAuditSize(kMillion + 7);
        m_model->refresh();
        QTRY_COMPARE(m_model->rowCount(), kMillion + 7);
        QCOMPARE(inserted.count(), 1);
        QCOMPARE(reset.count(), 0);
        QCOMPARE(at(*m_model, 500'007, "entry"), entry);
        QCOMPARE(at(*m_model, 0, "entry").toInt(), kMillion + 6);
    }

    void searchNarrowsAndWidens()
    {
        m_model->setSearch(QStringLiteral("refused: norm"));
        QTRY_COMPARE(m_model->rowCount(), 100);
        QVERIFY(at(*m_model, 99, "message").toString().contains(QStringLiteral("refused: norm")));
        QCOMPARE(m_model->size(), double(kMillion));
        m_model->setSearch(QStringLiteral("no such text"));
        QTRY_COMPARE(m_model->rowCount(), 0);
        QVERIFY(m_model->isReady());
        m_model->setSearch({});
        QTRY_COMPARE(m_model->rowCount(), kMillion);
    }

    void answersOfAnOldSearchAreDropped()
    {
        m_node->hold();
        m_model->refresh();
        m_model->setSearch(QStringLiteral("refused"));
        QTRY_COMPARE(m_node->lastParam(QStringLiteral("audit.list"), QStringLiteral("search")),
            QStringLiteral("refused"));
        m_node->release();
        QVERIFY(m_model->rowCount() < kMillion);
    }

    void failureIsToldAndMended()
    {
        m_node->failWith(QStringLiteral("audit.list"), QStringLiteral("the log is being rebuilt"));
        m_model->refresh();
        QTRY_COMPARE(m_model->errorText(), QStringLiteral("the log is being rebuilt"));
        QCOMPARE(m_model->rowCount(), kMillion);
        m_node->failWith(QStringLiteral("audit.list"), {});
        m_model->refresh();
        QTRY_VERIFY(m_model->errorText().isEmpty());
    }

    void reconnectingReadsAnew()
    {
        m_node->setConnected(false);
        m_node->setAuditSize(42);
        m_node->setConnected(true);
        QTRY_COMPARE(m_model->rowCount(), 42);
    }

    void hiddenListsAskForNothing()
    {
        m_model->setActive(false);
        m_node->forgetCalls();
        m_node->notify(QStringLiteral("block.finalized"), {});
        QTest::qWait(1100);
        QCOMPARE(m_node->callCount(QStringLiteral("audit.list")), 0);
        m_model->setActive(true);
        QTRY_COMPARE(m_node->callCount(QStringLiteral("audit.list")), 1);
    }

    void keepsTheModelContract()
    {
        FakeNode node;
        node.setAuditSize(300);
        AuditLogModel model(node);
        const QAbstractItemModelTester tester(
            &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setActive(true);
        QTRY_COMPARE(model.rowCount(), 300);
        QTRY_VERIFY(at(model, 299, "loaded").toBool());
        node.setAuditSize(310);
        model.refresh();
        QTRY_COMPARE(model.rowCount(), 310);
    }

private:
    std::unique_ptr<FakeNode> m_node;
    std::unique_ptr<AuditLogModel> m_model;
};

QTEST_GUILESS_MAIN(TestPagedModel)
#include "tst_paged_model.moc"
