// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/note.h"

#include "base/narrow.h"
#include "base/utf8.h"
#include "crypto/hash.h"
#include "crypto/text.h"

#include <algorithm>
#include <charconv>

namespace loam::crypto {

namespace {

    using base::Errc;
    using base::fail;

    /// Em dash and space, with which every signature line begins.
    constexpr std::string_view kDash = "\xe2\x80\x94 ";
    /// C2SP asks for at least 16; a hundred validators cosign ours.
    constexpr std::size_t kMaxSignatures = 256;
    constexpr std::size_t kMaxNoteSize = 1U << 20;
    constexpr std::size_t kTimeSize = 8;

    enum class KeyType : unsigned char { Ed25519 = 1, Cosignature = 4 };

    std::array<std::byte, 4> keyId(std::string_view name, KeyType type, const base::PublicKey& key)
    {
        const std::array<std::byte, 2> separator{ std::byte{ '\n' }, static_cast<std::byte>(type) };
        const base::Hash256 hash
            = Sha256{}.update(base::asBytes(name)).update(separator).update(key.view()).finish();
        std::array<std::byte, 4> out{};
        std::copy_n(hash.data.begin(), out.size(), out.begin());
        return out;
    }

    /// What a cosignature covers: cosignature/v1 LF "time " t LF text.
    std::string cosignedText(std::uint64_t seconds, std::string_view text)
    {
        return "cosignature/v1\ntime " + std::to_string(seconds) + '\n' + std::string{ text };
    }

    /// Unicode's white space (property White_Space) in UTF-8, and the plus sign.
    bool isKeyName(std::string_view name)
    {
        constexpr std::string_view kForbidden[]{ " ", "+", "\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80",
            "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80" };
        const auto contains
            = [name](std::string_view part) { return name.find(part) != std::string_view::npos; };
        // U+2000 to U+200A differ in their last byte only.
        for (std::size_t at = name.find("\xe2\x80"); at != std::string_view::npos;
             at = name.find("\xe2\x80", at + 1)) {
            const auto last = static_cast<unsigned char>(name[at + 2]);
            if (last >= 0x80 && last <= 0x8a) {
                return false;
            }
        }
        return !name.empty() && std::ranges::none_of(kForbidden, contains);
    }

    base::Result<NoteSignature> parseSignature(std::string_view line)
    {
        if (!line.starts_with(kDash)) {
            return fail(Errc::Invalid, "a signature line of a note begins with a dash");
        }
        line.remove_prefix(kDash.size());
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos || !isKeyName(line.substr(0, space))) {
            return fail(Errc::Invalid, "a signature line of a note has no valid key name");
        }
        TRY_ASSIGN(const base::Bytes bytes, base::fromBase64(line.substr(space + 1)));
        NoteSignature out;
        if (bytes.size() <= out.keyId.size()) {
            return fail(Errc::Invalid, "a signature of a note is too short");
        }
        out.name = line.substr(0, space);
        std::copy_n(bytes.begin(), out.keyId.size(), out.keyId.begin());
        out.signature.assign(bytes.begin() + 4, bytes.end());
        return out;
    }

} // namespace

namespace text {

    base::Result<std::string_view> line(std::string_view& rest, const char* what)
    {
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) {
            return fail(
                Errc::Invalid, std::string{ what } + " is missing or not ended by a line feed");
        }
        const std::string_view out = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        return out;
    }

    base::Result<std::uint64_t> decimal(std::string_view digits, const char* what)
    {
        std::uint64_t value = 0;
        const char* const end = digits.data() + digits.size();
        const auto [stop, code] = std::from_chars(digits.data(), end, value);
        if (code != std::errc{} || stop != end || (digits.size() > 1 && digits[0] == '0')) {
            return fail(Errc::Invalid, std::string{ what } + " is not a plain decimal number");
        }
        return value;
    }

} // namespace text

std::string Checkpoint::body() const
{
    return origin + '\n' + std::to_string(size) + '\n' + base::toBase64(root.view()) + '\n';
}

base::Result<Checkpoint> Checkpoint::parse(std::string_view body)
{
    Checkpoint out;
    TRY_ASSIGN(out.origin, text::line(body, "the checkpoint's origin"));
    if (out.origin.empty()) {
        return fail(Errc::Invalid, "the checkpoint's origin is empty");
    }
    TRY_ASSIGN(const std::string_view size, text::line(body, "the checkpoint's size"));
    TRY_ASSIGN(out.size, text::decimal(size, "the checkpoint's size"));
    TRY_ASSIGN(const std::string_view root, text::line(body, "the checkpoint's root"));
    TRY_ASSIGN(const base::Bytes bytes, base::fromBase64(root));
    TRY_ASSIGN(out.root, base::Hash256::from(bytes));
    if (!body.empty()) {
        return fail(Errc::Invalid, "the checkpoint has lines beyond its root");
    }
    return out;
}

