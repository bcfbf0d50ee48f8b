// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/note.h"
#include "crypto/text.h"

namespace loam::crypto {

namespace {

    using base::Errc;
    using base::fail;

    constexpr std::string_view kHeader = "c2sp.org/tlog-proof@v1";
    constexpr std::string_view kExtra = "extra ";
    constexpr std::string_view kIndex = "index ";
    /// A tree of 2^63 leaves has paths of 63 hashes.
    constexpr std::size_t kMaxPath = 63;
    constexpr std::size_t kMaxProofSize = 2U << 20;

} // namespace

std::string LogProof::encode() const
{
    std::string out{ kHeader };
    out += '\n';
    if (!extra.empty()) {
        out += std::string{ kExtra } + base::toBase64(extra) + '\n';
    }
    out += std::string{ kIndex } + std::to_string(index) + '\n';
    for (const base::Hash256& hash : path) {
        out += base::toBase64(hash.view()) + '\n';
    }
    return out + '\n' + checkpoint.encode();
}

base::Result<LogProof> LogProof::parse(std::string_view encoded)
{
    if (encoded.size() > kMaxProofSize) {
        return fail(Errc::Invalid, "the log proof is larger than 2 MiB");
    }
    LogProof out;
    TRY_ASSIGN(const std::string_view header, text::line(encoded, "the log proof's header"));
    if (header != kHeader) {
        return fail(Errc::Invalid, "the log proof does not begin with " + std::string{ kHeader });
    }
    TRY_ASSIGN(std::string_view line, text::line(encoded, "the log proof's index"));
    if (line.starts_with(kExtra)) {
        TRY_ASSIGN(out.extra, base::fromBase64(line.substr(kExtra.size())));
        if (out.extra.empty()) {
            return fail(Errc::Invalid, "the log proof's extra line is empty");
        }
        TRY_ASSIGN(line, text::line(encoded, "the log proof's index"));
    }
    if (!line.starts_with(kIndex)) {
        return fail(Errc::Invalid, "the log proof has no index line");
    }
    TRY_ASSIGN(out.index, text::decimal(line.substr(kIndex.size()), "the log proof's index"));
    for (;;) {
        TRY_ASSIGN(line, text::line(encoded, "the log proof's empty line"));
        if (line.empty()) {
            break;
        }
        if (out.path.size() == kMaxPath) {
            return fail(Errc::Invalid, "the log proof's path is too long");
        }
        TRY_ASSIGN(const base::Bytes bytes, base::fromBase64(line));
        TRY_ASSIGN(const base::Hash256 hash, base::Hash256::from(bytes));
        out.path.push_back(hash);
    }
    TRY_ASSIGN(out.checkpoint, SignedNote::parse(encoded));
    return out;
}

} // namespace loam::crypto
