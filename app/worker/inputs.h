// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/parameters.h"
#include "ml/tokenizer.h"
#include "training/manifest.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace loam::worker {

/// Text as a model sees it.
struct TokenisedText
{
    std::vector<ml::Token> tokens;
    std::uint64_t bytes{ 0 };
};

/// Reads the files that jobs name; every error names the file. Tokenised texts are kept for the
/// next round while their files stay the same. Weights are mapped; other files are read whole
/// within limits, because a mapped file that shrinks would end the process.
class Inputs
{
public:
    /// Text of one job at most; what is beyond it is not read.
    static constexpr std::size_t kMaxTextBytes = std::size_t{ 64 } << 20U;

    base::Result<training::RunManifest> manifest(const std::filesystem::path& path) const;
    base::Result<ml::Parameters> parameters(
        const ml::ModelConfig& model, const std::filesystem::path& path) const;
    /// Checks the file against the manifest: it must be the run's own tokenizer.
    base::Result<std::shared_ptr<const ml::Tokenizer>> tokenizer(
        const training::RunManifest& manifest, const std::filesystem::path& path);
    /// The .txt files themselves or those below folders, in the order of their names; between two
    /// files stands the tokenizer's end mark. Invalid when there is too little text for a window.
    base::Result<std::shared_ptr<const TokenisedText>> corpus(const training::RunManifest& manifest,
        const std::filesystem::path& tokenizerPath, std::span<const std::filesystem::path> paths);
    /// Texts that came in the request; nothing of them is kept here. Errors as corpus().
    base::Result<TokenisedText> texts(const training::RunManifest& manifest,
        const std::filesystem::path& tokenizerPath, std::span<const std::string> texts);
    /// The run's probe text, checked against the manifest.
    base::Result<std::shared_ptr<const TokenisedText>> probe(const training::RunManifest& manifest,
        const std::filesystem::path& tokenizerPath, const std::filesystem::path& path);
    /// Any one text file.
    base::Result<TokenisedText> text(
        const ml::Tokenizer& tokenizer, const std::filesystem::path& path) const;

private:
    struct Kept
    {
        std::string key;
        std::shared_ptr<const TokenisedText> text;
    };

    base::Hash256 m_tokenizerHash;
    std::shared_ptr<const ml::Tokenizer> m_tokenizer;
    Kept m_corpus;
    Kept m_probe;
};

} // namespace loam::worker
