// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/records.h"

#include "consent/records_schema.h"
#include "crypto/random.h"

#include <array>
#include <limits>

namespace loam::consent {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kSaltBytes = 32;

    /// The terms by name, as the table keeps them.
    template <class Visit> void eachTerm(OwnerTerms& terms, Visit visit)
    {
        const auto flag = [&visit](const char* name, bool& value) {
            auto number = static_cast<std::int64_t>(value);
            visit(name, number, 1);
            value = number != 0;
        };
        const auto count = [&visit](const char* name, auto& value) {
            auto number = static_cast<std::int64_t>(value);
            visit(name, number, std::numeric_limits<std::int32_t>::max());
            value = static_cast<std::remove_reference_t<decltype(value)>>(number);
        };
        flag("private_lane", terms.privateLane);
        flag("adapters", terms.adapters);
        flag("asked_private_lane", terms.askedPrivateLane);
        flag("asked_adapters", terms.askedAdapters);
        flag("only_good_text", terms.onlyGoodText);
        count("source_epsilon_milli", terms.sourceEpsilonMilli);
        count("delta_per_billion", terms.deltaPerBillion);
        count("minimum_group", terms.minimumGroup);
        count("minimum_cohort", terms.minimumCohort);
        count("maximum_tokens_per_round", terms.maximumTokensPerRound);
    }

} // namespace

Records::Records(std::unique_ptr<store::Database> database, const base::PublicKey& owner,
    const base::Clock& clock)
    : m_database{ std::move(database) }
    , m_owner{ owner }
    , m_clock{ clock }
{
}

Result<std::unique_ptr<Records>> Records::open(
    const std::filesystem::path& path, const base::PublicKey& owner, const base::Clock& clock)
{
    return load(store::Database::open(path,
                    { .applicationId = kRecordsApplication,
                        .migrations = kRecordsMigrations,
                        .durability = store::Durability::Full }),
        owner, clock);
}

Result<std::unique_ptr<Records>> Records::openInMemory(
    const base::PublicKey& owner, const base::Clock& clock)
{
    return load(store::Database::openInMemory({ .applicationId = kRecordsApplication,
                    .migrations = kRecordsMigrations,
                    .durability = store::Durability::Full }),
        owner, clock);
}

Result<std::unique_ptr<Records>> Records::load(Result<std::unique_ptr<store::Database>> database,
    const base::PublicKey& owner, const base::Clock& clock)
{
    if (!database) {
        return tl::unexpected{ std::move(database).error() };
    }
    std::unique_ptr<Records> out{ new Records{ std::move(*database), owner, clock } };
    TRY_ASSIGN(out->m_uses, UseLog::load(*out->m_database));
    TRY_ASSIGN(store::Statement select,
        out->m_database->prepare("SELECT value FROM meta WHERE name = 'salt'"));
    TRY_ASSIGN(const bool hasSalt, select.step());
    if (hasSalt) {
        out->m_salt = select.blob(0);
        select.reset();
    } else {
        out->m_salt.resize(kSaltBytes);
        crypto::randomBytes(out->m_salt);
        TRY_ASSIGN(store::Statement insert,
            out->m_database->prepare("INSERT INTO meta(name, value) VALUES ('salt', ?1)"));
        insert.bind(1, base::ByteView{ out->m_salt });
        TRY(insert.run());
    }
    TRY(out->loadTerms());
    TRY(out->loadGrants());
    TRY(out->loadBudget());
    return out;
}

Result<> Records::loadTerms()
{
    TRY_ASSIGN(store::Statement select, m_database->prepare("SELECT name, value FROM terms"));
    std::map<std::string, std::int64_t> stored;
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            break;
        }
        stored[select.text(0)] = select.integer(1);
    }
    const auto generation = stored.find("rules_generation");
    m_rulesGeneration
        = generation == stored.end() ? 0 : static_cast<std::uint64_t>(generation->second);
    eachTerm(m_terms, [&stored](const char* name, std::int64_t& value, std::int64_t most) {
        const auto found = stored.find(name);
        if (found != stored.end() && found->second >= 0 && found->second <= most) {
            value = found->second;
        }
    });
    return {};
}

Result<> Records::setTerms(const OwnerTerms& terms)
{
    if (terms.sourceEpsilonMilli > 1'000'000 || terms.deltaPerBillion == 0
        || terms.deltaPerBillion > 100'000'000 || terms.minimumGroup < 2
        || terms.minimumCohort < terms.minimumGroup || terms.maximumTokensPerRound == 0
        || terms.maximumTokensPerRound
            > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max())) {
        return fail(Errc::Invalid,
            "a privacy cap is at most 1000, delta at most 0.1, a group at least 2 and a cohort at "
            "least one group");
    }
    OwnerTerms copy = terms;
    UseEntry entry = entryOf(UseKind::TermsChanged);
    entry.note = "private lane " + std::string{ terms.privateLane ? "on" : "off" }
        + ", privacy cap " + std::to_string(terms.sourceEpsilonMilli) + "/1000 a source";
    TRY(commit(
        [&]() -> Result<> {
            TRY_ASSIGN(store::Statement insert,
                m_database->prepare("INSERT OR REPLACE INTO terms(name, value) VALUES (?1, ?2)"));
            Result<> done;
            eachTerm(copy, [&](const char* name, const std::int64_t& value, std::int64_t) {
                if (done) {
                    insert.bind(1, std::string_view{ name }).bind(2, value);
                    done = insert.run();
                }
            });
            return done;
        },
        { entry }));
    m_terms = terms;
    return {};
}

Result<> Records::commit(const std::function<Result<>()>& changes, std::vector<UseEntry> entries)
{
    std::vector<base::Hash256> leaves;
    const auto both = [&]() -> Result<> {
        TRY(changes());
        TRY_ASSIGN(leaves, m_uses->store(entries));
        return {};
    };
    TRY(m_database->transaction(both));
    m_uses->adopt(leaves, entries);
    return {};
}

Result<> Records::log(std::vector<UseEntry> entries)
{
    return commit([]() -> Result<> { return {}; }, std::move(entries));
}

UseEntry Records::entryOf(UseKind kind) const
{
    UseEntry out;
    out.time = m_clock.now();
    out.kind = kind;
    return out;
}

UseEntry Records::entryOf(UseKind kind, const Grant& grant) const
{
    UseEntry out = entryOf(kind);
    out.grant = grant.id;
    out.run = grant.run;
    return out;
}

} // namespace loam::consent
