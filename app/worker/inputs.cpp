// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/inputs.h"

#include "base/file.h"

#include <algorithm>
#include <string_view>

namespace loam::worker {
namespace {

    namespace fs = std::filesystem;
    using base::Errc;
    using base::fail;
    using base::Result;

    constexpr std::size_t kMaxManifestBytes = 64U * 1024U;
    /// Text is encoded in pieces that end at a line's end: memory stays small, and a piece is long
    /// enough that the cut costs nothing.
    constexpr std::size_t kPieceBytes = 8U * 1024U;
    /// Fewer bytes than this for each token of a window are no text to train on.
    constexpr std::size_t kMinBytesPerToken = 8;

    template <class Value> Result<Value> naming(const fs::path& path, Result<Value> result)
    {
        if (!result && result.error().message.find(path.string()) == std::string::npos) {
            return tl::unexpected{ std::move(result).error().context(path.string()) };
        }
        return result;
    }

    Result<base::Bytes> read(const fs::path& path, std::size_t limit)
    {
        return naming(path, base::readFile(path, limit));
    }

    /// What changes when a text file changes.
    std::string fingerprint(std::span<const fs::path> files, const base::Hash256& tokenizer)
    {
        std::string key = base::toHex(tokenizer.view());
        for (const fs::path& file : files) {
            std::error_code error;
            const auto size = fs::file_size(file, error);
            const auto time = fs::last_write_time(file, error).time_since_epoch().count();
            key += '\n' + file.string() + ' ' + std::to_string(size) + ' ' + std::to_string(time);
        }
        return key;
    }

    void collectTexts(const fs::path& path, std::vector<fs::path>& out)
    {
        std::error_code error;
        if (!fs::is_directory(path, error)) {
            out.push_back(path);
            return;
        }
        const auto options = fs::directory_options::skip_permission_denied;
        fs::recursive_directory_iterator entry{ path, options, error };
        for (; !error && entry != fs::recursive_directory_iterator{}; entry.increment(error)) {
            std::error_code ignored;
            if (entry->path().extension() == ".txt" && entry->is_regular_file(ignored)) {
                out.push_back(entry->path());
            }
        }
    }

    Result<> appendTokens(
        const ml::Tokenizer& tokenizer, std::string_view text, std::vector<ml::Token>& out)
    {
        while (!text.empty()) {
            std::size_t end = text.size();
            if (end > kPieceBytes) {
                const std::size_t line = text.find('\n', kPieceBytes);
                end = line == std::string_view::npos ? end : line + 1;
            }
            TRY_ASSIGN(const std::vector<ml::Token> tokens, tokenizer.encode(text.substr(0, end)));
            out.insert(out.end(), tokens.begin(), tokens.end());
            text.remove_prefix(end);
        }
        return {};
    }

