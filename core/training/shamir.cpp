// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/shamir.h"

#include "base/require.h"

#include <algorithm>
#include <array>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;

    __extension__ using Wide = unsigned __int128;

    constexpr std::uint64_t kPrime = (std::uint64_t{ 1 } << 61U) - 1;
    constexpr std::size_t kLimbs = 5;
    constexpr unsigned kLimbBits = 52;
    constexpr std::uint64_t kLimbMask = (std::uint64_t{ 1 } << kLimbBits) - 1;

    using Limbs = std::array<std::uint64_t, kLimbs>;

    std::uint64_t add(std::uint64_t a, std::uint64_t b)
    {
        const std::uint64_t sum = a + b;
        return sum >= kPrime ? sum - kPrime : sum;
    }

    std::uint64_t subtract(std::uint64_t a, std::uint64_t b)
    {
        return a >= b ? a - b : a + kPrime - b;
    }

    /// The product's high and low 61 bits add up to it modulo the Mersenne prime.
    std::uint64_t multiply(std::uint64_t a, std::uint64_t b)
    {
        const Wide product = Wide{ a } * b;
        return add(static_cast<std::uint64_t>(product & kPrime),
            static_cast<std::uint64_t>(product >> 61U));
    }

    /// a^(p - 2), Fermat's inverse of a != 0.
    std::uint64_t inverse(std::uint64_t a)
    {
        std::uint64_t out = 1;
        for (std::uint64_t exponent = kPrime - 2; exponent > 0; exponent >>= 1U) {
            if ((exponent & 1U) != 0) {
                out = multiply(out, a);
            }
            a = multiply(a, a);
        }
        return out;
    }

    std::uint64_t load(base::ByteView bytes)
    {
        std::uint64_t out = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            out |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
        }
        return out;
    }

    void store(base::MutableByteView bytes, std::uint64_t value)
    {
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = static_cast<std::byte>(value >> (8 * i) & 255U);
        }
    }

    /// Bits 52 k .. 52 k + 51 of the secret as limb k.
    Limbs toLimbs(base::ByteView secret)
    {
        Limbs out{};
        for (std::size_t bit = 0; bit < 256; ++bit) {
            const auto set = std::to_integer<std::uint64_t>(secret[bit / 8]) >> (bit % 8) & 1U;
            out[bit / kLimbBits] |= set << (bit % kLimbBits);
        }
        return out;
    }

    void fromLimbs(const Limbs& limbs, base::MutableByteView secret)
    {
        for (std::size_t bit = 0; bit < 256; ++bit) {
            const auto set = limbs[bit / kLimbBits] >> (bit % kLimbBits) & 1U;
            secret[bit / 8] |= static_cast<std::byte>(set << (bit % 8));
        }
    }

    std::uint64_t randomElement(crypto::KeyStream& random)
    {
        for (;;) {
            const std::uint64_t drawn = random.next64() & kPrime;
            if (drawn != kPrime) {
                return drawn;
            }
        }
    }

} // namespace

std::vector<SecretShare> splitSecret(const crypto::SymmetricKey& secret, std::uint32_t threshold,
    std::uint32_t count, crypto::KeyStream& random)
{
    ASSERT(threshold >= 1 && threshold <= count);
    std::vector<SecretShare> shares(count);
    Limbs limbs = toLimbs(secret.view());
    std::vector<std::uint64_t> polynomial(threshold);
    for (std::size_t limb = 0; limb < kLimbs; ++limb) {
        polynomial[0] = limbs[limb];
        std::generate(
            polynomial.begin() + 1, polynomial.end(), [&random] { return randomElement(random); });
        for (std::uint32_t place = 1; place <= count; ++place) {
            std::uint64_t value = 0;
            for (std::size_t power = threshold; power-- > 0;) {
                value = add(multiply(value, place), polynomial[power]);
            }
            store(shares[place - 1].mutableView().subspan(8 * limb, 8), value);
        }
    }
    crypto::wipe(std::as_writable_bytes(std::span{ limbs }));
    crypto::wipe(std::as_writable_bytes(std::span{ polynomial }));
    return shares;
}

base::Result<crypto::SymmetricKey> joinSecret(std::span<const PlacedShare* const> shares)
{
    Limbs limbs{};
    for (std::size_t i = 0; i < shares.size(); ++i) {
        // Lagrange's weight of this place at 0: product of x_j / (x_j - x_i).
        std::uint64_t above = 1;
        std::uint64_t below = 1;
        for (std::size_t j = 0; j < shares.size(); ++j) {
            if (j == i) {
                continue;
            }
            above = multiply(above, shares[j]->place);
            below = multiply(below, subtract(shares[j]->place, shares[i]->place));
        }
        if (below == 0 || shares[i]->place == 0) {
            return fail(Errc::Invalid, "shares of a secret have repeated or missing places");
        }
        const std::uint64_t weight = multiply(above, inverse(below));
        for (std::size_t limb = 0; limb < kLimbs; ++limb) {
            const std::uint64_t value = load(shares[i]->share.view().subspan(8 * limb, 8));
            if (value >= kPrime) {
                return fail(Errc::Invalid, "a share of a secret is out of its field");
            }
            limbs[limb] = add(limbs[limb], multiply(weight, value));
        }
    }
    constexpr unsigned kLastBits = 256 - (kLimbs - 1) * kLimbBits;
    const bool fits = std::all_of(limbs.begin(), limbs.end() - 1, [](std::uint64_t limb) {
        return limb <= kLimbMask;
    }) && limbs.back() >> kLastBits == 0;
    if (!fits) {
        return fail(Errc::Corrupt, "the shares do not make a secret");
    }
    crypto::SymmetricKey secret;
    fromLimbs(limbs, secret.mutableView());
    crypto::wipe(std::as_writable_bytes(std::span{ limbs }));
    return secret;
}

} // namespace loam::training
