// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/state.h"

#include "base/require.h"
#include "codec/cbor.h"

#include <algorithm>

namespace loam::ledger {

using base::Bytes;
using base::ByteView;
using base::PublicKey;

namespace {

    constexpr char kSlashPrefix = 'x';
    constexpr char kManifestPrefix = 'd';
    constexpr char kMemberPrefix = 'm';
    constexpr char kMembersPrefix = 'l';
    constexpr char kHoldersPrefix = 'e';
    constexpr char kTotalsPrefix = 't';

    Bytes keyOf(char prefix, ByteView first = {}, ByteView second = {})
    {
        Bytes key;
        key.reserve(1 + first.size() + second.size());
        key.push_back(static_cast<std::byte>(prefix));
        key.insert(key.end(), first.begin(), first.end());
        key.insert(key.end(), second.begin(), second.end());
        return key;
    }

    template <class Record> Record trusted(base::Result<Record> record)
    {
        ASSERT(record.has_value());
        return std::move(*record);
    }

    Bytes encodeKeys(const std::vector<PublicKey>& keys)
    {
        codec::Writer out;
        out.array(keys.size());
        for (const PublicKey& key : keys) {
            out.bytes(key.view());
        }
        return out.take();
    }

    base::Result<std::vector<PublicKey>> decodeKeys(ByteView bytes)
    {
        codec::Reader in{ bytes };
        std::vector<PublicKey> out;
        TRY_ASSIGN(const std::size_t count, in.array());
        out.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            TRY_ASSIGN(const auto key, in.fixed<PublicKey>());
            out.push_back(key);
        }
        TRY(in.finish());
        return out;
    }

} // namespace

Account State::account(const PublicKey& key) const
{
    const Bytes* value = find(keyOf(kAccountPrefix, key.view()));
    return value ? trusted(Account::decode(*value)) : Account{};
}

std::optional<NodeRecord> State::node(const PublicKey& key) const
{
    const Bytes* value = find(keyOf(kNodePrefix, key.view()));
    return value ? std::optional{ trusted(NodeRecord::decode(*value)) } : std::nullopt;
}

std::optional<SlashRecord> State::slash(const PublicKey& key) const
{
    const Bytes* value = find(keyOf(kSlashPrefix, key.view()));
    return value ? std::optional{ trusted(SlashRecord::decode(*value)) } : std::nullopt;
}

std::optional<Run> State::run(const RunId& id) const
{
    const Bytes* value = find(keyOf(kRunPrefix, id.view()));
    return value ? std::optional{ trusted(Run::decode(id, *value)) } : std::nullopt;
}

Bytes State::manifest(const RunId& id) const
{
    const Bytes* value = find(keyOf(kManifestPrefix, id.view()));
    return value ? *value : Bytes{};
}

std::optional<Member> State::member(const RunId& run, const PublicKey& node) const
{
    const Bytes* value = find(keyOf(kMemberPrefix, run.view(), node.view()));
    return value ? std::optional{ trusted(Member::decode(node, *value)) } : std::nullopt;
}

std::vector<PublicKey> State::members(const RunId& run) const
{
    const Bytes* value = find(keyOf(kMembersPrefix, run.view()));
    return value ? trusted(decodeKeys(*value)) : std::vector<PublicKey>{};
}

std::vector<PublicKey> State::vestingHolders(const RunId& run) const
{
    const Bytes* value = find(keyOf(kHoldersPrefix, run.view()));
    return value ? trusted(decodeKeys(*value)) : std::vector<PublicKey>{};
}

Totals State::totals() const
{
    const Bytes* value = find(keyOf(kTotalsPrefix));
    return value ? trusted(Totals::decode(*value)) : Totals{};
}

void State::put(const PublicKey& key, const Account& account)
{
    write(keyOf(kAccountPrefix, key.view()), account.encode());
}

void State::put(const PublicKey& key, const NodeRecord& node)
{
    write(keyOf(kNodePrefix, key.view()), node.encode());
}

void State::put(const PublicKey& key, const SlashRecord& slash)
{
    write(keyOf(kSlashPrefix, key.view()), slash.encode());
}

void State::put(const Run& run)
{
    write(keyOf(kRunPrefix, run.id.view()), run.encode());
}

void State::putManifest(const RunId& run, const Bytes& manifest)
{
    write(keyOf(kManifestPrefix, run.view()), manifest);
}

void State::put(const RunId& run, const Member& member)
{
    write(keyOf(kMemberPrefix, run.view(), member.node.view()), member.encode());
}

void State::putMembers(const RunId& run, const std::vector<PublicKey>& members)
{
    write(keyOf(kMembersPrefix, run.view()), encodeKeys(members));
}

void State::putVestingHolders(const RunId& run, const std::vector<PublicKey>& holders)
{
    write(keyOf(kHoldersPrefix, run.view()),
        holders.empty() ? std::nullopt : std::optional{ encodeKeys(holders) });
}

void State::put(const Totals& totals)
{
    write(keyOf(kTotalsPrefix), totals.encode());
}

void State::rollback(std::size_t mark)
{
    ASSERT(mark <= m_journal.size());
    while (m_journal.size() > mark) {
        Undo undo = std::move(m_journal.back());
        m_journal.pop_back();
        if (undo.previous) {
            m_changes[std::move(undo.key)] = std::move(*undo.previous);
        } else {
            m_changes.erase(undo.key);
        }
    }
}

const Bytes* State::find(ByteView key) const
{
    if (const auto change = m_changes.find(base::toBytes(key)); change != m_changes.end()) {
        return change->second ? &*change->second : nullptr;
    }
    return m_base.find(key);
}

void State::write(Bytes key, std::optional<Bytes> value)
{
    Undo undo{ .key = key, .previous = std::nullopt };
    const auto [change, isNew] = m_changes.try_emplace(std::move(key));
    if (!isNew) {
        undo.previous = std::move(change->second);
    }
    change->second = std::move(value);
    m_journal.push_back(std::move(undo));
}

} // namespace loam::ledger
