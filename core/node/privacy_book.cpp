// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/privacy_book.h"

#include "base/file.h"
#include "codec/cbor.h"

#include <algorithm>
#include <bit>

namespace loam::node {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    constexpr std::uint64_t kVersion = 1;
    constexpr std::size_t kMostBytes = std::size_t{ 16 } << 20U;

    Result<PrivacySpending> readSpending(codec::Reader& in)
    {
        PrivacySpending out;
        TRY(in.array(6));
        TRY_ASSIGN(out.run, in.fixed<base::Hash256>());
        TRY_ASSIGN(out.round, in.unsignedInt());
        for (double* const value : { &out.rho, &out.epsilon, &out.delta }) {
            TRY_ASSIGN(const std::uint64_t bits, in.unsignedInt());
            *value = std::bit_cast<double>(bits);
        }
        TRY_ASSIGN(const std::int64_t time, in.signedInt());
        out.time = base::UnixTime{ std::chrono::milliseconds{ time } };
        return out;
    }

    Result<std::vector<PrivacySpending>> decode(base::ByteView bytes)
    {
        codec::Reader in{ bytes };
        TRY(in.array(2));
        TRY_ASSIGN(const std::uint64_t version, in.unsignedInt());
        if (version != kVersion) {
            return fail(Errc::Invalid, "unknown version");
        }
        TRY_ASSIGN(const std::size_t count, in.array());
        std::vector<PrivacySpending> out;
        for (std::size_t i = 0; i < count; ++i) {
            TRY_ASSIGN(PrivacySpending spending, readSpending(in));
            out.push_back(spending);
        }
        TRY(in.finish());
        return out;
    }

} // namespace

Result<PrivacyBook> PrivacyBook::open(const std::filesystem::path& path)
{
    PrivacyBook book{ path };
    std::error_code code;
    if (!std::filesystem::exists(path, code) && !code) {
        return book;
    }
    TRY_ASSIGN(const base::Bytes bytes, base::readFile(path, kMostBytes));
    auto spendings = decode(bytes);
    if (!spendings) {
        return fail(Errc::Corrupt,
            path.string() + " is damaged (" + spendings.error().message
                + "): restore it from a backup; no private round is joined without it");
    }
    book.m_spendings = std::move(*spendings);
    return book;
}

base::Bytes PrivacyBook::encode() const
{
    codec::Writer out;
    out.array(2).unsignedInt(kVersion).array(m_spendings.size());
    for (const PrivacySpending& spending : m_spendings) {
        out.array(6).bytes(spending.run.view()).unsignedInt(spending.round);
        for (const double value : { spending.rho, spending.epsilon, spending.delta }) {
            out.unsignedInt(std::bit_cast<std::uint64_t>(value));
        }
        out.signedInt(spending.time.time_since_epoch().count());
    }
    return out.take();
}

Result<> PrivacyBook::spend(const PrivacySpending& spending, double epsilonPromised)
{
    const bool isRepeated = std::any_of(
        m_spendings.begin(), m_spendings.end(), [&spending](const PrivacySpending& one) {
            return one.run == spending.run && one.round == spending.round;
        });
    if (isRepeated) {
        return fail(Errc::Denied, "this node has sent its vector of this round before");
    }
    if (!(spending.epsilon <= epsilonPromised)) {
        return fail(Errc::Denied,
            "the round would cost epsilon " + std::to_string(spending.epsilon)
                + ", the run promised at most " + std::to_string(epsilonPromised));
    }
    m_spendings.push_back(spending);
    auto written = base::writeFileAtomically(m_path, encode(), base::FileAccess::OwnerOnly);
    if (!written) {
        m_spendings.pop_back();
    }
    return written;
}

std::uint64_t PrivacyBook::roundsSpent(const base::Hash256& run) const
{
    return static_cast<std::uint64_t>(std::count_if(m_spendings.begin(), m_spendings.end(),
        [&run](const PrivacySpending& one) { return one.run == run; }));
}

} // namespace loam::node
