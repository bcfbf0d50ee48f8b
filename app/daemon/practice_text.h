// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QStringList>

#include <filesystem>
#include <vector>

namespace loam::daemon {

/// What of a practice's texts is for all nodes.
struct PracticeTexts
{
    QString probe; ///< a file that no node trains on: losses are measured on it
    QStringList vocabulary; ///< folders that the vocabulary is made of
};

/// Shares the texts out: node number i's goes into nodeFolders[i], what is held out below `root`.
/// `corpora` are folders of .txt files, none for the texts of installed packages; an error is that
/// of reading them, or Io. With `isPrivate` the vocabulary is made of held-out text alone.
base::Result<PracticeTexts> writePracticeTexts(const std::vector<std::filesystem::path>& corpora,
    bool isPrivate, const std::filesystem::path& root, const QStringList& nodeFolders);

} // namespace loam::daemon