std::string SignedNote::encode() const
{
    std::string out = text + '\n';
    for (const NoteSignature& signature : signatures) {
        base::Bytes bytes{ signature.keyId.begin(), signature.keyId.end() };
        bytes.insert(bytes.end(), signature.signature.begin(), signature.signature.end());
        out += std::string{ kDash } + signature.name + ' ' + base::toBase64(bytes) + '\n';
    }
    return out;
}

base::Result<SignedNote> SignedNote::parse(std::string_view encoded)
{
    if (encoded.size() > kMaxNoteSize) {
        return fail(Errc::Invalid, "the signed note is larger than 1 MiB");
    }
    const auto isControl = [](char c) { return c >= 0 && c < ' ' && c != '\n'; };
    if (!base::isUtf8(encoded) || std::ranges::any_of(encoded, isControl)) {
        return fail(Errc::Invalid, "the signed note is not plain UTF-8 text");
    }
    // The last empty line separates text and signatures; the text may have empty lines too.
    const std::size_t end = encoded.rfind("\n\n");
    if (end == std::string_view::npos) {
        return fail(Errc::Invalid, "the signed note has no empty line before its signatures");
    }
    SignedNote out;
    out.text = encoded.substr(0, end + 1);
    std::string_view rest = encoded.substr(end + 2);
    while (!rest.empty()) {
        if (out.signatures.size() == kMaxSignatures) {
            return fail(Errc::Invalid, "the signed note has too many signatures");
        }
        TRY_ASSIGN(const std::string_view line, text::line(rest, "a signature line"));
        TRY_ASSIGN(NoteSignature signature, parseSignature(line));
        out.signatures.push_back(std::move(signature));
    }
    if (out.signatures.empty()) {
        return fail(Errc::Invalid, "the signed note has no signature");
    }
    return out;
}

std::array<std::byte, 4> noteKeyId(std::string_view name, const base::PublicKey& key)
{
    return keyId(name, KeyType::Ed25519, key);
}

std::array<std::byte, 4> cosignatureKeyId(std::string_view name, const base::PublicKey& key)
{
    return keyId(name, KeyType::Cosignature, key);
}

NoteSignature signNote(std::string_view name, const KeyPair& key, std::string_view text)
{
    return { std::string{ name }, noteKeyId(name, key.publicKey()),
        base::toBytes(key.sign(base::asBytes(text)).view()) };
}

NoteSignature cosign(
    std::string_view name, const KeyPair& key, std::string_view text, base::UnixTime time)
{
    const auto since = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch();
    const auto seconds = base::narrow<std::uint64_t>(since.count());
    const base::Signature signature = key.sign(base::asBytes(cosignedText(seconds, text)));
    base::Bytes bytes;
    bytes.reserve(kTimeSize + base::Signature::kSize);
    for (std::size_t i = 0; i < kTimeSize; ++i) {
        bytes.push_back(static_cast<std::byte>(seconds >> (56 - 8 * i) & 255U));
    }
    bytes.insert(bytes.end(), signature.data.begin(), signature.data.end());
    return { std::string{ name }, cosignatureKeyId(name, key.publicKey()), std::move(bytes) };
}

bool verifyNoteSignature(
    const NoteSignature& signature, const base::PublicKey& key, std::string_view text)
{
    const auto value = base::Signature::from(signature.signature);
    return value && signature.keyId == noteKeyId(signature.name, key)
        && verify(key, base::asBytes(text), *value);
}

std::optional<base::UnixTime> verifyCosignature(
    const NoteSignature& signature, const base::PublicKey& key, std::string_view text)
{
    if (signature.signature.size() != kTimeSize + base::Signature::kSize
        || signature.keyId != cosignatureKeyId(signature.name, key)) {
        return std::nullopt;
    }
    const base::ByteView bytes{ signature.signature };
    std::uint64_t seconds = 0;
    for (const std::byte b : bytes.first(kTimeSize)) {
        seconds = seconds << 8 | std::to_integer<std::uint64_t>(b);
    }
    const auto value = base::Signature::from(bytes.subspan(kTimeSize));
    // A signer may claim any second; those beyond our clock's range do not count.
    constexpr std::uint64_t kMaxSeconds = INT64_MAX / 1000;
    if (seconds > kMaxSeconds || !value
        || !verify(key, base::asBytes(cosignedText(seconds, text)), *value)) {
        return std::nullopt;
    }
    return base::UnixTime{ std::chrono::seconds{ seconds } };
}

} // namespace loam::crypto
