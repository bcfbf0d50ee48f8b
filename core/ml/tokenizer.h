// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "ml/backend.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loam::ml {

struct TokenizerTraining
{
    std::uint32_t vocab{ 2048 }; ///< 320..65,536, wanted
    std::size_t maxTextBytes{ std::size_t{ 32 } << 20U }; ///< more text than this is not looked at
};

/// A SentencePiece BPE vocabulary with byte fallback: any text can be encoded and comes back
/// unchanged. Immutable; safe from any thread.
class Tokenizer
{
public:
    static constexpr std::size_t kMaxModelBytes = std::size_t{ 16 } << 20U;

    /// Learns a vocabulary; equal texts in equal order give equal bytes. A small corpus yields a
    /// smaller vocabulary than wanted; Invalid (naming the remedy) when there is hardly any text.
    static base::Result<base::Bytes> train(
        std::span<const std::string_view> texts, const TokenizerTraining& options);
    /// The same from files, in the given order.
    static base::Result<base::Bytes> trainFromFiles(
        std::span<const std::filesystem::path> files, const TokenizerTraining& options);

    /// From the bytes of a .model file; Corrupt when they are not one.
    static base::Result<std::unique_ptr<Tokenizer>> load(base::ByteView model);
    ~Tokenizer();
    Tokenizer(const Tokenizer&) = delete;
    Tokenizer& operator=(const Tokenizer&) = delete;

    std::uint32_t vocab() const;
    Token bos() const;
    Token eos() const;
    base::Result<std::vector<Token>> encode(std::string_view text) const;
    /// Tokens outside the vocabulary are Invalid.
    base::Result<std::string> decode(std::span<const Token> tokens) const;

private:
    struct State;
    explicit Tokenizer(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace loam::ml
