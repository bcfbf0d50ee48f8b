// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bech32m.h"
#include "ctl/arguments.h"
#include "ctl/commands.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

using namespace loam;
using namespace Qt::Literals::StringLiterals;

class TestArguments : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void parses_data();
    void parses();
    void usageErrors_data();
    void usageErrors();
    void helpOfEverything();
    void listsFolders();
    void readsAnInvitationFromAFile();
    void secretsAreNoOptions();
    void tableIsSound();

private:
    QTemporaryDir m_folder;
    QString m_address;
};

void TestArguments::initTestCase()
{
    base::PublicKey key;
    key.data.fill(std::byte{ 5 });
    m_address = QString::fromStdString(base::toAddress(key));
    qputenv("LOAM_HOME", "/tmp/loam-from-environment");
}

void TestArguments::parses_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("method");
    QTest::addColumn<QByteArray>("params");
    QTest::newRow("no arguments") << QStringList{ u"node"_s, u"status"_s } << u"node.status"_s
                                  << QByteArray{ "{}" };
    QTest::newRow("default") << QStringList{ u"contribute"_s, u"snooze"_s }
                             << u"contribute.snooze"_s << QByteArray{ R"({"minutes":60})" };
    QTest::newRow("equals sign") << QStringList{ u"contribute"_s, u"snooze"_s, u"--minutes=5"_s }
                                 << u"contribute.snooze"_s << QByteArray{ R"({"minutes":5})" };
    QTest::newRow("positionals and option")
        << QStringList{ u"wallet"_s, u"sign"_s, u"hello there"_s, u"--json"_s } << u"wallet.sign"_s
        << QByteArray{ R"({"message":"hello there"})" };
    QTest::newRow("optional positional left out")
        << QStringList{ u"audit"_s, u"verify"_s } << u"audit.verify"_s << QByteArray{ "{}" };
    QTest::newRow("optional positional") << QStringList{ u"audit"_s, u"verify"_s, u"12"_s }
                                         << u"audit.verify"_s << QByteArray{ R"({"index":12})" };
    QTest::newRow("dashes become underscores")
        << QStringList{ u"generate"_s, u"tiny"_s, u"--prompt"_s, u"-a"_s, u"--max-tokens"_s, u"3"_s,
               u"--temperature"_s, u"0.5"_s, u"--logprobs"_s }
        << u"generate.text"_s
        << QByteArray{
               R"({"logprobs":true,"max_tokens":3,"model":"tiny","prompt":"-a","temperature":0.5})"
           };
    QTest::newRow("practice") << QStringList{ u"practice"_s, u"--sparsity"_s, u"64"_s }
                              << u"practice.start"_s
                              << QByteArray{
                                     R"({"byzantine":0,"nodes":4,"rounds":5,"sparsity":64})"
                                 };
}

void TestArguments::parses()
{
    QFETCH(const QStringList, arguments);
    const auto parsed = ctl::parseArguments(arguments);
    QVERIFY2(parsed, parsed ? "" : parsed.error().message.c_str());
    const auto& command = std::get<ctl::Command>(*parsed);
    QTEST(command.verb->method, "method");
    QTEST(QJsonDocument{ command.params }.toJson(QJsonDocument::Compact), "params");
    QCOMPARE(command.home, u"/tmp/loam-from-environment"_s);
    QCOMPARE(command.isJson, arguments.contains(u"--json"_s));

    // Global options may stand on either side.
    for (const bool isFront : { true, false }) {
        const QStringList globals{ u"--json"_s, u"--home"_s, u"/tmp/other"_s };
        const auto again = ctl::parseArguments(isFront ? globals + arguments : arguments + globals);
        QVERIFY(again);
        QCOMPARE(std::get<ctl::Command>(*again).home, u"/tmp/other"_s);
        QVERIFY(std::get<ctl::Command>(*again).isJson);
        QCOMPARE(std::get<ctl::Command>(*again).params, command.params);
    }
}

void TestArguments::usageErrors_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("hint"); // part of the message
    const auto row = [](const char* line, const char* hint) {
        QTest::newRow(line) << QString::fromLatin1(line) << QString::fromLatin1(hint);
    };
    row("", "missing");
    row("nonsense", "nonsense");
    row("node", "needs a verb");
    row("node --json", "needs a verb");
    row("node dance", "dance");
    row("--frobnicate node status", "--frobnicate");
    row("node status --frobnicate", "frobnicate");
    row("node status surplus", "surplus");
    row("--home", "folder");
    row("node status --home", "home");
    row("contribute snooze --minutes", "minutes");
    row("contribute snooze --minutes soon", "soon");
    row("contribute snooze --minutes 0", "from 1");
    row("contribute snooze --minutes 1.5", "whole");
    row("net create", "--name");
    row("audit show", "INDEX");
    row("audit show -1", "1");
    row("wallet send loam1qqqq 5", "to");
    row("wallet sign", "MESSAGE");
    row("generate", "MODEL");
    row("generate m", "--prompt");
    row("generate m --prompt x --temperature nan", "temperature");
    row("practice --nodes 0", "nodes");
    row("practice --corpus /nonexistent/folder", "/nonexistent/folder");
}

