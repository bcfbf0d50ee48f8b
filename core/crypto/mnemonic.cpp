// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/mnemonic.h"

#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "crypto/wordlist.h"

#include <algorithm>
#include <charconv>

namespace loam::crypto {

namespace {

    using base::Errc;
    using base::fail;

    constexpr std::size_t kBitsPerWord = 11;
    constexpr std::size_t kIdentityWords = 24;

    /// The words in lower case; any run of ASCII white space separates.
    std::vector<std::string> split(std::string_view text)
    {
        std::vector<std::string> words;
        bool between = true;
        for (const char c : text) {
            const bool space = c == ' ' || (c >= '\t' && c <= '\r');
            if (!space) {
                if (between) {
                    words.emplace_back();
                }
                words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            }
            between = space;
        }
        return words;
    }

    std::string join(std::span<const std::string> words)
    {
        std::string out;
        for (const std::string& word : words) {
            out += (out.empty() ? "" : " ") + word;
        }
        return out;
    }

    /// A mistyped word as an error message may show it.
    std::string quote(const std::string& word)
    {
        const bool plain = word.size() <= 20
            && std::ranges::all_of(word, [](char c) { return c > ' ' && c < 127; });
        return plain ? " (\"" + word + "\")" : std::string{};
    }

    void wipeText(std::string& text)
    {
        wipe(std::as_writable_bytes(std::span{ text.data(), text.size() }));
    }

    void wipeWords(std::vector<std::string>& words)
    {
        std::ranges::for_each(words, wipeText);
    }

    /// Number of the word in the list.
    base::Result<std::size_t> indexOf(const std::vector<std::string>& words, std::size_t position)
    {
        const auto found
            = std::ranges::lower_bound(kBip39Words, std::string_view{ words[position] });
        if (found == kBip39Words.end() || *found != words[position]) {
            return fail(Errc::Invalid,
                "word " + std::to_string(position + 1) + quote(words[position])
                    + " is not in the list of recovery words");
        }
        return static_cast<std::size_t>(found - kBip39Words.begin());
    }

    base::Result<base::Bytes> decode(const std::vector<std::string>& words)
    {
        if (words.size() < 12 || words.size() > 24 || words.size() % 3 != 0) {
            return fail(Errc::Invalid,
                "a recovery phrase has 12, 15, 18, 21 or 24 words, not "
                    + std::to_string(words.size()));
        }
        const std::size_t checksumBits = words.size() / 3;
        base::Bytes bits((words.size() * kBitsPerWord + 7) / 8);
        for (std::size_t i = 0; i < words.size(); ++i) {
            TRY_ASSIGN(const std::size_t index, indexOf(words, i));
            for (std::size_t j = 0; j < kBitsPerWord; ++j) {
                const std::size_t at = i * kBitsPerWord + j;
                if ((index >> (kBitsPerWord - 1 - j) & 1U) != 0) {
                    bits[at / 8] |= std::byte{ 0x80 } >> (at % 8);
                }
            }
        }
        const std::size_t size = words.size() * kBitsPerWord / 33 * 4;
        const std::byte checksum = bits[size];
        bits.resize(size);
        const auto mask = static_cast<std::byte>(0xff00U >> checksumBits & 0xffU);
        if ((sha256(bits).data[0] & mask) != (checksum & mask)) {
            wipe(bits);
            return fail(Errc::Invalid,
                "the recovery phrase fails its checksum: a word is wrong or out of place");
        }
        return bits;
    }

} // namespace

base::Result<std::string> mnemonicFromEntropy(base::ByteView entropy)
{
    if (entropy.size() < 16 || entropy.size() > 32 || entropy.size() % 4 != 0) {
        return fail(
            Errc::Invalid, "entropy of a recovery phrase must be 16, 20, 24, 28 or 32 bytes");
    }
    const std::byte checksum = sha256(entropy).data[0];
    const std::size_t count = entropy.size() * 3 / 4;
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t index = 0;
        for (std::size_t at = i * kBitsPerWord; at < (i + 1) * kBitsPerWord; ++at) {
            const std::byte source = at / 8 < entropy.size() ? entropy[at / 8] : checksum;
            const bool bit = (source & std::byte{ 0x80 } >> (at % 8)) != std::byte{ 0 };
            index = index << 1 | (bit ? 1U : 0U);
        }
        out += i == 0 ? "" : " ";
        out += kBip39Words[index];
    }
    return out;
}

base::Result<base::Bytes> entropyFromMnemonic(std::string_view words)
{
    std::vector<std::string> list = split(words);
    base::Result<base::Bytes> entropy = decode(list);
    wipeWords(list);
    return entropy;
}

std::array<std::byte, 64> seedFromMnemonic(std::string_view words, std::string_view passphrase)
{
    std::vector<std::string> list = split(words);
    std::string normalised = join(list);
    const std::string salt = "mnemonic" + std::string{ passphrase };
    const std::array<std::byte, 64> seed
        = pbkdf2Sha512(base::asBytes(normalised), base::asBytes(salt), 2048);
    wipeText(normalised);
    wipeWords(list);
    return seed;
}

base::Result<Seed> deriveSlip10(base::ByteView seed, std::string_view path)
{
    if (seed.size() < 16 || seed.size() > 64) {
        return fail(Errc::Invalid, "a SLIP-0010 seed has 16 to 64 bytes");
    }
    if (!path.starts_with('m')) {
        return fail(Errc::Invalid, "a derivation path begins with m");
    }
    path.remove_prefix(1);
    // Left half: key; right half: chain code.
    std::array<std::byte, 64> node = hmacSha512(base::asBytes("ed25519 seed"), seed);
    while (!path.empty()) {
        std::uint32_t index = 0;
        const char* const end = path.data() + path.size();
        const auto [stop, code] = std::from_chars(path.data() + 1, end, index);
        if (path[0] != '/' || code != std::errc{} || stop == end || *stop != '\''
            || index >= 1U << 31) {
            wipe(node);
            return fail(
                Errc::Invalid, "a derivation path has hardened indices only, like m/44'/6243'/0'");
        }
        path.remove_prefix(static_cast<std::size_t>(stop + 1 - path.data()));
        std::array<std::byte, 37> data{};
        std::copy_n(node.begin(), 32, data.begin() + 1);
        for (std::size_t i = 0; i < 4; ++i) {
            data[33 + i] = static_cast<std::byte>((index | 1U << 31) >> (24 - 8 * i) & 255U);
        }
        node = hmacSha512(base::ByteView{ node }.last(32), data);
        wipe(data);
    }
    Seed out;
    std::copy_n(node.begin(), Seed::kSize, out.mutableView().begin());
    wipe(node);
    return out;
}

base::Result<KeyPair> identityFromMnemonic(std::string_view words)
{
    std::vector<std::string> list = split(words);
    const std::size_t count = list.size();
    base::Result<base::Bytes> entropy = decode(list);
    wipeWords(list);
    if (!entropy) {
        return tl::unexpected{ std::move(entropy).error() };
    }
    wipe(*entropy);
    if (count != kIdentityWords) {
        return fail(
            Errc::Invalid, "an identity has 24 recovery words, not " + std::to_string(count));
    }
    std::array<std::byte, 64> seed = seedFromMnemonic(words, "");
    base::Result<Seed> key = deriveSlip10(seed, "m/44'/6243'/0'");
    wipe(seed);
    if (!key) {
        return tl::unexpected{ std::move(key).error() };
    }
    return KeyPair{ std::move(*key) };
}

} // namespace loam::crypto
