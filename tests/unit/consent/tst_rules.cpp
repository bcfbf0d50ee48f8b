// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/beneath.h"
#include "consent/document_kind.h"
#include "consent/path_rules.h"
#include "unit/support.h"

#include <QTemporaryDir>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace loam;
using namespace loam::consent;

class TestRules final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void pathPatterns_data();
    void pathPatterns();
    void malformedPathPatterns();
    void privateThingsAreLeftOut_data();
    void privateThingsAreLeftOut();
    void includesAndExcludes();
    void textPatterns_data();
    void textPatterns();
    void aCostlyTextPatternTakesTooMuchRatherThanTooLittle();
    void kindsByName();
    void linksLeadNowhere();
    void aPipeDoesNotHoldUp();
    void foldersAreListed();
};

void TestRules::pathPatterns_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QString>("path");
    QTest::addColumn<bool>("covers");
    const auto row = [](const char* pattern, const char* path, bool covers) {
        QTest::addRow("%s on %s", pattern, path) << pattern << path << covers;
    };
    row("drafts", "letters/drafts/a.txt", true);
    row("drafts", "letters/mydrafts/a.txt", false);
    row("*.tex", "a/b/thesis.TEX", true);
    row("*.tex", "a/b/thesis.text", false);
    row("id_rsa*", "keys/ID_RSA.old", true);
    row("a?c", "x/abc", true);
    row("a?c", "x/ac", false);
    row("*a*b*", "xxaxxbxx", true);
    row("*a*b*", "xxbxxaxx", false);
    row("letters/2019/**", "letters/2019/may/a.txt", true);
    row("letters/2019/**", "letters/2020/a.txt", false);
    row("**/secret/**", "a/b/secret/c", true);
    row("**/secret/**", "a/b/secrets/c", false);
    row("a/**/z.txt", "a/b/c/z.txt", true);
    row("a/**/z.txt", "a/z.txt", true);
    row("letters/*", "letters/a.txt", true);
    row("letters", "letters/deep/a.txt", true);
    row("letters/deep", "letters/deep/a.txt", true);
}

void TestRules::pathPatterns()
{
    QFETCH(QString, pattern);
    QFETCH(QString, path);
    QFETCH(bool, covers);
    const auto parsed = PathPattern::parse(pattern.toStdString());
    LOAM_OK(parsed);
    QCOMPARE(parsed->covers(path.toStdString()), covers);
}

void TestRules::malformedPathPatterns()
{
    LOAM_FAILS(PathPattern::parse(""), base::Errc::Invalid);
    LOAM_FAILS(PathPattern::parse("/"), base::Errc::Invalid);
    LOAM_FAILS(PathPattern::parse(std::string(257, 'a')), base::Errc::Invalid);
    LOAM_FAILS(PathPattern::parse("\xff"), base::Errc::Invalid);
    LOAM_FAILS(PathRules::make({ "fine" }, { "" }), base::Errc::Invalid);
}

void TestRules::privateThingsAreLeftOut_data()
{
    QTest::addColumn<bool>("isLeftOut");
    for (const char* path : { ".ssh/config", "a/.git/HEAD", ".bashrc", "keys/server.pem",
             "vault.kdbx", "home/.mozilla/firefox/x/places.sqlite", "x/google-chrome/Default/a.txt",
             "project/node_modules/a/readme.md", "id_ed25519", "app/credentials.json", "prod.env",
             "backup/logins.json", "x/wallet.dat", "a/.password-store/mail.gpg" }) {
        QTest::newRow(path) << true;
    }
    for (const char* path : { "notes/a.txt", "thesis/chapter1.tex", "mail/inbox.mbox",
             "keyboard.txt", "environment.md", "a b/c d.odt" }) {
        QTest::newRow(path) << false;
    }
}

void TestRules::privateThingsAreLeftOut()
{
    QFETCH(bool, isLeftOut);
    const auto rules = PathRules::make({}, {});
    LOAM_OK(rules);
    const auto reason = rules->reasonToSkip(QTest::currentDataTag(), PathRules::Entry::File);
    QCOMPARE(reason.has_value(), isLeftOut);
}

void TestRules::includesAndExcludes()
{
    const auto rules = PathRules::make({ "*.md", "letters/**" }, { "private" });
    LOAM_OK(rules);
    QVERIFY(!rules->reasonToSkip("a/b.md", PathRules::Entry::File));
    QVERIFY(!rules->reasonToSkip("letters/x.txt", PathRules::Entry::File));
    QVERIFY(rules->reasonToSkip("other/x.txt", PathRules::Entry::File));
    QVERIFY(!rules->reasonToSkip("other", PathRules::Entry::Folder));
    QVERIFY(rules->reasonToSkip("private/b.md", PathRules::Entry::File));
    QVERIFY(rules->reasonToSkip("private", PathRules::Entry::Folder));
    // The owner's patterns add to Loam's own list; they never open it.
    const auto keys = PathRules::make({ "*.pem" }, {});
    QVERIFY(keys->reasonToSkip("a.pem", PathRules::Entry::File));
}

