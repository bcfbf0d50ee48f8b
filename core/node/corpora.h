// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace loam::node {

/// A body of public text.
struct Corpus
{
    std::string name;
    std::string text; ///< UTF-8
};

/// A text divided into what nodes may train on and what nobody trains on.
struct SplitText
{
    std::string training;
    std::string heldOut;
};

/// The plain text that Debian packages brought onto this machine (the King James Bible, the Jargon
/// File, fortunes, Perl's manual), one corpus each. Unavailable when fewer than two are installed,
/// with the packages to install.
base::Result<std::vector<Corpus>> installedCorpora();

/// Paths of all readable .txt files below a folder, in the order of their names; NotFound when the
/// folder is missing.
base::Result<std::vector<std::string>> corpusFiles(const std::filesystem::path& folder);

/// All .txt files below a folder, in the order of their names, as one corpus. NotFound when the
/// folder is missing, Invalid when it holds too little text to train on.
base::Result<Corpus> readCorpusFolder(const std::filesystem::path& folder);

/// Sets every twentieth block of lines aside.
SplitText splitHeldOut(std::string_view text);

/// Divides a text at line ends into `parts` pieces of about equal size.
std::vector<std::string> divide(std::string_view text, std::size_t parts);

} // namespace loam::node
