// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "crypto/ed25519.h"
#include "swarm/lt.h"
#include "swarm/types.h"

#include <functional>
#include <map>

namespace loam::swarm {

/// Signed pointers in the DHT (BEP 44 mutable items): signed and verified by our own crypto, the
/// first valid answer wins. Lives on the network thread.
class ItemStore
{
public:
    using PutCallback = std::function<void(base::Result<std::size_t>)>;
    using GetCallback = std::function<void(base::Result<Item>)>;

    ItemStore(lt::session& session, const crypto::KeyPair& identity, const base::Clock& clock);

    void put(std::string salt, std::int64_t sequence, base::Bytes value, PutCallback callback);
    void get(const base::PublicKey& key, std::string salt, GetCallback callback);
    void putDone(const lt::dht_put_alert& alert);
    void received(const lt::dht_mutable_item_alert& alert);
    /// Times out, retries and puts again; call a few times a second.
    void tick();
    /// Fails everything with Cancelled.
    void cancelAll();

    /// What a signature of an item covers (BEP 44).
    static base::Bytes signedBytes(
        std::string_view salt, std::int64_t sequence, std::string_view bencodedValue);

private:
    struct Own
    {
        std::int64_t sequence{ 0 };
        base::Bytes value;
        base::MonotonicTime nextPut;
        /// Set by the DHT thread's callback when it finds a sequence that is not below ours.
        std::shared_ptr<bool> overtaken;
        PutCallback callback;
        base::MonotonicTime deadline;
    };
    struct Wanted
    {
        std::vector<GetCallback> callbacks;
        base::MonotonicTime deadline;
        base::MonotonicTime nextAsk;
    };
    using Name = std::pair<base::PublicKey, std::string>;

    void send(const std::string& salt, Own& own);
    void settlePut(Own& own, base::Result<std::size_t> result);
    void ask(const Name& name, Wanted& wanted);
    void settleGet(const Name& name, const base::Result<Item>& result);

    lt::session& m_session;
    const crypto::KeyPair& m_identity;
    const base::Clock& m_clock;
    std::map<std::string, Own> m_own;
    std::map<Name, Wanted> m_wanted;
};

} // namespace loam::swarm
