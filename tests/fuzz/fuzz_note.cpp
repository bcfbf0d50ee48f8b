// SPDX-License-Identifier: GPL-3.0-or-later
// Signed notes, checkpoints and log proofs: what is accepted is written the same way again.
#include "crypto/note.h"
#include "fuzz/fuzz.h"

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = fuzz::text(data, size);
    if (const auto note = crypto::SignedNote::parse(text)) {
        ASSERT(note->encode() == text);
        for (const crypto::NoteSignature& signature : note->signatures) {
            ASSERT(!crypto::verifyNoteSignature(signature, {}, note->text));
            ASSERT(!crypto::verifyCosignature(signature, {}, note->text));
        }
    }
    if (const auto checkpoint = crypto::Checkpoint::parse(text)) {
        ASSERT(checkpoint->body() == text);
    }
    if (const auto proof = crypto::LogProof::parse(text)) {
        ASSERT(proof->encode() == text);
    }
    return 0;
}
