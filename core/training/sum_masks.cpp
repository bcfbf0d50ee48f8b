// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/sum_masks.h"

#include "crypto/hash.h"
#include "crypto/kdf.h"

#include <algorithm>
#include <array>

namespace loam::training::masks {
namespace {

    void appendNumber(base::Bytes& out, std::uint64_t value)
    {
        for (unsigned shift = 64; shift > 0; shift -= 8) {
            out.push_back(static_cast<std::byte>(value >> (shift - 8) & 255U));
        }
    }

    /// group || round: what ties every key to one group of one round.
    base::Bytes context(const SumTerms& terms)
    {
        base::Bytes out = base::toBytes(terms.group.view());
        appendNumber(out, terms.round);
        return out;
    }

} // namespace

base::Hash256 listHash(base::ByteView list)
{
    return crypto::Sha256{}.update(base::asBytes("loam/private/list/v1")).update(list).finish();
}

base::Hash256 seedHash(const SumTerms& terms, const crypto::SymmetricKey& seed)
{
    return crypto::Sha256{}
        .update(base::asBytes("loam/private/seed/v1"))
        .update(context(terms))
        .update(seed.view())
        .finish();
}

void apply(const SumTerms& terms, const crypto::SymmetricKey& maskKey, Sign sign,
    std::span<std::uint32_t> values)
{
    crypto::KeyStream stream{ crypto::StreamCipher::Aes256Ctr, maskKey };
    std::array<std::byte, 16384> block{};
    while (!values.empty()) {
        const std::size_t words = std::min(values.size(), block.size() / 4);
        stream.fill(base::MutableByteView{ block }.first(words * 4));
        for (std::size_t i = 0; i < words; ++i) {
            const std::uint32_t word = std::to_integer<std::uint32_t>(block[4 * i])
                | std::to_integer<std::uint32_t>(block[4 * i + 1]) << 8U
                | std::to_integer<std::uint32_t>(block[4 * i + 2]) << 16U
                | std::to_integer<std::uint32_t>(block[4 * i + 3]) << 24U;
            values[i] = (sign == Sign::Plus ? values[i] + word : values[i] - word) & terms.mask();
        }
        values = values.subspan(words);
    }
    crypto::wipe(block);
}

crypto::SymmetricKey ownKey(const SumTerms& terms, const crypto::SymmetricKey& seed)
{
    return crypto::hkdfKey(seed.view(), context(terms), base::asBytes("loam/private/own-mask/v1"));
}

base::Result<crypto::SymmetricKey> pairKey(
    const SumTerms& terms, const crypto::AgreementKey& mine, const crypto::X25519Public& theirs)
{
    TRY_ASSIGN(const crypto::SymmetricKey shared, mine.agree(theirs));
    return crypto::hkdfKey(
        shared.view(), context(terms), base::asBytes("loam/private/pair-mask/v1"));
}

base::Result<crypto::SymmetricKey> shareKey(const SumTerms& terms, const crypto::AgreementKey& mine,
    const crypto::X25519Public& theirs, std::uint32_t from, std::uint32_t to)
{
    TRY_ASSIGN(const crypto::SymmetricKey shared, mine.agree(theirs));
    base::Bytes info = base::toBytes(base::asBytes("loam/private/shares/v1"));
    appendNumber(info, from);
    appendNumber(info, to);
    return crypto::hkdfKey(shared.view(), context(terms), info);
}

base::Bytes shareContext(const SumTerms& terms, std::uint32_t from, std::uint32_t to)
{
    base::Bytes out = context(terms);
    appendNumber(out, from);
    appendNumber(out, to);
    return out;
}

} // namespace loam::training::masks
