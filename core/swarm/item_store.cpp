// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/item_store.h"

#include <algorithm>
#include <cstring>

namespace loam::swarm {

using namespace std::chrono_literals;
using base::Errc;
using base::fail;

namespace {

    constexpr auto kRepeatPut = 30min;
    constexpr auto kTimeout = 20s;
    /// A newcomer's routing table is empty for a moment: an early "nobody has it" is not believed.
    constexpr auto kAskAgain = 1s;
    constexpr auto kBelieveAbsence = 3s;
    constexpr std::size_t kMaxSalt = 64;

    std::array<char, 32> rawKey(const base::PublicKey& key)
    {
        std::array<char, 32> out{};
        std::memcpy(out.data(), key.data.data(), out.size());
        return out;
    }

    base::Result<Item> checkedItem(const lt::dht_mutable_item_alert& alert)
    {
        Item out;
        std::memcpy(out.key.data.data(), alert.key.data(), alert.key.size());
        out.salt = alert.salt;
        out.sequence = alert.seq;
        base::Signature signature;
        std::memcpy(signature.data.data(), alert.signature.data(), alert.signature.size());
        std::string encoded;
        lt::bencode(std::back_inserter(encoded), alert.item);
        if (!crypto::verify(
                out.key, ItemStore::signedBytes(out.salt, out.sequence, encoded), signature)) {
            return fail(Errc::Corrupt, "an item's signature does not hold");
        }
        if (alert.item.type() != lt::entry::string_t) {
            return fail(Errc::Invalid, "an item is not a byte string");
        }
        out.value = base::toBytes(base::asBytes(alert.item.string()));
        return out;
    }

} // namespace

ItemStore::ItemStore(
    lt::session& session, const crypto::KeyPair& identity, const base::Clock& clock)
    : m_session{ session }
    , m_identity{ identity }
    , m_clock{ clock }
{
}

base::Bytes ItemStore::signedBytes(
    std::string_view salt, std::int64_t sequence, std::string_view bencodedValue)
{
    std::string out;
    if (!salt.empty()) {
        out += "4:salt" + std::to_string(salt.size()) + ":" + std::string{ salt };
    }
    out += "3:seqi" + std::to_string(sequence) + "e1:v" + std::string{ bencodedValue };
    return base::toBytes(base::asBytes(out));
}

void ItemStore::put(
    std::string salt, std::int64_t sequence, base::Bytes value, PutCallback callback)
{
    if (salt.size() > kMaxSalt || value.size() > kMaxItemValue || sequence < 0) {
        callback(fail(Errc::Invalid,
            "an item holds at most " + std::to_string(kMaxItemValue) + " bytes, not "
                + std::to_string(value.size()) + ", and a salt of at most 64"));
        return;
    }
    Own& own = m_own[salt];
    if (own.nextPut != base::MonotonicTime{} && sequence <= own.sequence) {
        callback(fail(Errc::Invalid, "an item's sequence number must grow with each put"));
        return;
    }
    own.sequence = sequence;
    own.value = std::move(value);
    own.deadline = m_clock.monotonic() + kTimeout;
    send(salt, own);
    // Last, because a callback may put again.
    if (const PutCallback old = std::exchange(own.callback, std::move(callback))) {
        old(fail(Errc::Cancelled, "a newer value replaces this one"));
    }
}

void ItemStore::send(const std::string& salt, Own& own)
{
    own.nextPut = m_clock.monotonic() + kRepeatPut;
    own.overtaken = std::make_shared<bool>(false);
    const auto write
        = [&key = m_identity, sequence = own.sequence, value = own.value,
              overtaken = own.overtaken](lt::entry& entry, std::array<char, 64>& signature,
              std::int64_t& current, const std::string& itemSalt) {
              const std::string text{ base::asText(value) };
              const bool same = entry.type() == lt::entry::string_t && entry.string() == text;
              if (entry.type() != lt::entry::undefined_t
                  && (current > sequence || (current == sequence && !same))) {
                  *overtaken = true;
              }
              entry = lt::entry{ text };
              current = sequence;
              std::string encoded;
              lt::bencode(std::back_inserter(encoded), entry);
              const base::Signature made = key.sign(signedBytes(itemSalt, sequence, encoded));
              std::memcpy(signature.data(), made.data.data(), signature.size());
          };
    m_session.dht_put_item(rawKey(m_identity.publicKey()), write, salt);
}

void ItemStore::settlePut(Own& own, base::Result<std::size_t> result)
{
    if (const PutCallback callback = std::exchange(own.callback, nullptr)) {
        callback(std::move(result));
    }
}

void ItemStore::putDone(const lt::dht_put_alert& alert)
{
    const auto found = m_own.find(alert.salt);
    if (found == m_own.end() || alert.seq != found->second.sequence
        || alert.public_key != rawKey(m_identity.publicKey())) {
        return;
    }
    Own& own = found->second;
    if (*own.overtaken) {
        settlePut(own, fail(Errc::Denied, "the network holds the same or a higher sequence"));
    } else if (alert.num_success > 0) {
        settlePut(own, static_cast<std::size_t>(alert.num_success));
    } else if (m_clock.monotonic() + kAskAgain < own.deadline) {
        own.nextPut = m_clock.monotonic() + kAskAgain;
    } else {
        settlePut(own, fail(Errc::Unavailable, "no node of the network stored the item"));
    }
}

void ItemStore::get(const base::PublicKey& key, std::string salt, GetCallback callback)
{
    const Name name{ key, std::move(salt) };
    const auto [entry, isNew] = m_wanted.try_emplace(name);
    entry->second.callbacks.push_back(std::move(callback));
    if (isNew) {
        entry->second.deadline = m_clock.monotonic() + kTimeout;
        ask(name, entry->second);
    }
}

void ItemStore::ask(const Name& name, Wanted& wanted)
{
    wanted.nextAsk = m_clock.monotonic() + kAskAgain;
    m_session.dht_get_item(rawKey(name.first), name.second);
}

void ItemStore::settleGet(const Name& name, const base::Result<Item>& result)
{
    const auto found = m_wanted.find(name);
    if (found == m_wanted.end()) {
        return;
    }
    const std::vector<GetCallback> callbacks = std::move(found->second.callbacks);
    m_wanted.erase(found);
    for (const GetCallback& callback : callbacks) {
        callback(result);
    }
}

void ItemStore::received(const lt::dht_mutable_item_alert& alert)
{
    Name name;
    std::memcpy(name.first.data.data(), alert.key.data(), alert.key.size());
    name.second = alert.salt;
    const auto found = m_wanted.find(name);
    if (found == m_wanted.end()) {
        return;
    }
    if (alert.item.type() == lt::entry::undefined_t) {
        const base::MonotonicTime asked = found->second.deadline - kTimeout;
        if (alert.authoritative && m_clock.monotonic() - asked >= kBelieveAbsence) {
            settleGet(name, fail(Errc::NotFound, "the network holds no such item"));
        }
        return;
    }
    if (const base::Result<Item> item = checkedItem(alert)) {
        settleGet(name, item);
    }
}

void ItemStore::tick()
{
    const base::MonotonicTime now = m_clock.monotonic();
    for (auto& [salt, own] : m_own) {
        if (own.callback && now >= own.deadline) {
            settlePut(own, fail(Errc::Unavailable, "no node of the network stored the item"));
        }
        if (now >= own.nextPut) {
            send(salt, own);
        }
    }
    std::vector<Name> late;
    for (auto& [name, wanted] : m_wanted) {
        if (now >= wanted.deadline) {
            late.push_back(name);
        } else if (now >= wanted.nextAsk) {
            ask(name, wanted);
        }
    }
    for (const Name& name : late) {
        settleGet(name, fail(Errc::Timeout, "the network gave no valid answer in time"));
    }
}

void ItemStore::cancelAll()
{
    for (auto& [salt, own] : m_own) {
        settlePut(own, fail(Errc::Cancelled, "the swarm is shutting down"));
    }
    while (!m_wanted.empty()) {
        const Name name = m_wanted.begin()->first;
        settleGet(name, fail(Errc::Cancelled, "the swarm is shutting down"));
    }
}

} // namespace loam::swarm
