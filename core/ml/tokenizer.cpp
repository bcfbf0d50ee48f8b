// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/tokenizer.h"

#include "base/file.h"
#include "ml/text_segments.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <unordered_set>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    namespace sp = sentencepiece;

    constexpr std::uint32_t kSmallestVocab = 320;
    constexpr std::uint32_t kLargestVocab = 65'536;
    constexpr std::size_t kLeastTextBytes = 1'024;
    /// SentencePiece leaves out lines above 4,192 bytes: longer ones are cut before they reach it.
    constexpr std::size_t kLineBytes = 2'048;
    constexpr std::size_t kByteValues = 256;
    /// Bytes, unknown, begin and end.
    constexpr std::uint32_t kReservedTokens = 259;

    /// Feeds the trainer with the lines of all texts, each text up to its share of the limit.
    /// Characters beyond the `mostCharacters` most frequent ones are cut out: bytes stand for them,
    /// so that scripts with thousands of characters leave room for longer pieces.
    class Lines final : public sp::SentenceIterator
    {
    public:
        Lines(std::span<const std::string_view> texts, const TokenizerTraining& options)
        {
            std::size_t total = 0;
            for (const std::string_view text : texts) {
                total += text.size();
            }
            const double share = total <= options.maxTextBytes
                ? 1.0
                : static_cast<double>(options.maxTextBytes) / static_cast<double>(total);
            std::vector<std::string_view> runs;
            for (const std::string_view text : texts) {
                const auto bytes
                    = static_cast<std::size_t>(static_cast<double>(text.size()) * share);
                forEachSegment(text.substr(0, bytes), [&](std::string_view segment, bool plain) {
                    if (plain) {
                        runs.push_back(segment);
                    }
                });
            }
            const auto known = frequentCharacters(runs, (options.vocab - kReservedTokens) / 2);
            for (const std::string_view run : runs) {
                addLines(run, known);
            }
        }

        std::size_t bytes() const { return m_bytes; }

        bool done() const override { return m_at >= m_lines.size(); }
        void Next() override
        {
            ++m_at;
            load();
        }
        const std::string& value() const override { return m_value; }
        sp::util::Status status() const override { return {}; }
        void rewind()
        {
            m_at = 0;
            load();
        }

    private:
        using Characters = std::unordered_set<std::string_view>;

        static Characters frequentCharacters(
            std::span<const std::string_view> runs, std::size_t mostCharacters)
        {
            std::map<std::string_view, std::size_t> counts;
            for (std::string_view run : runs) {
                while (!run.empty()) {
                    const std::size_t length = utf8CharacterLength(run);
                    ++counts[run.substr(0, length)];
                    run.remove_prefix(length);
                }
            }
            std::vector<std::pair<std::string_view, std::size_t>> sorted{ counts.begin(),
                counts.end() };
            std::ranges::stable_sort(
                sorted, std::ranges::greater{}, [](const auto& one) { return one.second; });
            sorted.resize(std::min(sorted.size(), mostCharacters));
            Characters known;
            for (const auto& [character, count] : sorted) {
                known.insert(character);
            }
            return known;
        }

        void load()
        {
            if (!done()) {
                m_value.assign(m_lines[m_at]);
            }
        }

        void addLine(std::string_view line)
        {
            if (!line.empty()) {
                m_lines.push_back(line);
                m_bytes += line.size();
            }
        }

        /// Cuts at line ends, at unknown characters, and where a line grows too long (after a space
        /// once it is half as long).
        void addLines(std::string_view text, const Characters& known)
        {
            std::size_t begin = 0;
            std::size_t at = 0;
            while (at < text.size()) {
                const std::size_t length = utf8CharacterLength(text.substr(at));
                const std::string_view character = text.substr(at, length);
                const std::size_t soFar = at - begin;
                if (character == "\n" || !known.contains(character)) {
                    addLine(text.substr(begin, soFar));
                    begin = at + length;
                } else if (soFar >= kLineBytes || (soFar >= kLineBytes / 2 && character == " ")) {
                    addLine(text.substr(begin, soFar));
                    begin = at;
                }
                at += length;
            }
            addLine(text.substr(begin));
        }

        std::vector<std::string_view> m_lines;
        std::size_t m_bytes{ 0 };
        std::size_t m_at{ 0 };
        std::string m_value;
    };

    std::unordered_map<std::string, std::string> trainerSettings(std::uint32_t vocab)
    {
        return {
            { "model_type", "bpe" },
            { "vocab_size", std::to_string(vocab) },
            { "hard_vocab_limit", "false" },
            { "byte_fallback", "true" },
            { "character_coverage", "1.0" },
            // What goes in must come out: no normalisation, no space added or removed.
            { "normalization_rule_name", "identity" },
            { "add_dummy_prefix", "false" },
            { "remove_extra_whitespaces", "false" },
            { "allow_whitespace_only_pieces", "true" },
            { "split_digits", "true" },
            { "num_threads", "1" },
            { "input_sentence_size", "0" },
            { "shuffle_input_sentence", "false" },
            { "unk_id", "0" },
            { "bos_id", "1" },
            { "eos_id", "2" },
            { "pad_id", "-1" },
            // Errors come back as a status; nothing is printed.
            { "minloglevel", "3" },
        };
    }

} // namespace

struct Tokenizer::State
{
    sp::SentencePieceProcessor processor;
    std::array<Token, kByteValues> byteTokens{};
    std::vector<std::string> texts; ///< what each token stands for
};

