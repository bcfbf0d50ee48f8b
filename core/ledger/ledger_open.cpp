// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/hash.h"
#include "ledger/ledger_core.h"
#include "ledger/schema.h"

#include <algorithm>

namespace loam::ledger {

using base::Bytes;
using base::Errc;
using base::fail;
using base::Hash256;
using base::Result;
using consensus::Block;

namespace {

    store::OpenOptions openOptions()
    {
        return { .applicationId = Ledger::kApplicationId,
            .migrations = kSchema,
            .durability = store::Durability::Full };
    }

    Result<std::optional<Bytes>> storedGenesis(store::Database& database)
    {
        TRY_ASSIGN(
            store::Statement select, database.prepare("SELECT bytes FROM genesis WHERE id = 1"));
        TRY_ASSIGN(const bool hasRow, select.step());
        return hasRow ? std::optional{ select.blob(0) } : std::nullopt;
    }

} // namespace

Ledger::Ledger(std::unique_ptr<Core> core)
    : m_core{ std::move(core) }
{
}

Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::open(
    const std::filesystem::path& path, const Genesis& genesis)
{
    TRY(genesis.validate());
    TRY_ASSIGN(auto database, store::Database::open(path, openOptions()));
    return start(std::move(database), genesis);
}

Result<std::unique_ptr<Ledger>> Ledger::openInMemory(const Genesis& genesis)
{
    TRY(genesis.validate());
    TRY_ASSIGN(auto database, store::Database::openInMemory(openOptions()));
    return start(std::move(database), genesis);
}

Result<Genesis> Ledger::readGenesis(const std::filesystem::path& path)
{
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        return fail(Errc::NotFound, "there is no ledger at " + path.string());
    }
    TRY_ASSIGN(auto database, store::Database::open(path, openOptions()));
    TRY_ASSIGN(const std::optional<Bytes> bytes, storedGenesis(*database));
    if (!bytes) {
        return fail(Errc::NotFound, "the ledger was never founded");
    }
    return Genesis::decode(*bytes);
}

Result<std::unique_ptr<Ledger>> Ledger::start(
    std::unique_ptr<store::Database> database, const Genesis& genesis)
{
    auto core = std::make_unique<Core>(genesis, std::move(database));
    TRY_ASSIGN(const std::optional<Bytes> stored, storedGenesis(*core->database));
    if (!stored) {
        TRY(core->found());
    } else if (*stored != genesis.encode()) {
        const Result<Genesis> other = Genesis::decode(*stored);
        return fail(Errc::Invalid,
            "this ledger belongs to another network"
                + (other ? " (\"" + other->name + "\")" : std::string{}));
    }
    TRY(core->load());
    core->rerunJournal();
    return std::unique_ptr<Ledger>{ new Ledger{ std::move(core) } };
}

Ledger::Core::Executed Ledger::Core::foundation(const Genesis& genesis)
{
    const BlockExecution execution = executeGenesis(genesis);
    Executed out;
    out.block = genesis.block();
    out.leaves = leavesOf(execution.effects());
    out.history = execution.effects().changes;
    out.changes = execution.state().changes();
    out.after.hash = out.block.hash();
    out.after.time = genesis.time;
    out.after.tree = execution.state().tree();
    for (const AuditLog::Leaf& leaf : out.leaves) {
        out.after.audit.append(crypto::merkleLeaf(leaf.bytes));
    }
    return out;
}

Result<> Ledger::Core::found()
{
    const Executed foundation = Core::foundation(genesis);
    return database->transaction([this, &foundation]() -> Result<> {
        TRY_ASSIGN(store::Statement insert,
            database->prepare("INSERT INTO genesis(id, bytes) VALUES (1, ?1)"));
        const Bytes bytes = genesis.encode();
        insert.bind(1, base::ByteView{ bytes });
        TRY(insert.run());
        TRY(storeBlock(foundation, nullptr));
        return audit.store(foundation.leaves);
    });
}

Result<> Ledger::Core::load()
{
    TRY(loadBlocks());
    TRY(audit.load([this](const Hash256& leaf) { tip.audit.append(leaf); }));
    return loadState();
}

