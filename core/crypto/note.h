// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "crypto/ed25519.h"

#include <optional>
#include <string>
#include <vector>

namespace loam::crypto {

/// The state of a log that signatures vouch for (C2SP tlog-checkpoint).
struct Checkpoint
{
    std::string origin; ///< unique name of the log, e.g. "loam/<network id in hex>"
    std::uint64_t size{ 0 }; ///< number of leaves
    base::Hash256 root; ///< Merkle root of these leaves

    /// "origin LF size LF base64(root) LF".
    std::string body() const;
    static base::Result<Checkpoint> parse(std::string_view body);
};

/// One signature line of a signed note.
struct NoteSignature
{
    std::string name; ///< key name, no spaces and no plus sign
    std::array<std::byte, 4> keyId{};
    base::Bytes signature; ///< for a cosignature: 8 bytes of time, then 64 of Ed25519

    bool operator==(const NoteSignature&) const = default;
};

/// A signed note (C2SP signed-note): text, an empty line, signature lines.
struct SignedNote
{
    std::string text; ///< ends with a line feed
    std::vector<NoteSignature> signatures;

    std::string encode() const;
    static base::Result<SignedNote> parse(std::string_view encoded);
};

/// Key id of an Ed25519 log key: SHA-256(name LF 0x01 key)[:4].
std::array<std::byte, 4> noteKeyId(std::string_view name, const base::PublicKey& key);
/// Key id of a cosignature/v1 key: SHA-256(name LF 0x04 key)[:4].
std::array<std::byte, 4> cosignatureKeyId(std::string_view name, const base::PublicKey& key);

/// Ed25519 signature of the log itself over the text.
NoteSignature signNote(std::string_view name, const KeyPair& key, std::string_view text);
/// Witness signature (C2SP tlog-cosignature, cosignature/v1) with its time in whole seconds.
NoteSignature cosign(
    std::string_view name, const KeyPair& key, std::string_view text, base::UnixTime time);
bool verifyNoteSignature(
    const NoteSignature& signature, const base::PublicKey& key, std::string_view text);
/// Time of the cosignature if it is valid, nothing otherwise.
std::optional<base::UnixTime> verifyCosignature(
    const NoteSignature& signature, const base::PublicKey& key, std::string_view text);

/// A proof file that stands alone (C2SP tlog-proof): index, inclusion path, cosigned checkpoint.
struct LogProof
{
    std::uint64_t index{ 0 };
    base::Bytes extra; ///< opaque and not authenticated; absent when empty
    std::vector<base::Hash256> path;
    SignedNote checkpoint;

    std::string encode() const;
    static base::Result<LogProof> parse(std::string_view encoded);
};

} // namespace loam::crypto
