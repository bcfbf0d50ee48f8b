// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/corpora.h"

#include "base/file.h"
#include "base/utf8.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QStringList>

#include <algorithm>
#include <iterator>
#include <span>

namespace loam::node {

using base::Errc;

namespace {

    constexpr qsizetype kMaxCorpusBytes = 6 * 1024 * 1024;
    constexpr std::size_t kMinCorpusBytes = 16 * 1024;
    constexpr std::size_t kLargestBlock = 4096;

    /// Output of a program, empty when it is missing or fails.
    QByteArray outputOf(const QString& program, const QStringList& arguments)
    {
        QProcess process;
        process.start(program, arguments, QIODevice::ReadOnly);
        if (!process.waitForStarted() || !process.waitForFinished(60'000)
            || process.exitCode() != 0) {
            return {};
        }
        return process.readAllStandardOutput();
    }

    std::string cleaned(const QByteArray& bytes)
    {
        // Through QString, so that invalid UTF-8 becomes replacement characters instead of trouble.
        QString text = QString::fromUtf8(bytes.left(kMaxCorpusBytes));
        text.remove(u'\r');
        return text.toStdString();
    }

    std::string withoutVerseNumbers(const std::string& bible)
    {
        std::string out;
        out.reserve(bible.size());
        for (std::size_t begin = 0; begin < bible.size();) {
            const std::size_t end = std::min(bible.find('\n', begin), bible.size());
            const std::string_view line = std::string_view{ bible }.substr(begin, end - begin);
            const std::size_t space = line.find(' ');
            out += space == std::string_view::npos ? line : line.substr(space + 1);
            out += '\n';
            begin = end + 1;
        }
        return out;
    }

    QByteArray concatenated(const QString& folder, const QStringList& patterns)
    {
        QByteArray out;
        for (const QFileInfo& file :
            QDir{ folder }.entryInfoList(patterns, QDir::Files, QDir::Name)) {
            QFile input{ file.filePath() };
            if (out.size() < kMaxCorpusBytes && input.open(QIODevice::ReadOnly)) {
                out += input.read(kMaxCorpusBytes);
                out += '\n';
            }
        }
        return out;
    }

    QByteArray fortunes()
    {
        QByteArray out;
        const QDir folder{ QStringLiteral("/usr/share/games/fortunes") };
        for (const QFileInfo& file : folder.entryInfoList(QDir::Files, QDir::Name)) {
            QFile input{ file.filePath() };
            if (file.suffix().isEmpty() && input.open(QIODevice::ReadOnly)) {
                out += input.readAll();
            }
        }
        return out.replace("\n%\n", "\n\n");
    }

    QString perlManual()
    {
        const QDir perl{ QStringLiteral("/usr/share/perl") };
        for (const QFileInfo& version :
            perl.entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
            const QString folder = version.filePath() + QStringLiteral("/pod");
            if (QDir{ folder }.entryList({ QStringLiteral("perl*.pod") }).size() > 50) {
                return folder;
            }
        }
        return {};
    }

} // namespace

base::Result<std::vector<Corpus>> installedCorpora()
{
    std::vector<Corpus> found{
        { "bible",
            withoutVerseNumbers(cleaned(outputOf(QStringLiteral("bible"),
                { QStringLiteral("-f"), QStringLiteral("gen1:1-rev22:21") }))) },
        { "jargon",
            cleaned(outputOf(QStringLiteral("gzip"),
                { QStringLiteral("-dc"),
                    QStringLiteral("/usr/share/doc/jargon-text/jargon.txt.gz") })) },
        { "fortunes", cleaned(fortunes()) },
    };
    if (const QString folder = perlManual(); !folder.isEmpty()) {
        found.push_back(
            { "perl-manual", cleaned(concatenated(folder, { QStringLiteral("perl[a-z]*.pod") })) });
    }
    std::erase_if(found, [](const Corpus& corpus) { return corpus.text.size() < kMinCorpusBytes; });
    if (found.size() < 2) {
        return base::fail(Errc::Unavailable,
            "no plain text to train on was found; install the packages bible-kjv, fortunes, "
            "jargon-text and perl-doc, or name your own folders with --corpus");
    }
    return found;
}

base::Result<std::vector<std::string>> corpusFiles(const std::filesystem::path& folder)
{
    const QString path = QString::fromStdString(folder.string());
    if (!QDir{ path }.exists()) {
        return base::fail(
            Errc::NotFound, "the corpus folder " + folder.string() + " does not exist");
    }
    std::vector<std::string> files;
    QDirIterator walk{ path, { QStringLiteral("*.txt") }, QDir::Files | QDir::Readable,
        QDirIterator::Subdirectories };
    while (walk.hasNext()) {
        files.push_back(walk.next().toStdString());
    }
    std::sort(files.begin(), files.end());
    return files;
}

base::Result<Corpus> readCorpusFolder(const std::filesystem::path& folder)
{
    TRY_ASSIGN(const auto files, corpusFiles(folder));
    QByteArray bytes;
    for (const std::string& file : files) {
        QFile input{ QString::fromStdString(file) };
        if (bytes.size() < kMaxCorpusBytes && input.open(QIODevice::ReadOnly)) {
            bytes += input.read(kMaxCorpusBytes - bytes.size());
            bytes += '\n';
        }
    }
    std::string text = cleaned(bytes);
    if (text.size() < kMinCorpusBytes) {
        return base::fail(Errc::Invalid,
            "the corpus folder " + folder.string() + " holds " + std::to_string(text.size())
                + " bytes in .txt files; training needs at least " + std::to_string(kMinCorpusBytes)
                + ", so add more text");
    }
    return Corpus{ folder.filename().string(), std::move(text) };
}

SplitText splitHeldOut(std::string_view text, std::size_t every)
{
    // Small texts get small blocks, so that something is held out of them too.
    const std::size_t blockSize = std::clamp(text.size() / 40, std::size_t{ 1 }, kLargestBlock);
    std::vector<std::string_view> blocks;
    for (std::string_view rest = text; !rest.empty();) {
        // A line without an end is cut like any other text.
        const std::size_t most = std::min(rest.size(), blockSize + kLargestBlock);
        const std::size_t line = rest.find('\n', std::min(blockSize, rest.size()));
        const std::size_t end = line < most ? line + 1 : base::wholeCharacters(rest, most);
        blocks.push_back(rest.substr(0, end));
        rest.remove_prefix(end);
    }
    const std::size_t first = blocks.size() >= every
        ? every / 2
        : std::to_integer<std::size_t>(crypto::sha256(base::asBytes(text)).data[0]) % every;
    SplitText out;
    out.training.reserve(text.size());
    out.heldOut.reserve(text.size());
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        (i % every == first ? out.heldOut : out.training) += blocks[i];
    }
    return out;
}

std::size_t setHeldOutApart(std::vector<std::string>& texts, std::size_t every)
{
    std::vector<std::string> training;
    std::vector<std::string> heldOut;
    for (std::string& text : texts) {
        SplitText split = splitHeldOut(text, every);
        crypto::wipe(std::as_writable_bytes(std::span{ text }));
        if (!split.training.empty()) {
            training.push_back(std::move(split.training));
        }
        if (!split.heldOut.empty()) {
            heldOut.push_back(std::move(split.heldOut));
        }
    }
    const std::size_t count = training.size();
    texts = std::move(training);
    std::ranges::move(heldOut, std::back_inserter(texts));
    return count;
}

std::vector<std::string> divide(std::string_view text, std::size_t parts)
{
    std::vector<std::string> out;
    std::size_t begin = 0;
    for (std::size_t part = 1; part <= parts; ++part) {
        const std::size_t target = text.size() * part / parts;
        const std::size_t line
            = part == parts ? std::string_view::npos : text.find('\n', std::max(target, begin));
        const std::size_t end = line == std::string_view::npos ? text.size() : line + 1;
        out.emplace_back(text.substr(begin, end - begin));
        begin = end;
    }
    return out;
}

} // namespace loam::node
