// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/utf8.h"
#include "node/corpora.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>

using namespace loam;

class TestCorpora : public QObject
{
    Q_OBJECT

private:
    static std::string lines(int count)
    {
        std::string out;
        for (int i = 0; i < count; ++i) {
            out += "line number " + std::to_string(i) + " of a text that nobody knows\n";
        }
        return out;
    }
    static void write(const QString& path, const std::string& text)
    {
        QFile file{ path };
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text.data(), static_cast<qint64>(text.size()));
    }

private Q_SLOTS:
    void holdsOutAboutATwentiethAndLosesNothing_data()
    {
        QTest::addColumn<int>("count");
        QTest::newRow("small") << 400;
        QTest::newRow("large") << 40'000;
    }

    void holdsOutAboutATwentiethAndLosesNothing()
    {
        QFETCH(int, count);
        const std::string text = lines(count);
        const node::SplitText split = node::splitHeldOut(text);
        QCOMPARE(split.training.size() + split.heldOut.size(), text.size());
        const double share
            = static_cast<double>(split.heldOut.size()) / static_cast<double>(text.size());
        QVERIFY2(share > 0.02 && share < 0.09, qPrintable(QString::number(share)));
        // Whole lines, so nothing of a held-out line is trained on.
        const std::string firstHeldOut = split.heldOut.substr(0, split.heldOut.find('\n') + 1);
        QVERIFY(split.training.find(firstHeldOut) == std::string::npos);
    }

    void ofShortTextsChanceHoldsSomeOut()
    {
        std::vector<std::string> texts;
        for (int i = 0; i < 400; ++i) {
            texts.push_back("one note of mine, number " + std::to_string(i));
        }
        const std::string first = texts.front();
        const std::size_t trained = node::setHeldOutApart(texts, 10);
        QCOMPARE(texts.size(), std::size_t{ 400 });
        QVERIFY2(trained > 330 && trained < 390, qPrintable(QString::number(trained)));
        // The same for a text whatever stands beside it.
        std::vector<std::string> alone{ first };
        const bool isTrained = node::setHeldOutApart(alone, 10) == 1;
        QCOMPARE(
            std::find(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(trained), first)
                != texts.begin() + static_cast<std::ptrdiff_t>(trained),
            isTrained);
    }

    void aLineWithoutAnEndIsDividedToo()
    {
        std::string text;
        while (text.size() < 400'000) {
            text += "\xc3\xa4\xc3\xb6\xc3\xbc ";
        }
        const node::SplitText split = node::splitHeldOut(text);
        QCOMPARE(split.training.size() + split.heldOut.size(), text.size());
        QVERIFY(split.heldOut.size() > text.size() / 50);
        QVERIFY(base::isUtf8(split.training) && base::isUtf8(split.heldOut));
    }

    void dividesAtLineEnds()
    {
        const std::string text = lines(1000);
        const auto parts = node::divide(text, 3);
        QCOMPARE(parts.size(), std::size_t{ 3 });
        QCOMPARE(parts[0] + parts[1] + parts[2], text);
        for (const std::string& part : parts) {
            QVERIFY(part.ends_with('\n'));
            QVERIFY(part.size() > text.size() / 4);
        }
    }

    void readsTextFilesBelowAFolder()
    {
        const QTemporaryDir folder;
        QVERIFY(QDir{ folder.path() }.mkdir(QStringLiteral("sub")));
        write(folder.filePath(QStringLiteral("a.txt")), lines(400));
        write(folder.filePath(QStringLiteral("sub/b.txt")), "from below\n");
        write(folder.filePath(QStringLiteral("c.png")), "no text\n");
        const auto corpus = node::readCorpusFolder(folder.path().toStdString());
        QVERIFY(corpus);
        QVERIFY(corpus->text.find("from below") != std::string::npos);
        QVERIFY(corpus->text.find("no text") == std::string::npos);
    }

    void refusesEmptyAndMissingFolders()
    {
        const QTemporaryDir folder;
        const auto empty = node::readCorpusFolder(folder.path().toStdString());
        QVERIFY(!empty);
        QCOMPARE(empty.error().code, base::Errc::Invalid);
        QVERIFY(empty.error().message.find("add more text") != std::string::npos);
        const auto missing = node::readCorpusFolder("/nonexistent/folder");
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, base::Errc::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestCorpora)
#include "tst_corpora.moc"
