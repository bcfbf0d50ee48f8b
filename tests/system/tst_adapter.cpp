// SPDX-License-Identifier: GPL-3.0-or-later
// An adapter of the owner's own text through real processes: loamctl, loamd, loam-worker.
#include "fakes/tiny_model.h"
#include "ml/gguf.h"
#include "ml/trainable_model.h"
#include "network.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTest>

#include <algorithm>
#include <csignal>

using namespace loam;

namespace {

/// Stands in the owner's text and must stand nowhere else.
const QByteArray kSecret = "the walnut cellar key lies under the ninth stone";

} // namespace

class TestAdapter final : public QObject
{
    Q_OBJECT

private:
    using Words = QStringList;

    QTemporaryDir m_folder;
    std::unique_ptr<test::NodeProcess> m_node;
    QString m_model;

    QString file(const char* name) const
    {
        return m_folder.path() + QLatin1Char('/') + QLatin1String{ name };
    }
    static QString field(const QJsonObject& object, const char* name)
    {
        return object.value(QLatin1String{ name }).toString();
    }
    QJsonObject call(const Words& arguments) const { return m_node->call(arguments, 120'000); }
    QJsonObject adapter(const QString& name) const
    {
        const QJsonArray all = call({ QStringLiteral("adapter"), QStringLiteral("list") })
                                   .value(QLatin1String{ "adapters" })
                                   .toArray();
        for (const QJsonValue& one : all) {
            if (one[QLatin1String{ "name" }].toString() == name) {
                return one.toObject();
            }
        }
        return {};
    }
    QString stateOf(const QString& name) const { return field(adapter(name), "state"); }
    int stepOf(const QString& name) const
    {
        return adapter(name).value(QLatin1String{ "step" }).toInt();
    }
    QJsonObject train(const QString& name, int steps, const Words& more = {}) const
    {
        return call(
            Words{ QStringLiteral("adapter"), QStringLiteral("train"), m_model,
                QStringLiteral("--name"), name, QStringLiteral("--steps"), QString::number(steps),
                QStringLiteral("--learning-rate"), QStringLiteral("0.01"), QStringLiteral("--now") }
            + more);
    }
    bool hasRead(int files) const
    {
        const QJsonObject source = call({ QStringLiteral("data"), QStringLiteral("list") })
                                       .value(QLatin1String{ "sources" })[0]
                                       .toObject();
        return source.value(QLatin1String{ "scanned" }).toBool()
            && source.value(QLatin1String{ "files" }).toInt() == files
            && source.value(QLatin1String{ "waiting" }).toInt() == 0;
    }
    QString folderOf(const QString& name) const
    {
        return m_node->home() + QStringLiteral("/adapters/") + field(adapter(name), "id");
    }
    QString generate(const Words& more) const
    {
        return field(call(Words{ QStringLiteral("generate"), m_model, QStringLiteral("--prompt"),
                              QStringLiteral("In the garden"), QStringLiteral("--max-tokens"),
                              QStringLiteral("24") }
                         + more),
            "text");
    }
    /// Process ids of the node's workers that train.
    std::vector<qint64> workers() const
    {
        std::vector<qint64> found;
        for (const QString& name : QDir{ QStringLiteral("/proc") }.entryList(QDir::Dirs)) {
            QFile status{ QStringLiteral("/proc/%1/stat").arg(name) };
            QFile command{ QStringLiteral("/proc/%1/cmdline").arg(name) };
            if (!status.open(QIODevice::ReadOnly) || !command.open(QIODevice::ReadOnly)) {
                continue;
            }
            const QList<QByteArray> fields
                = status.readAll().split(')').last().simplified().split(' ');
            const QByteArray line = command.readAll();
            if (fields.value(1).toLongLong() == m_node->processId() && line.contains("loam-worker")
                && !line.contains("--serve")) {
                found.push_back(name.toLongLong());
            }
        }
        return found;
    }

private Q_SLOTS:
    void initTestCase()
    {
        test::writeTinyModel(file("tiny.gguf"), 64, 2);
        QVERIFY(QDir{}.mkpath(file("papers")));
        QFile letters{ file("papers/letters.txt") };
        QVERIFY(letters.open(QIODevice::WriteOnly));
        letters.write(test::tinyText(5, 40'000));
        letters.write("Remember that " + kSecret + ", and tell nobody.\n");
        letters.close();
        m_node = std::make_unique<test::NodeProcess>(m_folder.path(), 0);
        m_node->start();
        m_model = field(
            call({ QStringLiteral("model"), QStringLiteral("import"), file("tiny.gguf") }), "id");
        QVERIFY(!m_model.isEmpty());
        QVERIFY(!call({ QStringLiteral("data"), QStringLiteral("add"), file("papers") }).isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(hasRead(1), 60'000);
    }

    void cleanupTestCase() { m_node.reset(); }

    void nothingHappensUnlessAllowed()
    {
        const test::Finished refused = test::ctl({ QStringLiteral("--home"), m_node->home(),
            QStringLiteral("adapter"), QStringLiteral("train"), m_model, QStringLiteral("--now") });
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.err.contains("--adapters on"), refused.err.constData());
        call({ QStringLiteral("data"), QStringLiteral("budget"), QStringLiteral("--adapters"),
            QStringLiteral("on") });
        QVERIFY(call({ QStringLiteral("adapter"), QStringLiteral("list") })
                    .value(QLatin1String{ "adapters" })
                    .toArray()
                    .isEmpty());
    }

    void learnsFromTheText()
    {
        const QString name = QStringLiteral("Letters");
        QVERIFY(!train(name, 60).isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(
            stateOf(name) == QLatin1String{ "ready" } || stateOf(name) == QLatin1String{ "failed" },
            180'000);
        const QJsonObject done = adapter(name);
        QVERIFY2(
            field(done, "state") == QLatin1String{ "ready" }, qPrintable(field(done, "reason")));
        const double before = done.value(QLatin1String{ "loss_before" }).toDouble();
        const double after = done.value(QLatin1String{ "loss_after" }).toDouble();
        QVERIFY2(
            after < 0.9 * before, qPrintable(QStringLiteral("%1 -> %2").arg(before).arg(after)));
        QVERIFY(done.value(QLatin1String{ "tokens" }).toInt() > 5000);
        QCOMPARE(field(done, "base"), m_model);
        // The consent and the use stand in the owner's own records.
        const QJsonArray grants = call({ QStringLiteral("data"), QStringLiteral("grants") })
                                      .value(QLatin1String{ "grants" })
                                      .toArray();
        QCOMPARE(grants.size(), 1);
        QCOMPARE(grants[0][QLatin1String{ "id" }].toString(), field(done, "grant"));
        const QJsonArray uses = call({ QStringLiteral("data"), QStringLiteral("used") })
                                    .value(QLatin1String{ "entries" })
                                    .toArray();
        QVERIFY(std::ranges::any_of(uses, [](const QJsonValue& entry) {
            return entry[QLatin1String{ "kind" }].toString() == QLatin1String{ "used" }
            && entry[QLatin1String{ "path" }].toString() == QLatin1String{ "letters.txt" };
        }));
    }

    void isMeasured()
    {
        const QJsonObject report = call({ QStringLiteral("meter"), QStringLiteral("measure"),
            QStringLiteral("--adapter"), QStringLiteral("Letters") });
        QCOMPARE(field(report, "subject"), QStringLiteral("adapter"));
        QCOMPARE(field(report, "name"), QStringLiteral("Letters"));
        QCOMPARE(field(report, "compared"), QStringLiteral("held_out"));
        QVERIFY(!field(report, "light").isEmpty());
        QVERIFY(report.value(QLatin1String{ "members" }).toInt() >= 20);
        QVERIFY(report.value(QLatin1String{ "others" }).toInt() >= 20);
        // A text of today that was not there when it learnt is not taken for one that was.
        QFile later{ file("papers/later.txt") };
        QVERIFY(later.open(QIODevice::WriteOnly));
        later.write(test::tinyText(6, 20'000));
        later.close();
        QTRY_VERIFY_WITH_TIMEOUT(hasRead(2), 60'000);
        call({ QStringLiteral("data"), QStringLiteral("preview"), QStringLiteral("1"),
            QStringLiteral("later.txt") });
        const QJsonObject again = call({ QStringLiteral("meter"), QStringLiteral("measure"),
            QStringLiteral("--adapter"), QStringLiteral("Letters") });
        QCOMPARE(again.value(QLatin1String{ "members" }), report.value(QLatin1String{ "members" }));
        QCOMPARE(again.value(QLatin1String{ "auc" }), report.value(QLatin1String{ "auc" }));
        QVERIFY(QFile::remove(later.fileName()));
    }

    void answersWithIt()
    {
        const QString plain = generate({});
        const QString adapted
            = generate({ QStringLiteral("--adapter"), QStringLiteral("letters") });
        QVERIFY(!adapted.isEmpty());
        QVERIFY(plain != adapted);
        QCOMPARE(generate({}), plain);
        const test::Finished wrong = test::ctl({ QStringLiteral("--home"), m_node->home(),
            QStringLiteral("generate"), m_model, QStringLiteral("--prompt"), QStringLiteral("x"),
            QStringLiteral("--adapter"), QStringLiteral("nobody") });
        QCOMPARE(wrong.code, 1);
        QVERIFY(wrong.err.contains("nobody"));
    }

    void othersCanReadWhatIsExported()
    {
        const Words verb{ QStringLiteral("adapter"), QStringLiteral("export"),
            QStringLiteral("Letters"), QStringLiteral("--out") };
        QVERIFY(!call(verb + Words{ file("peft") }).isEmpty());
        QVERIFY(!call(verb + Words{ file("letters.gguf") }).isEmpty());
        const auto base = ml::ModelFile::open(file("tiny.gguf").toStdString());
        QVERIFY(base.has_value());
        const auto config = ml::trainableConfig(**base);
        QVERIFY(config.has_value());
        const auto lora = ml::Lora::load(*config, file("peft").toStdString());
        QVERIFY2(lora.has_value(), lora ? "" : lora.error().message.c_str());
        QCOMPARE(lora->config().rank, 8U);
        const auto gguf = ml::Gguf::open(file("letters.gguf").toStdString());
        QVERIFY(gguf.has_value());
        QCOMPARE(gguf->tensors().size(), std::size_t{ 2 * 2 * 7 });
    }

    void goesOnAfterAKilledWorker()
    {
        const QString name = QStringLiteral("Long");
        QVERIFY(!train(name, 50'000).isEmpty());
        const QString checkpoint = folderOf(name) + QStringLiteral("/checkpoint.sealed");
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(checkpoint), 120'000);
        const int before = stepOf(name);
        QVERIFY(before > 0);
        const std::vector<qint64> running = workers();
        QVERIFY(!running.empty());
        for (const qint64 process : running) {
            ::kill(static_cast<pid_t>(process), SIGKILL);
        }
        // It goes on from the checkpoint: from the first step on, small numbers would be seen.
        int least = before;
        const auto isBeyond = [&] {
            const QJsonObject now = adapter(name);
            const int step = now.value(QLatin1String{ "step" }).toInt();
            least = std::min(least, step);
            return now.value(QLatin1String{ "attempts" }).toInt() > 1 && step > before + 5;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isBeyond(), 60'000);
        QVERIFY2(least > before / 2, qPrintable(QStringLiteral("%1 of %2").arg(least).arg(before)));
        QVERIFY(QFile::exists(checkpoint));
    }

    void goesOnAfterAKilledNode()
    {
        const QString name = QStringLiteral("Long");
        const int before = stepOf(name);
        m_node->kill9();
        m_node->start();
        int first = 0;
        const auto hasBegun = [&] {
            first = stepOf(name);
            return first > 0 && stateOf(name) == QLatin1String{ "training" };
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasBegun(), 60'000);
        QVERIFY2(first > before / 2, qPrintable(QStringLiteral("%1 of %2").arg(first).arg(before)));
    }

    void revokingEndsItAtOnce()
    {
        const QString name = QStringLiteral("Long");
        const QString grant = field(adapter(name), "grant");
        const std::size_t atWork = workers().size();
        call({ QStringLiteral("data"), QStringLiteral("revoke"), grant });
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(name), QStringLiteral("stopped"), 2000);
        QVERIFY(field(adapter(name), "reason").contains(QLatin1String{ "revoked" }));
        QCOMPARE(workers().size(), atWork - 1); // the one that reads and measures stays
        // What it had learnt of the text is gone as well.
        QVERIFY(!QFile::exists(folderOf(name) + QStringLiteral("/checkpoint.sealed")));
        QVERIFY(!QFile::exists(folderOf(name) + QStringLiteral("/adapter.sealed")));
        // And it does not go on by itself, nor when it is asked to.
        call({ QStringLiteral("adapter"), QStringLiteral("start"), name, QStringLiteral("--now") });
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(name), QStringLiteral("stopped"), 10'000);
        QCOMPARE(stateOf(QStringLiteral("Letters")), QStringLiteral("ready"));
    }

    void nothingLiesInClear()
    {
        QDirIterator files{ m_node->home(), QDir::Files | QDir::Hidden,
            QDirIterator::Subdirectories };
        int sealed = 0;
        while (files.hasNext()) {
            QFile one{ files.next() };
            if (!one.open(QIODevice::ReadOnly)) {
                continue; // a socket
            }
            const QByteArray bytes = one.readAll();
            QVERIFY2(!bytes.contains("walnut cellar"), qPrintable(one.fileName()));
            QVERIFY2(
                !bytes.contains("lora_A") && !bytes.contains("lora_a"), qPrintable(one.fileName()));
            QVERIFY2(!bytes.contains("LOAMHAC"), qPrintable(one.fileName()));
            sealed += bytes.startsWith("LOAMSEA") ? 1 : 0;
        }
        QCOMPARE(sealed, 1); // the finished one
    }

    void removingDeletes()
    {
        const QString folder = folderOf(QStringLiteral("Letters"));
        QVERIFY(QFile::exists(folder + QStringLiteral("/adapter.sealed")));
        for (const char* name : { "Letters", "Long" }) {
            call({ QStringLiteral("adapter"), QStringLiteral("remove"), QLatin1String{ name } });
        }
        QVERIFY(!QFile::exists(folder));
        QVERIFY(QDir{ m_node->home() + QStringLiteral("/adapters") }
                    .entryList(QDir::Dirs | QDir::NoDotAndDotDot)
                    .isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestAdapter)
#include "tst_adapter.moc"