Tokenizer::Tokenizer(std::unique_ptr<State> state)
    : m_state{ std::move(state) }
{
}

Tokenizer::~Tokenizer() = default;

Result<base::Bytes> Tokenizer::train(
    std::span<const std::string_view> texts, const TokenizerTraining& options)
{
    if (options.vocab < kSmallestVocab || options.vocab > kLargestVocab) {
        return fail(Errc::Invalid,
            fmt::format("a vocabulary has {} to {} tokens", kSmallestVocab, kLargestVocab));
    }
    Lines lines{ texts, options };
    if (lines.bytes() < kLeastTextBytes) {
        return fail(Errc::Invalid,
            fmt::format(
                "only {} bytes of readable text: add text files until there are at least {}",
                lines.bytes(), kLeastTextBytes));
    }
    std::string reason;
    try {
        std::string model;
        lines.rewind();
        const sp::util::Status status
            = sp::SentencePieceTrainer::Train(trainerSettings(options.vocab), &lines, &model);
        if (status.ok()) {
            return base::toBytes(base::asBytes(model));
        }
        reason = status.ToString();
    } catch (const std::exception& error) {
        reason = error.what();
    }
    return fail(Errc::Invalid,
        fmt::format("no vocabulary of {} tokens can be learnt from this text: add text or ask for "
                    "another size ({})",
            options.vocab, reason));
}

Result<base::Bytes> Tokenizer::trainFromFiles(
    std::span<const std::filesystem::path> files, const TokenizerTraining& options)
{
    constexpr std::size_t kMaxFileBytes = std::size_t{ 256 } << 20U;
    std::vector<base::Bytes> contents;
    std::vector<std::string_view> texts;
    std::size_t total = 0;
    for (const std::filesystem::path& file : files) {
        TRY_ASSIGN(base::Bytes bytes, base::readFile(file, kMaxFileBytes));
        total += bytes.size();
        if (total > 4 * kMaxFileBytes) {
            return fail(Errc::Invalid, "more than 1 GiB of text files: choose fewer");
        }
        contents.push_back(std::move(bytes));
        texts.push_back(base::asText(contents.back()));
    }
    return train(texts, options);
}

Result<std::unique_ptr<Tokenizer>> Tokenizer::load(base::ByteView model)
{
    if (model.empty() || model.size() > kMaxModelBytes) {
        return fail(Errc::Corrupt, "a tokenizer model has 1 byte to 16 MiB");
    }
    auto state = std::make_unique<State>();
    sp::SentencePieceProcessor& processor = state->processor;
    try {
        if (!processor.LoadFromSerializedProto(base::asText(model)).ok()) {
            return fail(Errc::Corrupt, "these bytes are not a SentencePiece model");
        }
    } catch (const std::exception& error) {
        return fail(Errc::Corrupt, fmt::format("a broken SentencePiece model: {}", error.what()));
    }
    const int pieces = processor.GetPieceSize();
    if (pieces < static_cast<int>(kByteValues) || pieces > static_cast<int>(kLargestVocab)) {
        return fail(Errc::Corrupt, "a tokenizer with too few or too many tokens");
    }
    for (std::size_t byte = 0; byte < kByteValues; ++byte) {
        const int id = processor.PieceToId(fmt::format("<0x{:02X}>", byte));
        if (!processor.IsByte(id)) {
            return fail(Errc::Corrupt, "the tokenizer has no fallback for every byte");
        }
        state->byteTokens[byte] = id;
    }
    for (int id = 0; id < pieces; ++id) {
        state->texts.push_back(processor.IsControl(id) || processor.IsUnknown(id)
                ? std::string{}
                : withPlainSpaces(processor.IdToPiece(id)));
    }
    for (std::size_t byte = 0; byte < kByteValues; ++byte) {
        state->texts[static_cast<std::size_t>(state->byteTokens[byte])]
            = std::string(1, static_cast<char>(byte));
    }
    return std::unique_ptr<Tokenizer>{ new Tokenizer{ std::move(state) } };
}

std::uint32_t Tokenizer::vocab() const
{
    return static_cast<std::uint32_t>(m_state->texts.size());
}

Token Tokenizer::bos() const
{
    return m_state->processor.bos_id();
}

Token Tokenizer::eos() const
{
    return m_state->processor.eos_id();
}

Result<std::vector<Token>> Tokenizer::encode(std::string_view text) const
{
    std::vector<Token> tokens;
    std::vector<int> part;
    bool failed = false;
    try {
        forEachSegment(text, [&](std::string_view segment, bool plain) {
            if (!plain) {
                for (const char c : segment) {
                    tokens.push_back(m_state->byteTokens[static_cast<unsigned char>(c)]);
                }
                return;
            }
            failed = failed || !m_state->processor.Encode(segment, &part).ok();
            tokens.insert(tokens.end(), part.begin(), part.end());
        });
    } catch (const std::exception& error) {
        return fail(Errc::Invalid, fmt::format("this text cannot be encoded: {}", error.what()));
    }
    if (failed) {
        return fail(Errc::Invalid, "this text cannot be encoded");
    }
    return tokens;
}

Result<std::string> Tokenizer::decode(std::span<const Token> tokens) const
{
    std::string text;
    for (const Token token : tokens) {
        if (token < 0 || static_cast<std::size_t>(token) >= m_state->texts.size()) {
            return fail(Errc::Invalid, fmt::format("token {} is outside the vocabulary", token));
        }
        text += m_state->texts[static_cast<std::size_t>(token)];
    }
    return text;
}

} // namespace loam::ml
