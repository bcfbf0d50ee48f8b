// SPDX-License-Identifier: GPL-3.0-or-later
#include "practice_text.h"

#include "base/file.h"
#include "node/corpora.h"

namespace loam::daemon {

using base::Result;
namespace fs = std::filesystem;

namespace {

    /// Plenty for some rounds, and quickly cut into tokens.
    constexpr std::size_t kMaxTextPerNode = 1024 * 1024;
    constexpr std::size_t kProbeBytesPerText = 24 * 1024;

    Result<std::vector<node::Corpus>> read(const std::vector<fs::path>& folders)
    {
        if (folders.empty()) {
            return node::installedCorpora();
        }
        std::vector<node::Corpus> out;
        for (const fs::path& folder : folders) {
            TRY_ASSIGN(node::Corpus corpus, node::readCorpusFolder(folder));
            out.push_back(std::move(corpus));
        }
        return out;
    }

    Result<> writeInto(const fs::path& folder, const std::string& name, std::string_view text)
    {
        TRY(base::makeFolder(folder));
        return base::writeFileAtomically(folder / name, base::asBytes(text));
    }

} // namespace

Result<PracticeTexts> writePracticeTexts(const std::vector<fs::path>& folders, bool isPrivate,
    const fs::path& root, const QStringList& nodeFolders)
{
    TRY_ASSIGN(const std::vector<node::Corpus> corpora, read(folders));
    const auto nodes = static_cast<std::size_t>(nodeFolders.size());
    std::string probe;
    std::string heldOut;
    for (std::size_t i = 0; i < corpora.size(); ++i) {
        const node::SplitText split = node::splitHeldOut(corpora[i].text);
        probe += split.heldOut.substr(0, kProbeBytesPerText);
        heldOut += split.heldOut;
        // Text number i serves the nodes i, i + count, ...; each gets a piece of its own.
        const std::size_t users = nodes / corpora.size() + (i < nodes % corpora.size() ? 1 : 0);
        const std::vector<std::string> pieces = node::divide(split.training, users);
        for (std::size_t user = 0; user < users; ++user) {
            const auto index = static_cast<qsizetype>(i + user * corpora.size());
            TRY(writeInto(nodeFolders[index].toStdString(), corpora[i].name + ".txt",
                std::string_view{ pieces[user] }.substr(0, kMaxTextPerNode)));
        }
    }
    TRY(writeInto(root, "probe.txt", probe));
    PracticeTexts out{ QString::fromStdString((root / "probe.txt").string()), nodeFolders };
    if (isPrivate) {
        // The node that opens the run must not read what the others keep to themselves.
        const fs::path open = root / "public";
        TRY(writeInto(open, "held-out.txt", heldOut));
        out.vocabulary = { QString::fromStdString(open.string()) };
    }
    return out;
}

} // namespace loam::daemon
