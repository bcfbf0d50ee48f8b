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

/// One block of lines in so many is held out of what a run trains on, and of what an adapter of the
/// owner's own is trained on, whose text is shorter.
inline constexpr std::size_t kHeldOutOfRuns = 20;
inline constexpr std::size_t kHeldOutAtHome = 10;

/// Sets every n-th block of lines aside. Which of them depends on this text alone; of texts with
/// fewer blocks than that, chance by their own words decides.
SplitText splitHeldOut(std::string_view text, std::size_t every = kHeldOutOfRuns);

/// Leaves of each private text what is trained on, and appends what was held out of them. Returns
/// how many texts are trained on: the first ones.
std::size_t setHeldOutApart(std::vector<std::string>& texts, std::size_t every);

/// Divides a text at line ends into `parts` pieces of about equal size.
std::vector<std::string> divide(std::string_view text, std::size_t parts);

} // namespace loam::node
