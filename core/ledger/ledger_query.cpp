// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/ledger_core.h"
#include "ledger/schema.h"

#include <algorithm>

namespace loam::ledger {

using base::Bytes;
using base::Errc;
using base::fail;
using base::PublicKey;
using base::Result;
using consensus::Block;
using consensus::Certificate;
using consensus::Height;

namespace {

    constexpr std::uint64_t kMaxPage = 10'000;

    /// Entries of the stored state whose key begins with `prefix`, in the order of their keys.
    template <class Body> Result<> scan(store::Database& database, char prefix, const Body& body)
    {
        TRY_ASSIGN(store::Statement select,
            database.prepare(
                "SELECT key, value FROM state WHERE key >= ?1 AND key < ?2 ORDER BY key"));
        const Bytes from{ static_cast<std::byte>(prefix) };
        const Bytes to{ static_cast<std::byte>(prefix + 1) };
        select.bind(1, base::ByteView{ from }).bind(2, base::ByteView{ to });
        for (;;) {
            TRY_ASSIGN(const bool hasRow, select.step());
            if (!hasRow) {
                return {};
            }
            const Bytes key = select.blob(0);
            TRY(body(base::ByteView{ key }.subspan(1), select.blob(1)));
        }
    }

    Result<AccountChange> readChange(const PublicKey& account, const store::Statement& row)
    {
        AccountChange out;
        out.account = account;
        out.time = base::UnixTime{ std::chrono::milliseconds{ row.integer(0) } };
        const std::optional<ChangeKind> kind = changeKindFromName(row.text(1));
        if (!kind) {
            return fail(Errc::Corrupt, "an account's history on disk is damaged");
        }
        out.kind = *kind;
        out.amount = base::Amount::fromMicro(row.integer(2));
        out.locked = base::Amount::fromMicro(row.integer(3));
        out.balance = base::Amount::fromMicro(row.integer(4));
        if (!row.isNull(5)) {
            TRY_ASSIGN(out.peer, PublicKey::from(row.blob(5)));
        }
        out.memo = row.text(6);
        out.reason = row.text(7);
        out.entry = static_cast<std::uint64_t>(row.integer(8));
        return out;
    }

} // namespace

const Genesis& Ledger::genesis() const
{
    return m_core->genesis;
}

const base::NetworkId& Ledger::networkId() const
{
    return m_core->network;
}

consensus::ValidatorSet Ledger::validatorSet() const
{
    return m_core->validators;
}

Height Ledger::height() const
{
    return m_core->tip.height;
}

const base::Hash256& Ledger::tip() const
{
    return m_core->tip.hash;
}

base::UnixTime Ledger::tipTime() const
{
    return m_core->tip.time;
}

base::Hash256 Ledger::stateRoot() const
{
    return m_core->tip.tree.root();
}

base::Hash256 Ledger::auditRoot() const
{
    return m_core->audit.root();
}

Result<std::vector<FinalBlock>> Ledger::blocks(Height from, Height to, std::size_t limit)
{
    TRY_ASSIGN(store::Statement select,
        m_core->database->prepare("SELECT bytes, certificate FROM blocks WHERE height >= ?1 AND "
                                  "height <= ?2 ORDER BY height LIMIT ?3"));
    select.bind(1, toSql(std::max<Height>(from, 1))).bind(2, toSql(to)).bind(3, toSql(limit));
    std::vector<FinalBlock> out;
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return out;
        }
        FinalBlock block;
        TRY_ASSIGN(block.block, Block::decode(select.blob(0)));
        if (!select.isNull(1)) {
            TRY_ASSIGN(block.certificate, Certificate::decode(select.blob(1)));
        }
        out.push_back(std::move(block));
    }
}

Result<FinalRecords> Ledger::finalRecords(Height from, std::size_t maxBlocks, std::size_t maxBytes)
{
    // A record begins behind the last certificate below the first block that is wanted.
    TRY_ASSIGN(store::Statement before,
        m_core->database->prepare(
            "SELECT coalesce(max(height), 0) FROM blocks WHERE certificate IS NOT NULL AND height "
            "< (SELECT min(height) FROM blocks WHERE height >= max(?1, 1))"));
    before.bind(1, toSql(from));
    TRY(before.step());
    TRY_ASSIGN(store::Statement select,
        m_core->database->prepare("SELECT bytes, certificate FROM blocks WHERE height > ?1 AND "
                                  "?2 <= ?3 ORDER BY height"));
    select.bind(1, before.integer(0)).bind(2, toSql(from)).bind(3, toSql(height()));
    FinalRecords out;
    std::vector<consensus::BlockPtr> record;
    std::size_t bytes = 0;
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return out;
        }
        const Bytes encoded = select.blob(0);
        bytes += encoded.size();
        TRY_ASSIGN(Block block, Block::decode(encoded));
        record.push_back(std::make_shared<const Block>(std::move(block)));
        const bool isOver = out.blocks.size() + record.size() > maxBlocks || bytes > maxBytes;
        if (isOver && !out.blocks.empty()) {
            return out;
        }
        if (!select.isNull(1)) {
            TRY_ASSIGN(out.certificate, Certificate::decode(select.blob(1)));
            out.blocks.insert(out.blocks.end(), record.begin(), record.end());
            record.clear();
        }
    }
}

