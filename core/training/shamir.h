// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/key_stream.h"

#include <cstdint>
#include <span>
#include <vector>

namespace loam::training {

/// One member's part of a 32-byte secret: five numbers below 2^61 - 1, little endian.
using SecretShare = crypto::SecretBytes<struct SecretShareTag, 40>;

/// A share with the place (from 1) of the member it belongs to.
struct PlacedShare
{
    std::uint32_t place{ 0 };
    SecretShare share;
};

/// Shamir's scheme over the prime field of 2^61 - 1: the secret as five limbs of 52 bits, each the
/// value at 0 of a random polynomial of degree threshold - 1; share i is its values at i
/// = 1..count. Fewer than `threshold` shares say nothing. 1 <= threshold <= count.
std::vector<SecretShare> splitSecret(const crypto::SymmetricKey& secret, std::uint32_t threshold,
    std::uint32_t count, crypto::KeyStream& random);

/// The secret from exactly the given shares, by Lagrange's formula at 0. Invalid when places repeat
/// or are 0, or a number is out of the field; Corrupt when what comes out is no secret. Wrong
/// shares that pass give a wrong secret: compare with what is known of it.
base::Result<crypto::SymmetricKey> joinSecret(std::span<const PlacedShare* const> shares);

} // namespace loam::training
