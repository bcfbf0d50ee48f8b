// SPDX-License-Identifier: GPL-3.0-or-later
// Grants, their end, and the privacy budget.
#include "consent/records.h"
#include "crypto/random.h"

#include <algorithm>

namespace loam::consent {

using base::Errc;
using base::fail;
using base::Result;

Result<> Records::loadGrants()
{
    TRY_ASSIGN(store::Statement select,
        m_database->prepare("SELECT id, envelope FROM grants ORDER BY id, version"));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            break;
        }
        GrantRecord record;
        record.envelope = select.blob(1);
        auto grant = openGrant(record.envelope, m_owner);
        if (!grant && grant.error().code == Errc::Denied) {
            continue; // of an identity that was here before; it gives this one no right
        }
        if (!grant) {
            return fail(Errc::Corrupt,
                "a stored consent is damaged (" + grant.error().message
                    + "); restore consent.db from a backup");
        }
        record.grant = std::move(*grant);
        m_grants[record.grant.id] = std::move(record); // the highest version comes last
    }
    TRY_ASSIGN(store::Statement revoked,
        m_database->prepare("SELECT id, time, envelope FROM revocations"));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, revoked.step());
        if (!hasRow) {
            return {};
        }
        TRY_ASSIGN(const GrantId id, GrantId::from(revoked.blob(0)));
        const auto found = m_grants.find(id);
        if (found != m_grants.end()) {
            found->second.revoked
                = base::UnixTime{ std::chrono::milliseconds{ revoked.integer(1) } };
            found->second.revocation = revoked.isNull(2) ? base::Bytes{} : revoked.blob(2);
        }
    }
}

Result<> Records::loadBudget()
{
    TRY_ASSIGN(store::Statement sources,
        m_database->prepare("SELECT source, micro_rho FROM spent_on_source"));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, sources.step());
        if (!hasRow) {
            break;
        }
        m_spent[sources.integer(0)] = MicroRho::fromMicro(sources.integer(1));
    }
    TRY_ASSIGN(
        store::Statement grants, m_database->prepare("SELECT id, micro_rho FROM spent_on_grant"));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, grants.step());
        if (!hasRow) {
            return {};
        }
        TRY_ASSIGN(const GrantId id, GrantId::from(grants.blob(0)));
        const auto found = m_grants.find(id);
        if (found != m_grants.end()) {
            found->second.spent = MicroRho::fromMicro(grants.integer(1));
        }
    }
}

Result<Grant> Records::grant(Grant wanted, const crypto::KeyPair& key)
{
    if (key.publicKey() != m_owner) {
        return fail(Errc::Denied, "only this computer's owner can give consent");
    }
    const auto earlier = m_grants.find(wanted.id);
    MicroRho spent;
    if (wanted.id == GrantId{}) {
        crypto::randomBytes(wanted.id.mutableView());
        wanted.version = 1;
    } else if (earlier == m_grants.end()) {
        return fail(Errc::NotFound, "there is no such grant; see `loamctl data grants`");
    } else if (earlier->second.revoked) {
        return fail(Errc::Denied, "the grant was revoked, which is for good; give a new one");
    } else if (earlier->second.grant.run != wanted.run
        || earlier->second.grant.purpose != wanted.purpose) {
        return fail(Errc::Invalid, "a grant keeps its run and purpose; give a new one instead");
    } else {
        wanted.version = earlier->second.grant.version + 1;
        spent = earlier->second.spent;
    }
    for (const SourceId source : wanted.sources) {
        TRY(this->source(source));
    }
    wanted.issued = m_clock.now();
    TRY_ASSIGN(const SeenSummary summary, summariseSeen(wanted.sources));
    wanted.files = summary.files;
    wanted.seen = summary.root;
    TRY(wanted.validate());
    const base::Bytes envelope = sign(wanted, key).encode();
    UseEntry entry = entryOf(UseKind::Granted, wanted);
    entry.note = std::string{ purposeName(wanted.purpose) } + ", version "
        + std::to_string(wanted.version) + ", " + std::to_string(wanted.sources.size())
        + " sources, " + std::to_string(wanted.files) + " files seen";
    TRY(commit(
        [&]() -> Result<> {
            TRY_ASSIGN(store::Statement insert,
                m_database->prepare(
                    "INSERT INTO grants(id, version, envelope) VALUES (?1, ?2, ?3)"));
            insert.bind(1, wanted.id.view()).bind(2, static_cast<std::int64_t>(wanted.version));
            insert.bind(3, base::ByteView{ envelope });
            return insert.run();
        },
        { entry }));
    m_grants[wanted.id] = GrantRecord{ .grant = wanted,
        .envelope = envelope,
        .revoked = std::nullopt,
        .revocation = {},
        .spent = spent };
    return wanted;
}

