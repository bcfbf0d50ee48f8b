// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/genesis.h"

#include "base/narrow.h"
#include "codec/cbor.h"
#include "crypto/hash.h"
#include "ledger/plain_text.h"
#include "ledger/registration.h"

#include <set>

namespace loam::ledger {

using base::Amount;
using base::Errc;
using base::fail;

namespace {

    constexpr std::uint64_t kFields = 12;
    constexpr std::size_t kMaxValidators = 100;
    constexpr std::size_t kMaxBalances = 1'000;
    constexpr std::uint32_t kMaxVestingRounds = 100;
    constexpr std::chrono::milliseconds kMaxDelta{ 600'000 };

    base::Result<std::int64_t> readMilliseconds(codec::Reader& reader, const char* field)
    {
        TRY_ASSIGN(const std::uint64_t value, reader.unsignedInt());
        if (value > kMaxMilliseconds) {
            return fail(Errc::Invalid, std::string{ "genesis: " } + field + " is out of range");
        }
        return static_cast<std::int64_t>(value);
    }

} // namespace

base::Bytes Genesis::encode() const
{
    codec::Writer out;
    out.map(kFields);
    out.key(1).text(name);
    out.key(2).unsignedInt(protocolVersion);
    out.key(3).unsignedInt(static_cast<std::uint64_t>(time.time_since_epoch().count()));
    out.key(4).array(validators.size());
    for (const base::PublicKey& validator : validators) {
        out.bytes(validator.view());
    }
    out.key(5).unsignedInt(static_cast<std::uint64_t>(delta.count()));
    out.key(6).unsignedInt(registrationDifficulty);
    out.key(7).signedInt(validatorBond.micro());
    out.key(8).array(initialBalances.size());
    for (const auto& [account, amount] : initialBalances) {
        out.array(2).bytes(account.view()).signedInt(amount.micro());
    }
    out.key(9).signedInt(transactionFee.micro());
    out.key(10).signedInt(maxEmissionPerRound.micro());
    out.key(11).unsignedInt(vestingRounds);
    out.key(12).unsignedInt(static_cast<std::uint64_t>(purpose));
    return out.take();
}

base::Result<Genesis> Genesis::decode(base::ByteView bytes)
{
    if (bytes.size() > kMaxBytes) {
        return fail(Errc::Invalid, "genesis: larger than 256 KiB");
    }
    codec::Reader in{ bytes };
    Genesis out;
    TRY(in.map(kFields));
    TRY(in.key(1));
    TRY_ASSIGN(const std::string_view name, in.text());
    out.name = std::string{ name };
    TRY(in.key(2));
    TRY_ASSIGN(out.protocolVersion, in.unsignedInt());
    TRY(in.key(3));
    TRY_ASSIGN(const std::int64_t founded, readMilliseconds(in, "time"));
    out.time = base::UnixTime{ std::chrono::milliseconds{ founded } };
    TRY(in.key(4));
    TRY_ASSIGN(const std::size_t validatorCount, in.array());
    for (std::size_t i = 0; i < validatorCount; ++i) {
        TRY_ASSIGN(const auto validator, in.fixed<base::PublicKey>());
        out.validators.push_back(validator);
    }
    TRY(in.key(5));
    TRY_ASSIGN(const std::int64_t delta, readMilliseconds(in, "delta"));
    out.delta = std::chrono::milliseconds{ delta };
    TRY(in.key(6));
    TRY_ASSIGN(const std::uint64_t difficulty, in.unsignedInt());
    if (difficulty > kMaxRegistrationDifficulty) {
        return fail(Errc::Invalid, "genesis: registration difficulty is above 20 bits");
    }
    out.registrationDifficulty = static_cast<std::uint8_t>(difficulty);
    TRY(in.key(7));
    TRY_ASSIGN(const std::int64_t bond, in.signedInt());
    out.validatorBond = Amount::fromMicro(bond);
    TRY(in.key(8));
    TRY_ASSIGN(const std::size_t balanceCount, in.array());
    for (std::size_t i = 0; i < balanceCount; ++i) {
        TRY(in.array(2));
        TRY_ASSIGN(const auto account, in.fixed<base::PublicKey>());
        TRY_ASSIGN(const std::int64_t amount, in.signedInt());
        if (!out.initialBalances.empty() && account <= out.initialBalances.rbegin()->first) {
            return fail(Errc::Invalid, "genesis: initial balances are not in ascending order");
        }
        out.initialBalances.emplace_hint(
            out.initialBalances.end(), account, Amount::fromMicro(amount));
    }
    TRY(in.key(9));
    TRY_ASSIGN(const std::int64_t fee, in.signedInt());
    out.transactionFee = Amount::fromMicro(fee);
    TRY(in.key(10));
    TRY_ASSIGN(const std::int64_t emission, in.signedInt());
    out.maxEmissionPerRound = Amount::fromMicro(emission);
    TRY(in.key(11));
    TRY_ASSIGN(const std::uint64_t vesting, in.unsignedInt());
    if (vesting > kMaxVestingRounds) {
        return fail(Errc::Invalid, "genesis: more than 100 vesting rounds");
    }
    out.vestingRounds = static_cast<std::uint32_t>(vesting);
    TRY(in.key(12));
    TRY_ASSIGN(const std::uint64_t purpose, in.unsignedInt());
    if (purpose > static_cast<std::uint64_t>(NetworkPurpose::Practice)) {
        return fail(Errc::Invalid, "genesis: unknown purpose");
    }
    out.purpose = static_cast<NetworkPurpose>(purpose);
    TRY(in.finish());
    TRY(out.validate());
    return out;
}

base::Result<> Genesis::validate() const
{
    const Amount zero;
    if (!isPlainText(name, 1, 64)) {
        return fail(Errc::Invalid, "genesis: the name must have 1 to 64 bytes of plain UTF-8");
    }
    if (protocolVersion != kProtocolVersion) {
        return fail(Errc::Invalid,
            "genesis: protocol version " + std::to_string(protocolVersion)
                + " is not the one this program speaks (" + std::to_string(kProtocolVersion) + ")");
    }
    if (time.time_since_epoch().count() < 0
        || time.time_since_epoch().count() > static_cast<std::int64_t>(kMaxMilliseconds)) {
        return fail(Errc::Invalid, "genesis: time is out of range");
    }
    if (validators.empty() || validators.size() > kMaxValidators) {
        return fail(Errc::Invalid, "genesis: 1 to 100 validators are needed");
    }
    if (std::set<base::PublicKey>{ validators.begin(), validators.end() }.size()
        != validators.size()) {
        return fail(Errc::Invalid, "genesis: a validator is named twice");
    }
    if (delta < std::chrono::milliseconds{ 1 } || delta > kMaxDelta) {
        return fail(Errc::Invalid, "genesis: delta must be 1 ms to 10 minutes");
    }
    if (registrationDifficulty > kMaxRegistrationDifficulty) {
        return fail(Errc::Invalid, "genesis: registration difficulty is above 20 bits");
    }
    if (validatorBond < zero || transactionFee < zero || maxEmissionPerRound < zero) {
        return fail(Errc::Invalid, "genesis: bond, fee and emission must not be negative");
    }
    if (vestingRounds < 1 || vestingRounds > kMaxVestingRounds) {
        return fail(Errc::Invalid, "genesis: 1 to 100 vesting rounds are needed");
    }
    if (initialBalances.size() > kMaxBalances) {
        return fail(Errc::Invalid, "genesis: more than 1,000 initial balances");
    }
    Amount sum;
    for (const auto& [account, amount] : initialBalances) {
        const std::optional<Amount> next = sum.add(amount);
        if (amount < zero || !next) {
            return fail(Errc::Invalid, "genesis: an initial balance is negative or too large");
        }
        sum = *next;
    }
    for (const base::PublicKey& validator : validators) {
        const auto balance = initialBalances.find(validator);
        const Amount has = balance == initialBalances.end() ? zero : balance->second;
        if (has < validatorBond) {
            return fail(
                Errc::Invalid, "genesis: a validator's initial balance does not cover its bond");
        }
    }
    return {};
}

base::NetworkId Genesis::networkId() const
{
    return base::NetworkId{ crypto::sha256(encode()).data };
}

consensus::Block Genesis::block() const
{
    return consensus::Block{ .height = 0, .epoch = 0, .parent = {}, .payload = encode() };
}

base::Amount Genesis::supply() const
{
    Amount sum;
    for (const auto& [account, amount] : initialBalances) {
        const std::optional<Amount> next = sum.add(amount);
        ASSERT(next.has_value());
        sum = *next;
    }
    return sum;
}

} // namespace loam::ledger