void TestRules::textPatterns_data()
{
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("matched");
    QTest::newRow("word") << "Mustermann"
                          << "Herr MUSTERMANN kam"
                          << "MUSTERMANN";
    QTest::newRow("digits") << "K-####"
                            << "Kunde K-1234 und K-12"
                            << "K-1234";
    QTest::newRow("star") << "proj-*"
                          << "see proj-alpha7, please"
                          << "proj-alpha7,";
    QTest::newRow("question") << "b?d now"
                              << "bad now"
                              << "bad now";
    QTest::newRow("none") << "nothing"
                          << "else"
                          << "";
    QTest::newRow("two") << "abc"
                         << "abcabc"
                         << "abc|abc";
}

void TestRules::textPatterns()
{
    QFETCH(QString, pattern);
    QFETCH(QString, text);
    QFETCH(QString, matched);
    const auto parsed = TextPattern::parse(pattern.toStdString());
    LOAM_OK(parsed);
    const std::string bytes = text.toStdString();
    QStringList found;
    for (const auto& match : parsed->find(bytes)) {
        found.append(QString::fromStdString(bytes.substr(match.begin, match.end - match.begin)));
    }
    QCOMPARE(found.join(QLatin1Char('|')), matched);
    LOAM_FAILS(TextPattern::parse("a*"), base::Errc::Invalid);
    LOAM_FAILS(TextPattern::parse("a\nbcd"), base::Errc::Invalid);
}

void TestRules::aCostlyTextPatternTakesTooMuchRatherThanTooLittle()
{
    const auto pattern = TextPattern::parse("a*a*a*a*a*b");
    LOAM_OK(pattern);
    const std::string text(200'000, 'a');
    const auto matches = pattern->find(text);
    // Either nothing matched within the steps allowed, or the rest was taken whole.
    QVERIFY(matches.empty() || matches.back().end == text.size());
}

void TestRules::kindsByName()
{
    QCOMPARE(documentKindOf("a/b.PDF"), DocumentKind::Pdf);
    QCOMPARE(documentKindOf("x.tar.gz"), std::nullopt);
    QCOMPARE(documentKindOf("Makefile"), std::nullopt);
    QCOMPARE(documentKindOf(".txt"), std::nullopt);
    QCOMPARE(documentKindOf("src/main.cpp"), DocumentKind::Code);
    QCOMPARE(documentKindFrom(10), std::nullopt);
    QCOMPARE(documentKindFrom(9), DocumentKind::Mailbox);
}

void TestRules::linksLeadNowhere()
{
    const QTemporaryDir folder;
    const std::filesystem::path root = folder.path().toStdString();
    std::filesystem::create_directories(root / "in/deep");
    std::filesystem::create_directories(root / "out");
    std::ofstream{ root / "out/secret.txt" } << "secret";
    std::ofstream{ root / "in/deep/own.txt" } << "own";
    std::filesystem::create_symlink(root / "out/secret.txt", root / "in/link.txt");
    std::filesystem::create_directory_symlink(root / "out", root / "in/door");
    const auto opened = openRoot(root / "in");
    LOAM_OK(opened);
    LOAM_OK(openBeneath(*opened, "deep/own.txt"));
    LOAM_FAILS(openBeneath(*opened, "link.txt"), base::Errc::Denied);
    LOAM_FAILS(openBeneath(*opened, "door/secret.txt"), base::Errc::Denied);
    LOAM_FAILS(openBeneath(*opened, "../out/secret.txt"), base::Errc::Invalid);
    LOAM_FAILS(openBeneath(*opened, "deep/../deep/own.txt"), base::Errc::Invalid);
    LOAM_FAILS(openBeneath(*opened, "gone.txt"), base::Errc::NotFound);
    LOAM_FAILS(openBeneath(*opened, "deep"), base::Errc::Invalid);
    // Swapping a folder for a link after it was listed changes nothing: each step is checked anew.
    std::filesystem::rename(root / "in/deep", root / "in/was");
    std::filesystem::create_directory_symlink(root / "out", root / "in/deep");
    LOAM_FAILS(openBeneath(*opened, "deep/secret.txt"), base::Errc::Denied);
}

void TestRules::aPipeDoesNotHoldUp()
{
    const QTemporaryDir folder;
    const std::string pipe = folder.filePath(QStringLiteral("a.txt")).toStdString();
    QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
    const auto root = openRoot(folder.path().toStdString());
    LOAM_OK(root);
    LOAM_FAILS(openBeneath(*root, "a.txt"), base::Errc::Invalid);
}

void TestRules::foldersAreListed()
{
    const QTemporaryDir folder;
    const std::filesystem::path root = folder.path().toStdString();
    std::ofstream{ root / "a.txt" } << "12345";
    std::filesystem::create_directory(root / "b");
    std::filesystem::create_symlink("a.txt", root / "c");
    const auto opened = openFolderBeneath(*openRoot(root), "");
    LOAM_OK(opened);
    std::map<std::string, EntryType> seen;
    std::uint64_t size = 0;
    const auto visit = [&](std::string_view name, EntryType type, const FileStamp& stamp) {
        seen[std::string{ name }] = type;
        size += type == EntryType::File ? stamp.size : 0;
        return base::Result<>{};
    };
    LOAM_OK(listFolder(*opened, visit));
    QVERIFY((seen
        == std::map<std::string, EntryType>{
            { "a.txt", EntryType::File }, { "b", EntryType::Folder }, { "c", EntryType::Other } }));
    QCOMPARE(size, std::uint64_t{ 5 });
}

QTEST_GUILESS_MAIN(TestRules)
#include "tst_rules.moc"