/// The chain of hashes from the genesis to the tip.
Result<> Ledger::Core::loadBlocks()
{
    TRY_ASSIGN(store::Statement select,
        database->prepare("SELECT height, hash, bytes FROM blocks ORDER BY height"));
    const Block first = genesis.block();
    TRY_ASSIGN(const bool hasFirst, select.step());
    if (!hasFirst || select.integer(0) != 0
        || !std::ranges::equal(select.blob(2), first.encode())) {
        return fail(Errc::Corrupt, "the ledger on disk does not begin with its genesis");
    }
    tip.hash = first.hash();
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            return {};
        }
        const auto height = static_cast<consensus::Height>(select.integer(0));
        const std::string name = "block " + std::to_string(height) + " on disk ";
        const Bytes bytes = select.blob(2);
        const Result<Block> block = Block::decode(bytes);
        const Hash256 hash = crypto::sha256(bytes);
        if (!block || block->height != height || !std::ranges::equal(hash.view(), select.blob(1))) {
            return fail(Errc::Corrupt, name + "is damaged");
        }
        if (block->parent != tip.hash) {
            return fail(Errc::Corrupt, name + "does not follow the one before it");
        }
        tip.hash = hash;
        tip.height = height;
    }
}

/// State and audit log must have the roots that the tip's block names.
Result<> Ledger::Core::loadState()
{
    TRY_ASSIGN(store::Statement select, database->prepare("SELECT key, value FROM state"));
    StateChanges entries;
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            break;
        }
        entries.emplace(select.blob(0), select.blob(1));
    }
    tip.tree = StateTree{}.with(entries);
    BlockPayload agreed;
    if (tip.height == 0) {
        const Executed foundation = Core::foundation(genesis);
        agreed = { .time = genesis.time,
            .transactions = {},
            .stateRoot = foundation.after.tree.root(),
            .auditRoot = foundation.after.audit.root(),
            .auditSize = foundation.after.audit.size() };
    } else {
        TRY_ASSIGN(store::Statement newest,
            database->prepare("SELECT bytes FROM blocks ORDER BY height DESC LIMIT 1"));
        TRY(newest.step());
        TRY_ASSIGN(const Block block, Block::decode(newest.blob(0)));
        Result<BlockPayload> payload = BlockPayload::decode(block.payload);
        if (!payload) {
            return fail(Errc::Corrupt, "the newest block on disk has no readable payload");
        }
        agreed = std::move(*payload);
    }
    tip.time = agreed.time;
    if (tip.tree.root() != agreed.stateRoot) {
        return fail(Errc::Corrupt, "the state on disk does not have the root that was agreed");
    }
    if (audit.size() != agreed.auditSize || audit.root() != agreed.auditRoot) {
        return fail(Errc::Corrupt, "the audit log on disk does not have the root that was agreed");
    }
    return {};
}

void Ledger::Core::rerunJournal()
{
    Result<store::Statement> select
        = database->prepare("SELECT bytes FROM journal_blocks ORDER BY height");
    if (!select) {
        return;
    }
    for (;;) {
        const Result<bool> hasRow = select->step();
        if (!hasRow || !*hasRow) {
            return;
        }
        const Result<Block> block = Block::decode(select->blob(0));
        // Consensus fetches again whatever does not fit here.
        const Position* parent = block ? position(block->parent) : nullptr;
        if (parent) {
            const Hash256 hash = block->hash();
            if (Result<Executed> done = run(*parent, *block, hash)) {
                executed.emplace(hash, std::move(*done));
            }
        }
    }
}

Result<> Ledger::replay()
{
    Core& core = *m_core;
    Core::Executed foundation = Core::foundation(core.genesis);
    Position at = std::move(foundation.after);
    TRY_ASSIGN(store::Statement select,
        core.database->prepare("SELECT bytes FROM blocks WHERE height > 0 ORDER BY height"));
    for (;;) {
        TRY_ASSIGN(const bool hasRow, select.step());
        if (!hasRow) {
            break;
        }
        TRY_ASSIGN(const Block block, Block::decode(select.blob(0)));
        Result<Core::Executed> executed = core.run(at, block, block.hash());
        if (!executed) {
            return fail(Errc::Corrupt,
                "block " + std::to_string(block.height)
                    + " does not replay: " + executed.error().message);
        }
        at = std::move(executed->after);
    }
    if (at.hash != core.tip.hash || at.tree.root() != core.tip.tree.root()
        || at.audit.root() != core.audit.root()) {
        return fail(Errc::Corrupt, "the replay ends in another state");
    }
    return {};
}

} // namespace loam::ledger
