// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <unistd.h>

using namespace Qt::Literals::StringLiterals;

namespace {

struct Outcome
{
    int code{ -1 };
    QByteArray output;
    QByteArray errors;

    QJsonObject json() const { return QJsonDocument::fromJson(output).object(); }
};

} // namespace

/// loamctl as a program, with a stand-in for loamd beside it.
class TestProgram : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void startsTheNodeAndStopsIt();
    void doesNotStartANodeToStopIt();
    void saysWhyANodeDoesNotStart();
    void reportsFailuresOfTheNode();
    void readsSecretsFromFilesAndInput();
    void refusesToAskWithoutATerminal();
    void writesFiles();
    void exportsTheWholeLog();
    void verdictIsTheExitCode();
    void stripsControlCharacters();
    void practice();
    void practiceThatFails();
    void practiceCleansUpOnInterrupt();
    void practiceNodeEndsWithItsParent();

private:
    QProcessEnvironment environment() const;
    Outcome run(const QStringList& arguments, const QByteArray& input = {}) const;
    QStringList practiceFolders() const;

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestProgram::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QDir folder{ m_folder->path() };
    QVERIFY(folder.mkdir(u"bin"_s) && folder.mkdir(u"tmp"_s));
    QVERIFY(QFile::copy(QStringLiteral(LOAMCTL), folder.filePath(u"bin/loamctl"_s)));
    QVERIFY(QFile::link(QStringLiteral(TEST_NODE), folder.filePath(u"bin/loamd"_s)));
}

void TestProgram::cleanup()
{
    run({ u"node"_s, u"stop"_s });
    m_folder.reset();
}

QProcessEnvironment TestProgram::environment() const
{
    QProcessEnvironment out = QProcessEnvironment::systemEnvironment();
    out.insert(u"LOAM_HOME"_s, m_folder->filePath(u"home"_s));
    out.insert(u"TMPDIR"_s, m_folder->filePath(u"tmp"_s));
    return out;
}

Outcome TestProgram::run(const QStringList& arguments, const QByteArray& input) const
{
    QProcess process;
    process.setProcessEnvironment(environment());
    // No terminal to ask for secrets on.
    process.setChildProcessModifier([] { ::setsid(); });
    process.start(m_folder->filePath(u"bin/loamctl"_s), arguments);
    process.write(input);
    process.closeWriteChannel();
    process.waitForFinished(20'000);
    return { process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError() };
}

QStringList TestProgram::practiceFolders() const
{
    return QDir{ m_folder->filePath(u"tmp"_s) }.entryList({ u"loam-practice-*"_s }, QDir::Dirs);
}

void TestProgram::startsTheNodeAndStopsIt()
{
    const Outcome first = run({ u"node"_s, u"status"_s, u"--json"_s });
    QCOMPARE(first.code, 0);
    QVERIFY(first.errors.contains("starting Loam's node"));
    QCOMPARE(first.output.count('\n'), 1);
    QCOMPARE(first.json().value(u"height"_s).toInt(), 7);

    const Outcome second = run({ u"node"_s, u"status"_s });
    QCOMPARE(second.code, 0);
    QVERIFY2(second.errors.isEmpty(), second.errors.constData());
    QVERIFY(second.output.contains("Height  7\n"));

    const Outcome stopped = run({ u"node"_s, u"stop"_s, u"--json"_s });
    QCOMPARE(stopped.code, 0);
    QVERIFY(stopped.json().value(u"was_running"_s).toBool());
    QVERIFY(!QFile::exists(m_folder->filePath(u"home/rpc.sock"_s)));
}

void TestProgram::doesNotStartANodeToStopIt()
{
    const Outcome stopped = run({ u"node"_s, u"stop"_s });
    QCOMPARE(stopped.code, 0);
    QVERIFY(stopped.output.contains("was not running"));
    const Outcome log = run({ u"node"_s, u"log"_s });
    QCOMPARE(log.code, 1);
    QVERIFY(log.errors.contains("not running"));
    QVERIFY(log.output.isEmpty());
    QVERIFY(!QFile::exists(m_folder->filePath(u"home/rpc.sock"_s)));
}

void TestProgram::saysWhyANodeDoesNotStart()
{
    QVERIFY(QDir{ m_folder->path() }.mkdir(u"home"_s));
    QFile refuse{ m_folder->filePath(u"home/refuse"_s) };
    QVERIFY(refuse.open(QIODevice::WriteOnly));
    const Outcome ended = run({ u"node"_s, u"status"_s });
    QCOMPARE(ended.code, 1);
    QVERIFY2(ended.errors.contains("ended at once"), ended.errors.constData());
    QVERIFY(QFile::remove(m_folder->filePath(u"bin/loamd"_s)));
    const Outcome missing = run({ u"node"_s, u"status"_s });
    QCOMPARE(missing.code, 1);
    QVERIFY(!missing.errors.isEmpty());
    QVERIFY(missing.output.isEmpty());
}

void TestProgram::reportsFailuresOfTheNode()
{
    // The stand-in knows no such method.
    const Outcome outcome = run({ u"wallet"_s, u"balance"_s, u"--json"_s });
    QCOMPARE(outcome.code, 1);
    QVERIFY(outcome.output.isEmpty());
    QVERIFY(outcome.errors.contains("wallet.balance"));
}

void TestProgram::readsSecretsFromFilesAndInput()
{
    const QStringList unlock{ u"wallet"_s, u"unlock"_s, u"--passphrase-file"_s };
    QCOMPARE(run(unlock + QStringList{ u"-"_s }, "correct horse\n").code, 0);
    const Outcome wrong = run(unlock + QStringList{ u"-"_s }, "wrong\n");
    QCOMPARE(wrong.code, 1);
    QVERIFY(wrong.errors.contains("the passphrase is wrong"));
    QCOMPARE(run(unlock + QStringList{ u"-"_s }, {}).code, 1);
    QFile file{ m_folder->filePath(u"secret"_s) };
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("correct horse\r\nsecond line\n");
    file.close();
    QCOMPARE(run(unlock + QStringList{ file.fileName() }).code, 0);
    QCOMPARE(run(unlock + QStringList{ u"/nonexistent"_s }).code, 1);
}

void TestProgram::refusesToAskWithoutATerminal()
{
    const Outcome outcome = run({ u"wallet"_s, u"unlock"_s });
    QCOMPARE(outcome.code, 1);
    QVERIFY2(outcome.errors.contains("--passphrase-file"), outcome.errors.constData());
}

void TestProgram::writesFiles()
{
    QCOMPARE(run({ u"wallet"_s, u"export"_s }).output, QByteArray{ "time,kind\n" });
    const QString name = m_folder->filePath(u"history.csv"_s);
    const Outcome written = run({ u"wallet"_s, u"export"_s, u"--out"_s, name, u"--json"_s });
    QCOMPARE(written.code, 0);
    QCOMPARE(written.json().value(u"bytes"_s).toInt(), 10);
    QFile file{ name };
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray{ "time,kind\n" });
    const Outcome refused
        = run({ u"wallet"_s, u"export"_s, u"--out"_s, u"/nonexistent/history.csv"_s });
    QCOMPARE(refused.code, 1);
    QVERIFY(refused.errors.contains("/nonexistent/history.csv"));
}

