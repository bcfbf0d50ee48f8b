// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/registration.h"

#include "crypto/kdf.h"

#include <array>
#include <bit>

namespace loam::ledger {

using base::Errc;
using base::fail;

namespace {

    constexpr crypto::ScryptCost kCost{ .n = std::uint64_t{ 1 } << 15U, .r = 8, .p = 1 };

    base::Result<unsigned> leadingZeroBits(
        const base::NetworkId& network, const base::PublicKey& node, std::uint64_t nonce)
    {
        std::array<std::byte, 8> passphrase{};
        for (std::size_t i = 0; i < passphrase.size(); ++i) {
            passphrase[i] = static_cast<std::byte>((nonce >> (56U - 8U * i)) & 0xFFU);
        }
        base::Bytes salt = base::toBytes(base::asBytes("loam/register"));
        salt.insert(salt.end(), network.data.begin(), network.data.end());
        salt.insert(salt.end(), node.data.begin(), node.data.end());
        TRY_ASSIGN(const crypto::SymmetricKey digest, crypto::scrypt(passphrase, salt, kCost));
        unsigned bits = 0;
        for (const std::byte byte : digest.view()) {
            const auto zeros
                = static_cast<unsigned>(std::countl_zero(std::to_integer<std::uint8_t>(byte)));
            bits += zeros;
            if (zeros < 8) {
                break;
            }
        }
        return bits;
    }

} // namespace

bool verifyRegistrationWork(const base::NetworkId& network, const base::PublicKey& node,
    std::uint64_t nonce, std::uint8_t difficulty)
{
    if (difficulty == 0) {
        return true;
    }
    const base::Result<unsigned> bits = leadingZeroBits(network, node, nonce);
    return bits && *bits >= difficulty;
}

base::Result<std::uint64_t> solveRegistrationWork(const base::NetworkId& network,
    const base::PublicKey& node, std::uint8_t difficulty, const base::CancelToken& cancel,
    std::uint64_t start)
{
    if (difficulty == 0) {
        return start;
    }
    if (difficulty > kMaxRegistrationDifficulty) {
        return fail(Errc::Invalid, "registration difficulty is above 20 bits");
    }
    for (std::uint64_t nonce = start;; ++nonce) {
        if (cancel.isCancelled()) {
            return fail(Errc::Cancelled, "the search for the registration's work was stopped");
        }
        TRY_ASSIGN(const unsigned bits, leadingZeroBits(network, node, nonce));
        if (bits >= difficulty) {
            return nonce;
        }
    }
}

} // namespace loam::ledger