Result<> Records::revoke(const GrantId& id, const crypto::KeyPair* key)
{
    const auto found = m_grants.find(id);
    if (found == m_grants.end()) {
        return fail(Errc::NotFound, "there is no such grant; see `loamctl data grants`");
    }
    GrantRecord& record = found->second;
    if (record.revoked) {
        return {};
    }
    const Revocation end{ .grant = id, .time = m_clock.now() };
    // It holds from here on, whatever the disk says.
    record.revoked = end.time;
    if (key != nullptr && key->publicKey() == m_owner) {
        record.revocation = sign(end, *key).encode();
    }
    return commit(
        [&]() -> Result<> {
            TRY_ASSIGN(store::Statement insert,
                m_database->prepare("INSERT OR REPLACE INTO revocations(id, time, envelope) "
                                    "VALUES (?1, ?2, ?3)"));
            insert.bind(1, id.view());
            insert.bind(2, std::int64_t{ end.time.time_since_epoch().count() });
            if (record.revocation.empty()) {
                insert.bindNull(3);
            } else {
                insert.bind(3, base::ByteView{ record.revocation });
            }
            return insert.run();
        },
        { entryOf(UseKind::Revoked, record.grant) });
}

Result<> Records::signPending(const crypto::KeyPair& key)
{
    if (key.publicKey() != m_owner) {
        return {};
    }
    for (auto& [id, record] : m_grants) {
        if (!record.revoked || !record.revocation.empty()) {
            continue;
        }
        const base::Bytes envelope
            = sign(Revocation{ .grant = id, .time = *record.revoked }, key).encode();
        TRY_ASSIGN(store::Statement update,
            m_database->prepare("UPDATE revocations SET envelope = ?2 WHERE id = ?1"));
        update.bind(1, id.view()).bind(2, base::ByteView{ envelope });
        TRY(update.run());
        record.revocation = envelope;
    }
    return {};
}

std::vector<GrantRecord> Records::grants() const
{
    std::vector<GrantRecord> out;
    for (const auto& [id, record] : m_grants) {
        out.push_back(record);
    }
    std::ranges::sort(out, std::greater{}, [](const GrantRecord& record) {
        return std::pair{ record.grant.issued, record.grant.id };
    });
    return out;
}

const GrantRecord* Records::find(const GrantId& id) const
{
    const auto found = m_grants.find(id);
    return found == m_grants.end() ? nullptr : &found->second;
}

MicroRho Records::spentOn(SourceId source) const
{
    const auto found = m_spent.find(source.value());
    return found == m_spent.end() ? MicroRho{} : found->second;
}

Result<> Records::charge(
    const Grant& grant, std::uint64_t round, MicroRho cost, const EffectiveTerms& terms)
{
    const auto found = m_grants.find(grant.id);
    if (found == m_grants.end() || cost < MicroRho{}) {
        return fail(Errc::Invalid, "nothing can be spent without a grant, nor less than nothing");
    }
    const auto onGrant = found->second.spent.add(cost);
    if (!onGrant || *onGrant > terms.grantCap) {
        return fail(Errc::Denied, "the privacy budget of this grant does not cover another round");
    }
    std::vector<std::pair<SourceId, MicroRho>> onSources;
    for (const SourceId source : grant.sources) {
        const auto sum = spentOn(source).add(cost);
        if (!sum || *sum > terms.sourceCap) {
            return fail(Errc::Denied,
                "the privacy budget of source " + std::to_string(source.value())
                    + " does not cover another round");
        }
        onSources.emplace_back(source, *sum);
    }
    UseEntry entry = entryOf(UseKind::Charged, grant);
    entry.round = round;
    entry.cost = cost;
    const auto write = [&]() -> Result<> {
        TRY_ASSIGN(store::Statement source,
            m_database->prepare("INSERT OR REPLACE INTO spent_on_source(source, micro_rho) "
                                "VALUES (?1, ?2)"));
        for (const auto& [id, sum] : onSources) {
            source.bind(1, id.value()).bind(2, sum.micro());
            TRY(source.run());
        }
        TRY_ASSIGN(store::Statement whole,
            m_database->prepare(
                "INSERT OR REPLACE INTO spent_on_grant(id, micro_rho) VALUES (?1, ?2)"));
        whole.bind(1, grant.id.view()).bind(2, onGrant->micro());
        return whole.run();
    };
    TRY(commit(write, { entry }));
    found->second.spent = *onGrant;
    for (const auto& [id, sum] : onSources) {
        m_spent[id.value()] = sum;
    }
    return {};
}

} // namespace loam::consent
