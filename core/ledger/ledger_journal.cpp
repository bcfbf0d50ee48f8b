// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/ledger_core.h"
#include "ledger/schema.h"

#include <algorithm>

namespace loam::ledger {

using base::Bytes;
using base::Errc;
using base::fail;
using base::Result;
using consensus::Block;
using consensus::Certificate;
using consensus::Vote;
using consensus::VoteKind;

namespace {

    bool contradict(const Vote& vote, std::int64_t storedKind, base::ByteView storedBlock)
    {
        const auto stored = static_cast<VoteKind>(storedKind);
        if (stored == vote.kind) {
            return !std::ranges::equal(storedBlock, vote.block.view());
        }
        return (stored == VoteKind::Finalize && vote.kind == VoteKind::Nullify)
            || (stored == VoteKind::Nullify && vote.kind == VoteKind::Finalize);
    }

    Result<> storeVote(store::Database& database, const Vote& vote)
    {
        TRY_ASSIGN(store::Statement select,
            database.prepare("SELECT kind, block FROM journal_votes WHERE height = ?1 AND epoch = "
                             "?2"));
        select.bind(1, toSql(vote.height)).bind(2, toSql(vote.epoch));
        for (;;) {
            TRY_ASSIGN(const bool hasRow, select.step());
            if (!hasRow) {
                break;
            }
            if (contradict(vote, select.integer(0), select.blob(1))) {
                return fail(Errc::Denied,
                    "the vote contradicts an earlier one of ours at height "
                        + std::to_string(vote.height));
            }
        }
        TRY_ASSIGN(store::Statement insert,
            database.prepare("INSERT OR IGNORE INTO journal_votes(epoch, height, kind, block, "
                             "bytes) VALUES (?1, ?2, ?3, ?4, ?5)"));
        const Bytes bytes = vote.encode();
        insert.bind(1, toSql(vote.epoch)).bind(2, toSql(vote.height));
        insert.bind(3, static_cast<std::int64_t>(vote.kind)).bind(4, vote.block.view());
        insert.bind(5, base::ByteView{ bytes });
        return insert.run();
    }

    Result<> storeBlock(store::Database& database, const Block& block)
    {
        TRY_ASSIGN(store::Statement insert,
            database.prepare("INSERT OR IGNORE INTO journal_blocks(hash, height, bytes) VALUES "
                             "(?1, ?2, ?3)"));
        const Bytes bytes = block.encode();
        const base::Hash256 hash = block.hash();
        insert.bind(1, hash.view()).bind(2, toSql(block.height)).bind(3, base::ByteView{ bytes });
        return insert.run();
    }

    Result<> storeCertificate(store::Database& database, const Certificate& certificate)
    {
        TRY_ASSIGN(store::Statement insert,
            database.prepare("INSERT OR IGNORE INTO journal_certificates(height, kind, block, "
                             "bytes) VALUES (?1, ?2, ?3, ?4)"));
        const Bytes bytes = certificate.encode();
        insert.bind(1, toSql(certificate.height));
        insert.bind(2, static_cast<std::int64_t>(certificate.kind));
        insert.bind(3, certificate.block.view()).bind(4, base::ByteView{ bytes });
        return insert.run();
    }

    template <class Item>
    Result<> readAll(
        store::Database& database, const char* sql, consensus::Height above, std::vector<Item>& out)
    {
        TRY_ASSIGN(store::Statement select, database.prepare(sql));
        select.bind(1, toSql(above));
        for (;;) {
            TRY_ASSIGN(const bool hasRow, select.step());
            if (!hasRow) {
                return {};
            }
            Result<Item> item = Item::decode(select.blob(0));
            if (!item) {
                return fail(Errc::Corrupt,
                    "the journal of consensus is damaged on disk: " + item.error().message);
            }
            out.push_back(std::move(*item));
        }
    }

} // namespace

Result<> Ledger::persist(const JournalBatch& batch)
{
    store::Database& database = *m_core->database;
    return database.transaction([&database, &batch]() -> Result<> {
        for (const Vote& vote : batch.votes) {
            TRY(storeVote(database, vote));
        }
        for (const Block& block : batch.blocks) {
            TRY(storeBlock(database, block));
        }
        for (const Certificate& certificate : batch.certificates) {
            TRY(storeCertificate(database, certificate));
        }
        return {};
    });
}

Result<> Ledger::persistVote(const Vote& vote)
{
    JournalBatch batch;
    batch.votes.push_back(vote);
    return persist(batch);
}

Result<consensus::Recovered> Ledger::recovered()
{
    store::Database& database = *m_core->database;
    consensus::Recovered out;
    out.finalizedHeight = height();
    out.finalizedBlock = tip();
    if (height() > 0) {
        TRY_ASSIGN(out.finalizedBy, certificate(height()));
    }
    TRY(readAll(database, "SELECT bytes FROM journal_votes WHERE height > ?1 ORDER BY position",
        height(), out.votes));
    TRY(readAll(database, "SELECT bytes FROM journal_blocks WHERE height > ?1 ORDER BY height",
        height(), out.blocks));
    TRY(readAll(database,
        "SELECT bytes FROM journal_certificates WHERE height > ?1 ORDER BY height, kind", height(),
        out.certificates));
    return out;
}

} // namespace loam::ledger