void TestArguments::usageErrors()
{
    QFETCH(const QString, line);
    QFETCH(const QString, hint);
    const QStringList arguments = line.split(u' ', Qt::SkipEmptyParts);
    const auto parsed = ctl::parseArguments(arguments);
    QVERIFY(!parsed);
    const QString message = QString::fromStdString(parsed.error().message);
    QVERIFY2(message.contains(hint), qPrintable(message));
    QCOMPARE(ctl::runArguments(arguments), 2);
}

void TestArguments::helpOfEverything()
{
    const auto helpFor = [](const QStringList& arguments) {
        const auto parsed = ctl::parseArguments(arguments);
        const auto* const help = parsed ? std::get_if<ctl::Help>(&*parsed) : nullptr;
        return help != nullptr ? help->text : QString{};
    };
    const QString all = helpFor({ u"--help"_s });
    for (const ctl::Verb& verb : ctl::verbs()) {
        const QStringList words
            = QStringList{ verb.noun, verb.verb }.join(u' ').trimmed().split(u' ');
        QVERIFY(all.contains(words.join(u' ')));
        const QString text = helpFor(words + QStringList{ u"--help"_s });
        QVERIFY(text.startsWith(u"Usage: loamctl "_s + words.join(u' ')));
        for (const ctl::Argument& option : verb.options) {
            QVERIFY(text.contains(u"--"_s + option.name));
        }
        if (!verb.verb.isEmpty()) {
            QVERIFY(helpFor({ verb.noun, u"--help"_s }).contains(words.join(u' ')));
        }
    }
    QVERIFY(helpFor({ u"--version"_s }).startsWith(u"loamctl "_s));
}

void TestArguments::listsFolders()
{
    const auto parsed = ctl::parseArguments(
        { u"practice"_s, u"--corpus"_s, m_folder.path(), u"--corpus"_s, u"/"_s, u"--keep"_s });
    QVERIFY(parsed);
    const auto& command = std::get<ctl::Command>(*parsed);
    const QJsonArray corpora = command.params.value(u"corpora"_s).toArray();
    QCOMPARE(corpora.size(), 2);
    QCOMPARE(corpora.at(0).toString(), m_folder.path());
    QVERIFY(command.local.contains(u"keep"_s));
    QVERIFY(!command.params.contains(u"keep"_s));
}

void TestArguments::readsAnInvitationFromAFile()
{
    QFile file{ m_folder.filePath(u"invitation"_s) };
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("loam:join?n=1\n");
    file.close();
    for (const QString& given : { file.fileName(), u"loam:join?n=1"_s }) {
        const auto parsed = ctl::parseArguments({ u"net"_s, u"join"_s, given });
        QVERIFY(parsed);
        QCOMPARE(std::get<ctl::Command>(*parsed).params.value(u"invitation"_s).toString(),
            u"loam:join?n=1"_s);
    }
}

void TestArguments::secretsAreNoOptions()
{
    QVERIFY(!ctl::parseArguments({ u"wallet"_s, u"unlock"_s, u"--passphrase"_s, u"x"_s }));
    QVERIFY(!ctl::parseArguments({ u"wallet"_s, u"unlock"_s, u"x"_s }));
    const auto parsed
        = ctl::parseArguments({ u"wallet"_s, u"unlock"_s, u"--passphrase-file"_s, u"-"_s });
    QVERIFY(parsed);
    QCOMPARE(std::get<ctl::Command>(*parsed).local.value(u"passphrase-file"_s), u"-"_s);
    QVERIFY(std::get<ctl::Command>(*parsed).params.isEmpty());
    const auto send = ctl::parseArguments({ u"wallet"_s, u"send"_s, m_address, u"1.50"_s });
    QVERIFY(send);
    QCOMPARE(std::get<ctl::Command>(*send).params.value(u"amount"_s).toString(), u"1.5"_s);
    for (const QString& amount : { u"0"_s, u"-1"_s, u"1.0000001"_s, u"many"_s }) {
        QVERIFY(!ctl::parseArguments({ u"wallet"_s, u"send"_s, m_address, amount }));
    }
}

void TestArguments::tableIsSound()
{
    QSet<QString> names;
    for (const ctl::Verb& verb : ctl::verbs()) {
        const QString name = verb.noun + u' ' + verb.verb;
        QVERIFY2(!names.contains(name), qPrintable(name));
        names.insert(name);
        QVERIFY(!verb.summary.isEmpty());
        // A benchmark asks no node.
        QCOMPARE(verb.method.contains(u'.'), verb.handling != ctl::Handling::Bench);
        bool isOptional = false;
        for (const ctl::Argument& argument : verb.positionals) {
            QVERIFY2(!(isOptional && argument.isRequired), qPrintable(name));
            isOptional = !argument.isRequired;
        }
        QCOMPARE(verb.handling == ctl::Handling::SaveField, !verb.savedField.isEmpty());
        QVERIFY2(verb.columns.isEmpty() || !verb.listField.isEmpty(), qPrintable(name));
    }
}

QTEST_GUILESS_MAIN(TestArguments)
#include "tst_arguments.moc"
