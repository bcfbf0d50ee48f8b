// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "base/cancellation.h"

#include <cstdint>

namespace loam::ledger {

/// Largest difficulty a genesis may ask for: about a million tries of 0.1 s.
inline constexpr std::uint8_t kMaxRegistrationDifficulty = 20;

/// True when scrypt(N = 2^15, r = 8, p = 1, passphrase = nonce as u64 BE, salt = "loam/register"
/// || network || node, 32 bytes) begins with at least `difficulty` zero bits. Difficulty 0 costs
/// nothing; else about 0.1 s and 32 MiB. Bound to network and key, so work is not transferable.
bool verifyRegistrationWork(const base::NetworkId& network, const base::PublicKey& node,
    std::uint64_t nonce, std::uint8_t difficulty);

/// Searches a nonce from `start` on; expected 2^difficulty tries. Cancelled when asked to stop.
base::Result<std::uint64_t> solveRegistrationWork(const base::NetworkId& network,
    const base::PublicKey& node, std::uint8_t difficulty, const base::CancelToken& cancel,
    std::uint64_t start = 0);

} // namespace loam::ledger
