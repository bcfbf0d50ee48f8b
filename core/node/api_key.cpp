// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/api_key.h"

#include "crypto/hash.h"
#include "crypto/random.h"

#include <array>

namespace loam::node {

namespace {

    constexpr std::size_t kKeyBytes = 32;

} // namespace

std::string ApiKey::make()
{
    std::array<std::byte, kKeyBytes> bytes;
    crypto::randomBytes(bytes);
    std::string letters = base::toBase64(bytes);
    letters.pop_back(); // the padding
    for (char& letter : letters) {
        letter = letter == '+' ? '-' : letter == '/' ? '_' : letter;
    }
    return "loam-" + letters;
}

std::string ApiKey::hashOf(std::string_view key)
{
    return base::toHex(crypto::sha256(base::asBytes(key)).view());
}

bool ApiKey::fits(std::string_view key, std::string_view hash)
{
    const auto wanted = base::fixedFromHex<base::Hash256>(hash);
    const base::Hash256 shown = crypto::sha256(base::asBytes(key));
    return wanted && crypto::equalConstantTime(shown.view(), wanted->view());
}

std::string randomHex(std::size_t bytes)
{
    base::Bytes random(bytes);
    crypto::randomBytes(random);
    return base::toHex(random);
}

} // namespace loam::node