void TestProgram::exportsTheWholeLog()
{
    const Outcome outcome = run({ u"audit"_s, u"export"_s });
    QCOMPARE(outcome.code, 0);
    const QList<QByteArray> lines = outcome.output.trimmed().split('\n');
    QCOMPARE(lines.size(), 2345);
    QCOMPARE(lines.constFirst(), QByteArray{ R"({"index":0})" });
    QCOMPARE(lines.constLast(), QByteArray{ R"({"index":2344})" });
}

void TestProgram::verdictIsTheExitCode()
{
    QCOMPARE(run({ u"audit"_s, u"verify"_s }).code, 0);
    QCOMPARE(run({ u"audit"_s, u"verify"_s, u"12"_s }).code, 0);
    const Outcome refuted = run({ u"audit"_s, u"verify"_s, u"13"_s, u"--json"_s });
    QCOMPARE(refuted.code, 1);
    QCOMPARE(refuted.json().value(u"verified"_s), QJsonValue{ false });
    QCOMPARE(run({ u"audit"_s, u"verify"_s, u"x"_s }).code, 2);
}

void TestProgram::stripsControlCharacters()
{
    QVERIFY(!run({ u"node"_s, u"status"_s }).output.contains('\x1b'));
}

void TestProgram::practice()
{
    const Outcome json = run({ u"practice"_s, u"--rounds"_s, u"2"_s, u"--json"_s });
    QVERIFY2(json.code == 0, json.errors.constData());
    QVERIFY2(json.errors.isEmpty(), json.errors.constData());
    QCOMPARE(json.output.count('\n'), 1);
    QVERIFY(json.json().value(u"ok"_s).toBool());
    const Outcome text = run({ u"practice"_s });
    QCOMPARE(text.code, 0);
    QVERIFY(text.output.contains("round 1 of 5, training"));
    QVERIFY(text.output.contains("refused: norm"));
    QVERIFY(text.output.contains("same model"));
    QVERIFY(practiceFolders().isEmpty());
    QCOMPARE(run({ u"practice"_s, u"--keep"_s }).code, 0);
    QCOMPARE(practiceFolders().size(), 1);
}

void TestProgram::practiceThatFails()
{
    const Outcome failed = run({ u"practice"_s, u"--byzantine"_s, u"1"_s, u"--json"_s });
    QCOMPARE(failed.code, 1);
    QCOMPARE(failed.json().value(u"ok"_s), QJsonValue{ false });
    QVERIFY(!failed.errors.isEmpty());
    QVERIFY(practiceFolders().isEmpty());
}

void TestProgram::practiceCleansUpOnInterrupt()
{
    QProcess process;
    process.setProcessEnvironment(environment());
    process.start(m_folder->filePath(u"bin/loamctl"_s), { u"practice"_s, u"--rounds"_s, u"99"_s });
    QVERIFY(process.waitForStarted());
    QByteArray output;
    QTRY_VERIFY((output += process.readAllStandardOutput()).contains("training"));
    QCOMPARE(practiceFolders().size(), 1);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(10'000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 1);
    QVERIFY(process.readAllStandardError().contains("interrupted"));
    QVERIFY(practiceFolders().isEmpty());
}

void TestProgram::practiceNodeEndsWithItsParent()
{
    QProcess process;
    process.setProcessEnvironment(environment());
    process.start(m_folder->filePath(u"bin/loamctl"_s), { u"practice"_s, u"--rounds"_s, u"99"_s });
    QVERIFY(process.waitForStarted());
    QByteArray output;
    QTRY_VERIFY((output += process.readAllStandardOutput()).contains("training"));
    QCOMPARE(practiceFolders().size(), 1);
    const QString socket
        = m_folder->filePath(u"tmp/"_s + practiceFolders().constFirst() + u"/rpc.sock"_s);
    QVERIFY(QFile::exists(socket));
    process.kill();
    QVERIFY(process.waitForFinished());
    QTRY_VERIFY(!QFile::exists(socket)); // its node closed the door by itself
}

QTEST_GUILESS_MAIN(TestProgram)
#include "tst_program.moc"