    std::string listed(std::span<const fs::path> paths)
    {
        if (paths.empty()) {
            return "(none given)";
        }
        const std::string first = paths.front().string();
        return paths.size() == 1 ? first
                                 : first + " and " + std::to_string(paths.size() - 1) + " more";
    }

} // namespace

Result<training::RunManifest> Inputs::manifest(const fs::path& path) const
{
    TRY_ASSIGN(const base::Bytes bytes, read(path, kMaxManifestBytes));
    return naming(path, training::RunManifest::decode(bytes));
}

Result<ml::Parameters> Inputs::parameters(const ml::ModelConfig& model, const fs::path& path) const
{
    return naming(path, ml::Parameters::load(model, path));
}

Result<std::shared_ptr<const ml::Tokenizer>> Inputs::tokenizer(
    const training::RunManifest& manifest, const fs::path& path)
{
    TRY_ASSIGN(const base::Bytes bytes, read(path, ml::Tokenizer::kMaxModelBytes));
    const base::Hash256 hash = training::contentHash(bytes);
    if (hash != manifest.tokenizerHash) {
        return fail(Errc::Corrupt,
            path.string() + ": not the tokenizer of run " + manifest.name
                + " (cut off, damaged or another one)");
    }
    if (m_tokenizer == nullptr || m_tokenizerHash != hash) {
        TRY_ASSIGN(m_tokenizer, naming(path, ml::Tokenizer::load(bytes)));
        m_tokenizerHash = hash;
    }
    if (m_tokenizer->vocab() > manifest.model.vocab) {
        return fail(Errc::Invalid,
            path.string() + ": has " + std::to_string(m_tokenizer->vocab())
                + " tokens, the model only " + std::to_string(manifest.model.vocab));
    }
    return m_tokenizer;
}

Result<std::shared_ptr<const TokenisedText>> Inputs::corpus(const training::RunManifest& manifest,
    const fs::path& tokenizerPath, std::span<const fs::path> paths)
{
    TRY_ASSIGN(const auto tokenizer, this->tokenizer(manifest, tokenizerPath));
    std::vector<fs::path> files;
    for (const fs::path& path : paths) {
        collectTexts(path, files);
    }
    std::ranges::sort(files);
    std::string key = fingerprint(files, manifest.tokenizerHash);
    if (m_corpus.text != nullptr && m_corpus.key == key) {
        return m_corpus.text;
    }
    auto text = std::make_shared<TokenisedText>();
    for (const fs::path& file : files) {
        const std::size_t room = kMaxTextBytes - std::min<std::size_t>(text->bytes, kMaxTextBytes);
        const auto bytes = base::readFile(file, room);
        // One unreadable file among many is no reason to stop; none at all is.
        if (!bytes || bytes->empty()) {
            continue;
        }
        if (!text->tokens.empty()) {
            text->tokens.push_back(tokenizer->eos());
        }
        TRY(appendTokens(*tokenizer, base::asText(*bytes), text->tokens));
        text->bytes += bytes->size();
    }
    const std::size_t least = manifest.model.context * kMinBytesPerToken;
    if (text->bytes < least || text->tokens.size() <= manifest.model.context) {
        return fail(Errc::Invalid,
            "corpus " + listed(paths) + " holds no readable .txt text of at least "
                + std::to_string(least)
                + " bytes; add plain text files to it or choose another folder");
    }
    m_corpus = { std::move(key), std::move(text) };
    return m_corpus.text;
}

Result<TokenisedText> Inputs::texts(const training::RunManifest& manifest,
    const fs::path& tokenizerPath, std::span<const std::string> texts)
{
    TRY_ASSIGN(const auto tokenizer, this->tokenizer(manifest, tokenizerPath));
    TokenisedText out;
    for (const std::string& text : texts) {
        if (text.empty()) {
            continue;
        }
        if (!out.tokens.empty()) {
            out.tokens.push_back(tokenizer->eos());
        }
        TRY(appendTokens(*tokenizer, text, out.tokens));
        out.bytes += text.size();
    }
    if (out.tokens.size() <= manifest.model.context) {
        return fail(Errc::Invalid,
            "the granted text has " + std::to_string(out.tokens.size())
                + " tokens, a window of this run needs "
                + std::to_string(manifest.model.context + 1) + "; grant more of it");
    }
    return out;
}

Result<std::shared_ptr<const TokenisedText>> Inputs::probe(
    const training::RunManifest& manifest, const fs::path& tokenizerPath, const fs::path& path)
{
    TRY_ASSIGN(const auto tokenizer, this->tokenizer(manifest, tokenizerPath));
    TRY_ASSIGN(const base::Bytes bytes, read(path, kMaxTextBytes));
    const base::Hash256 hash = training::contentHash(bytes);
    if (hash != manifest.probeHash) {
        return fail(Errc::Corrupt,
            path.string() + ": not the probe text of run " + manifest.name
                + " (cut off, damaged or another one)");
    }
    std::string key = base::toHex(hash.view()) + base::toHex(manifest.tokenizerHash.view());
    if (m_probe.text == nullptr || m_probe.key != key) {
        auto text = std::make_shared<TokenisedText>();
        TRY(appendTokens(*tokenizer, base::asText(bytes), text->tokens));
        text->bytes = bytes.size();
        m_probe = { std::move(key), std::move(text) };
    }
    return m_probe.text;
}

Result<TokenisedText> Inputs::text(const ml::Tokenizer& tokenizer, const fs::path& path) const
{
    TRY_ASSIGN(const base::Bytes bytes, read(path, kMaxTextBytes));
    TokenisedText text;
    text.bytes = bytes.size();
    TRY(appendTokens(tokenizer, base::asText(bytes), text.tokens));
    if (text.tokens.size() < 2) {
        return fail(Errc::Invalid, path.string() + ": holds no text");
    }
    return text;
}

} // namespace loam::worker