Result<Certificate> Ledger::certificate(Height height)
{
    TRY_ASSIGN(store::Statement select,
        m_core->database->prepare("SELECT certificate FROM blocks WHERE height >= ?1 AND "
                                  "certificate IS NOT NULL ORDER BY height LIMIT 1"));
    select.bind(1, toSql(height));
    TRY_ASSIGN(const bool hasRow, select.step());
    if (!hasRow) {
        return fail(Errc::NotFound, "no block of this height is final");
    }
    return Certificate::decode(select.blob(0));
}

Account Ledger::account(const PublicKey& key) const
{
    return State{ m_core->tip.tree }.account(key);
}

std::optional<NodeRecord> Ledger::node(const PublicKey& key) const
{
    return State{ m_core->tip.tree }.node(key);
}

std::optional<SlashRecord> Ledger::slash(const PublicKey& key) const
{
    return State{ m_core->tip.tree }.slash(key);
}

std::optional<Run> Ledger::run(const RunId& id) const
{
    return State{ m_core->tip.tree }.run(id);
}

Bytes Ledger::manifest(const RunId& id) const
{
    return State{ m_core->tip.tree }.manifest(id);
}

std::vector<Member> Ledger::members(const RunId& run) const
{
    const State state{ m_core->tip.tree };
    std::vector<Member> out;
    for (const PublicKey& key : state.members(run)) {
        if (std::optional<Member> member = state.member(run, key)) {
            out.push_back(std::move(*member));
        }
    }
    return out;
}

std::optional<Member> Ledger::member(const RunId& run, const PublicKey& node) const
{
    return State{ m_core->tip.tree }.member(run, node);
}

Result<std::vector<Run>> Ledger::runs()
{
    std::vector<Run> out;
    const Result<> scanned = scan(*m_core->database, State::kRunPrefix,
        [&out](base::ByteView key, const Bytes& value) -> Result<> {
            TRY_ASSIGN(const RunId id, RunId::from(key));
            TRY_ASSIGN(Run run, Run::decode(id, value));
            out.push_back(std::move(run));
            return {};
        });
    TRY(scanned);
    return out;
}

Result<std::vector<std::pair<PublicKey, NodeRecord>>> Ledger::nodes()
{
    std::vector<std::pair<PublicKey, NodeRecord>> out;
    const Result<> scanned = scan(*m_core->database, State::kNodePrefix,
        [&out](base::ByteView key, const Bytes& value) -> Result<> {
            TRY_ASSIGN(const PublicKey id, PublicKey::from(key));
            TRY_ASSIGN(NodeRecord node, NodeRecord::decode(value));
            out.emplace_back(id, std::move(node));
            return {};
        });
    TRY(scanned);
    return out;
}

Totals Ledger::totals() const
{
    return State{ m_core->tip.tree }.totals();
}

State Ledger::headState() const
{
    return State{ m_core->head().tree };
}

base::Hash256 Ledger::head() const
{
    return m_core->head().hash;
}

Outcome<> Ledger::check(std::span<const SignedTx* const> transactions, base::UnixTime time)
{
    const Position& head = m_core->head();
    BlockExecution execution{ State{ head.tree },
        m_core->context(head, head.height + 1, std::max(time, head.time)), head.audit.size() };
    for (const SignedTx* tx : transactions) {
        const bool isChecked = m_core->checked.contains(tx->id());
        TRY(execution.apply(*tx, isChecked ? Precheck::SignatureAndWork : Precheck::None));
        m_core->checked.add(tx->id());
    }
    return {};
}

AuditLog& Ledger::audit()
{
    return m_core->audit;
}

Result<std::uint64_t> Ledger::historySize(const PublicKey& account)
{
    TRY_ASSIGN(store::Statement select,
        m_core->database->prepare("SELECT coalesce(max(position) + 1, 0) FROM account_history "
                                  "WHERE account = ?1"));
    select.bind(1, account.view());
    TRY(select.step());
    return static_cast<std::uint64_t>(select.integer(0));
}

Result<std::vector<AccountChange>> Ledger::history(
    const PublicKey& account, const HistoryQuery& query)
{
    TRY_ASSIGN(const std::uint64_t size, historySize(account));
    std::vector<AccountChange> out;
    if (query.offset >= size) {
        return out;
    }
    const bool isNewestFirst = query.order == AuditOrder::NewestFirst;
    const std::uint64_t count = std::min({ query.limit, kMaxPage, size - query.offset });
    const std::uint64_t first = isNewestFirst ? size - query.offset - count : query.offset;
    TRY_ASSIGN(store::Statement select,
        m_core->database->prepare(isNewestFirst
                ? "SELECT time, kind, amount, locked, balance, peer, memo, reason, entry FROM "
                  "account_history WHERE account = ?1 AND position >= ?2 AND position < ?3 "
                  "ORDER BY position DESC"
                : "SELECT time, kind, amount, locked, balance, peer, memo, reason, entry FROM "
                  "account_history WHERE account = ?1 AND position >= ?2 AND position < ?3 "
                  "ORDER BY position"));
    select.bind(1, account.view()).bind(2, toSql(first)).bind(3, toSql(first + count));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return out;
        }
        TRY_ASSIGN(AccountChange change, readChange(account, select));
        out.push_back(std::move(change));
    }
}

} // namespace loam::ledger
