// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/ledger_core.h"
#include "ledger/schema.h"

#include <algorithm>

namespace loam::ledger {

using base::Errc;
using base::fail;
using base::Hash256;
using base::Result;
using consensus::Block;
using consensus::Certificate;
using consensus::Height;

namespace {

    /// Room in a payload for everything but transactions, and for each transaction's CBOR head.
    constexpr std::size_t kPayloadOverhead = 128;
    constexpr std::size_t kTransactionOverhead = 5;
    /// Checkpoints of so many blocks keep their cosignatures.
    constexpr Height kKeptCheckpoints = 1'000;

    PendingClosure pendingClosure(
        const State& state, const SignedTx& tx, const CloseRound& closure, const Run& run)
    {
        PendingClosure out{ .transaction = tx.id(),
            .sender = tx.sender(),
            .closure = closure,
            .before = run,
            .members = {} };
        for (const base::PublicKey& key : state.members(run.id)) {
            if (std::optional<Member> member = state.member(run.id, key)) {
                out.members.push_back(std::move(*member));
            }
        }
        return out;
    }

} // namespace

void CheckedCache::add(const Hash256& id)
{
    if (!m_ids.insert(id).second) {
        return;
    }
    m_order.push_back(id);
    if (m_order.size() > kCapacity) {
        m_ids.erase(m_order.front());
        m_order.pop_front();
    }
}

BlockContext Ledger::Core::context(const Position& parent, Height height, base::UnixTime time) const
{
    return { .genesis = genesis,
        .network = network,
        .height = height,
        .time = time,
        .parent = parent.hash,
        .proposer = validators.members.at(validators.leader(height)) };
}

const Position* Ledger::Core::position(const Hash256& block) const
{
    if (block == tip.hash) {
        return &tip;
    }
    const auto found = executed.find(block);
    return found == executed.end() ? nullptr : &found->second.after;
}

const Position& Ledger::Core::head() const
{
    const Position* best = &tip;
    for (const auto& [hash, block] : executed) {
        if (block.after.height > best->height) {
            best = &block.after;
        }
    }
    return *best;
}

std::vector<AuditLog::Leaf> Ledger::Core::leavesOf(const Effects& effects)
{
    std::vector<AuditLog::Leaf> out;
    out.reserve(effects.entries.size());
    for (const AuditEntry& entry : effects.entries) {
        out.push_back({ entry, entry.encode() });
    }
    return out;
}

Result<Ledger::Core::Executed> Ledger::Core::run(
    const Position& parent, const Block& block, const Hash256& hash)
{
    if (block.height <= parent.height || block.epoch != validators.epoch) {
        return fail(Errc::Invalid, "the block's height or epoch does not follow its parent's");
    }
    TRY_ASSIGN(const BlockPayload payload, BlockPayload::decode(block.payload));
    if (payload.time < parent.time) {
        return fail(Errc::Invalid, "the block is older than its parent");
    }
    Executed out;
    BlockExecution execution{ State{ parent.tree }, context(parent, block.height, payload.time),
        parent.audit.size() };
    for (const base::Bytes& bytes : payload.transactions) {
        const Outcome<SignedTx> tx = SignedTx::decode(bytes);
        if (!tx) {
            return fail(Errc::Invalid, "transaction in block: " + tx.error().toError().message);
        }
        if (const auto* closure = std::get_if<CloseRound>(&tx->body())) {
            if (const std::optional<Run> before = execution.state().run(closure->run)) {
                out.info.closures.push_back(
                    pendingClosure(execution.state(), *tx, *closure, *before));
            }
        }
        const bool isChecked = checked.contains(tx->id());
        if (const Outcome<> outcome
            = execution.apply(*tx, isChecked ? Precheck::SignatureAndWork : Precheck::None);
            !outcome) {
            return fail(
                Errc::Invalid, "transaction in block: " + outcome.error().toError().message);
        }
        checked.add(tx->id());
        out.transactions.push_back(tx->id());
    }
    if (const Outcome<> outcome = execution.finish(); !outcome) {
        return fail(Errc::Invalid, "fees of block: " + outcome.error().toError().message);
    }
    out.leaves = leavesOf(execution.effects());
    out.after = { .hash = hash,
        .height = block.height,
        .time = payload.time,
        .tree = execution.state().tree(),
        .audit = parent.audit };
    for (const AuditLog::Leaf& leaf : out.leaves) {
        out.after.audit.append(crypto::merkleLeaf(leaf.bytes));
    }
    if (out.after.tree.root() != payload.stateRoot) {
        return fail(Errc::Invalid, "the block's state root is not what its transactions make");
    }
    if (out.after.audit.size() != payload.auditSize
        || out.after.audit.root() != payload.auditRoot) {
        return fail(Errc::Invalid, "the block's audit root is not what its transactions make");
    }
    out.block = block;
    out.changes = execution.state().changes();
    out.history = execution.effects().changes;
    out.info.block = hash;
    out.info.height = block.height;
    out.info.time = payload.time;
    out.info.stateRoot = payload.stateRoot;
    out.info.auditRoot = payload.auditRoot;
    return out;
}

Result<BuiltPayload> Ledger::buildPayload(const Hash256& parentHash, Height height,
    base::UnixTime time, std::span<const SignedTx> candidates)
{
    const Position* parent = m_core->position(parentHash);
    if (!parent) {
        return fail(Errc::Unavailable, "the parent of the block to build was not executed");
    }
    if (height <= parent->height) {
        return fail(Errc::Invalid, "the block to build must be above its parent");
    }
    BlockPayload payload;
    payload.time = std::max(time, parent->time);
    BlockExecution execution{ State{ parent->tree }, m_core->context(*parent, height, payload.time),
        parent->audit.size() };
    BuiltPayload out;
    std::size_t room = BlockPayload::kMaxBytes - kPayloadOverhead;
    for (const SignedTx& tx : candidates) {
        const std::size_t size = tx.bytes().size() + kTransactionOverhead;
        if (size > room || payload.transactions.size() == BlockPayload::kMaxTransactions) {
            continue;
        }
        const bool isChecked = m_core->checked.contains(tx.id());
        const Outcome<> outcome
            = execution.apply(tx, isChecked ? Precheck::SignatureAndWork : Precheck::None);
        if (!outcome) {
            out.refused.push_back({ tx.id(), outcome.error() });
            continue;
        }
        m_core->checked.add(tx.id());
        payload.transactions.push_back(tx.bytes());
        room -= size;
    }
    if (const Outcome<> outcome = execution.finish(); !outcome) {
        return fail(Errc::Invalid, "fees of block: " + outcome.error().toError().message);
    }
    MerkleFrontier audit = parent->audit;
    for (const AuditEntry& entry : execution.effects().entries) {
        audit.append(crypto::merkleLeaf(entry.encode()));
    }
    payload.stateRoot = execution.state().tree().root();
    payload.auditRoot = audit.root();
    payload.auditSize = audit.size();
    out.transactions = payload.transactions.size();
    out.payload = payload.encode();
    return out;
}

Result<ExecutedInfo> Ledger::execute(const Block& block, base::UnixTime now)
{
    const Hash256 hash = block.hash();
    if (const auto found = m_core->executed.find(hash); found != m_core->executed.end()) {
        return found->second.info;
    }
    if (hash == m_core->tip.hash) {
        return ExecutedInfo{ .block = hash,
            .height = height(),
            .time = tipTime(),
            .stateRoot = stateRoot(),
            .auditRoot = auditRoot(),
            .closures = {} };
    }
    const Position* parent = m_core->position(block.parent);
    if (!parent) {
        return fail(Errc::Unavailable,
            "the parent of block " + std::to_string(block.height)
                + " is unknown or behind the final chain");
    }
    TRY_ASSIGN(Core::Executed executed, m_core->run(*parent, block, hash));
    if (executed.after.time > now + kMaxClockLead) {
        return fail(Errc::Invalid, "the block is more than 10 minutes ahead of this clock");
    }
    ExecutedInfo info = executed.info;
    m_core->executed.emplace(hash, std::move(executed));
    return info;
}

bool Ledger::isExecuted(const Hash256& block) const
{
    return m_core->position(block) != nullptr;
}

Result<FinalizedInfo> Ledger::finalize(const Block& block, const Certificate& certificate)
{
    Core& core = *m_core;
    const Hash256 hash = block.hash();
    if (hash == core.tip.hash) {
        return FinalizedInfo{};
    }
    if (block.height <= core.tip.height) {
        TRY_ASSIGN(const std::vector<FinalBlock> known, blocks(block.height, block.height, 1));
        if (!known.empty() && known.front().block.hash() == hash) {
            return FinalizedInfo{};
        }
        return fail(Errc::Corrupt,
            "block " + std::to_string(block.height) + " contradicts the final chain");
    }
    if (certificate.kind != consensus::VoteKind::Finalize || certificate.block != hash
        || certificate.height != block.height || certificate.epoch != block.epoch) {
        return fail(Errc::Invalid, "the certificate is not a finalisation of this block");
    }
    TRY(certificate.verify(core.validators, core.network));
    std::vector<const Core::Executed*> chain;
    for (Hash256 at = hash; at != core.tip.hash;) {
        const auto found = core.executed.find(at);
        if (found == core.executed.end()) {
            return fail(Errc::Unavailable,
                "block " + std::to_string(block.height) + " or an ancestor was not executed");
        }
        chain.push_back(&found->second);
        at = found->second.block.parent;
    }
    std::reverse(chain.begin(), chain.end());
    const Result<> stored = core.database->transaction([&core, &chain, &certificate]() -> Result<> {
        for (const Core::Executed* executed : chain) {
            TRY(core.storeBlock(*executed, executed == chain.back() ? &certificate : nullptr));
            TRY(core.audit.store(executed->leaves));
        }
        return core.pruneJournal(chain.back()->after.height);
    });
    TRY(stored);
    FinalizedInfo out;
    for (const Core::Executed* executed : chain) {
        core.audit.adopt(executed->leaves);
        out.blocks.push_back(executed->block);
        out.transactions.insert(
            out.transactions.end(), executed->transactions.begin(), executed->transactions.end());
        for (const AuditLog::Leaf& leaf : executed->leaves) {
            out.entries.push_back(leaf.entry);
        }
        out.changes.insert(out.changes.end(), executed->history.begin(), executed->history.end());
    }
    core.tip = chain.back()->after;
    core.forgetRivals();
    return out;
}

/// Whatever does not descend from the tip can never become final.
void Ledger::Core::forgetRivals()
{
    std::map<Hash256, Executed> kept;
    bool hasGrown = true;
    while (hasGrown) {
        hasGrown = false;
        for (auto block = executed.begin(); block != executed.end();) {
            const Hash256& parent = block->second.block.parent;
            if (parent == tip.hash || kept.contains(parent)) {
                kept.insert(executed.extract(block++));
                hasGrown = true;
            } else {
                ++block;
            }
        }
    }
    executed = std::move(kept);
}

Result<> Ledger::Core::storeBlock(const Executed& done, const Certificate* certificate)
{
    TRY_ASSIGN(store::Statement insert,
        database->prepare("INSERT INTO blocks(height, hash, bytes, certificate, audit_size) "
                          "VALUES (?1, ?2, ?3, ?4, ?5)"));
    const base::Bytes bytes = done.block.encode();
    const base::Bytes proof = certificate ? certificate->encode() : base::Bytes{};
    insert.bind(1, toSql(done.after.height)).bind(2, done.after.hash.view());
    insert.bind(3, base::ByteView{ bytes });
    if (certificate) {
        insert.bind(4, base::ByteView{ proof });
    } else {
        insert.bindNull(4);
    }
    insert.bind(5, toSql(done.after.audit.size()));
    TRY(insert.run());
    TRY(storeState(done.changes));
    return storeHistory(done.history);
}

Result<> Ledger::Core::storeState(const StateChanges& changes)
{
    TRY_ASSIGN(store::Statement put,
        database->prepare("INSERT OR REPLACE INTO state(key, value) VALUES (?1, ?2)"));
    TRY_ASSIGN(store::Statement erase, database->prepare("DELETE FROM state WHERE key = ?1"));
    for (const auto& [key, value] : changes) {
        if (value) {
            put.bind(1, base::ByteView{ key }).bind(2, base::ByteView{ *value });
            TRY(put.run());
        } else {
            erase.bind(1, base::ByteView{ key });
            TRY(erase.run());
        }
    }
    return {};
}

Result<> Ledger::Core::storeHistory(std::span<const AccountChange> changes)
{
    TRY_ASSIGN(store::Statement insert,
        database->prepare(
            "INSERT INTO account_history(account, position, time, kind, amount, locked, balance, "
            "peer, memo, reason, entry) VALUES (?1, (SELECT coalesce(max(position) + 1, 0) FROM "
            "account_history WHERE account = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"));
    for (const AccountChange& change : changes) {
        insert.bind(1, change.account.view());
        insert.bind(2, std::int64_t{ change.time.time_since_epoch().count() });
        insert.bind(3, changeKindName(change.kind)).bind(4, change.amount.micro());
        insert.bind(5, change.locked.micro()).bind(6, change.balance.micro());
        if (change.peer) {
            insert.bind(7, change.peer->view());
        } else {
            insert.bindNull(7);
        }
        insert.bind(8, std::string_view{ change.memo });
        insert.bind(9, std::string_view{ change.reason }).bind(10, toSql(change.entry));
        TRY(insert.run());
    }
    return {};
}

Result<> Ledger::Core::pruneJournal(Height height)
{
    for (const char* sql : { "DELETE FROM journal_votes WHERE height <= ?1",
             "DELETE FROM journal_blocks WHERE height <= ?1",
             "DELETE FROM journal_certificates WHERE height <= ?1" }) {
        TRY_ASSIGN(store::Statement erase, database->prepare(sql));
        erase.bind(1, toSql(height));
        TRY(erase.run());
    }
    TRY_ASSIGN(store::Statement oldest,
        database->prepare("SELECT audit_size FROM blocks ORDER BY height DESC LIMIT 1 OFFSET ?1"));
    oldest.bind(1, toSql(kKeptCheckpoints));
    TRY_ASSIGN(const bool hasRow, oldest.step());
    if (hasRow) {
        const auto size = static_cast<std::uint64_t>(oldest.integer(0));
        oldest.reset();
        return audit.pruneCosignatures(size);
    }
    return {};
}

} // namespace loam::ledger
