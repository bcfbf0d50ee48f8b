// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/ed25519.h"
#include "swarm/swarm.h"

#include <QTemporaryDir>

#include <concepts>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>

namespace loam::swarm::test {

using namespace std::chrono_literals;

inline base::Bytes noise(std::size_t size, std::uint64_t seed)
{
    std::mt19937_64 random{ seed };
    base::Bytes out(size);
    for (std::size_t at = 0; at < size; at += 8) {
        const std::uint64_t word = random();
        std::memcpy(out.data() + at, &word, std::min<std::size_t>(8, size - at));
    }
    return out;
}

inline base::Bytes text(std::string_view value)
{
    return base::toBytes(base::asBytes(value));
}

inline base::NetworkId network(unsigned char fill)
{
    base::NetworkId out;
    out.data.fill(static_cast<std::byte>(fill));
    return out;
}

/// A swarm with a home of its own and a record of its events that a test can wait on.
class TestNode
{
public:
    /// `number` gives the address 127.0.<number>.1.
    explicit TestNode(int number, base::NetworkId net = network(1))
        : m_seed{ crypto::KeyPair::generate().seed().clone() }
    {
        m_config.listenAddress = "127.0." + std::to_string(number) + ".1";
        m_config.home = std::filesystem::path{ m_dir.path().toStdString() };
        m_config.network = net;
        m_config.agent = "test " + std::to_string(number);
    }

    Config& config() { return m_config; }
    std::filesystem::path home() const { return m_config.home; }

    bool start(std::vector<Endpoint> known = {})
    {
        m_config.knownEndpoints = std::move(known);
        m_config.identity = m_seed.clone();
        Config config{ m_config.profile, m_config.discovery, m_config.transport,
            m_config.listenAddress, m_config.port, m_config.home, m_config.network, m_seed.clone(),
            m_config.knownEndpoints, m_config.maxPeers, m_config.caps, m_config.limits,
            m_config.agent };
        auto started = Swarm::start(std::move(config), [this](Event event) {
            {
                const std::lock_guard lock{ m_mutex };
                m_events.push_back(std::move(event));
            }
            m_changed.notify_all();
        });
        if (!started) {
            qWarning("%s", started.error().message.c_str());
            return false;
        }
        m_swarm = std::move(*started);
        m_id = m_swarm->id();
        return true;
    }
    void stop() { m_swarm.reset(); }

    Swarm& operator*() { return *m_swarm; }
    Swarm* operator->() { return m_swarm.get(); }
    const base::PublicKey& id() const { return m_id; }

    /// Every event of a kind so far.
    template <class Kind> std::vector<Kind> seen() const
    {
        const std::lock_guard lock{ m_mutex };
        std::vector<Kind> out;
        for (const Event& event : m_events) {
            if (const auto* kind = std::get_if<Kind>(&event)) {
                out.push_back(*kind);
            }
        }
        return out;
    }
    void forget()
    {
        const std::lock_guard lock{ m_mutex };
        m_events.clear();
    }
    /// Waits until `count` events of a kind fulfil the condition.
    template <class Kind, std::predicate<const Kind&> Condition>
    bool await(std::size_t count, Condition condition, std::chrono::milliseconds patience = 10s)
    {
        std::unique_lock lock{ m_mutex };
        return m_changed.wait_for(lock, patience, [&] {
            std::size_t found = 0;
            for (const Event& event : m_events) {
                const auto* kind = std::get_if<Kind>(&event);
                found += kind != nullptr && condition(*kind) ? 1U : 0U;
            }
            return found >= count;
        });
    }
    template <class Kind>
    bool await(std::size_t count = 1, std::chrono::milliseconds patience = 10s)
    {
        return await<Kind>(
            count, [](const Kind&) { return true; }, patience);
    }
    bool awaitPeer(const TestNode& other, std::chrono::milliseconds patience = 10s)
    {
        return await<PeerUp>(
            1, [&](const PeerUp& up) { return up.id == other.id(); }, patience);
    }

private:
    QTemporaryDir m_dir;
    Config m_config;
    crypto::Seed m_seed;
    base::PublicKey m_id;
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<Event> m_events;
    std::unique_ptr<Swarm> m_swarm;
};

/// A result that a callback on another thread will give.
template <class Value> class Awaited
{
public:
    std::function<void(base::Result<Value>)> callback()
    {
        return [state = m_state](base::Result<Value> value) {
            const std::lock_guard lock{ state->mutex };
            ++state->calls;
            state->value = std::move(value);
            state->changed.notify_all();
        };
    }
    /// Nothing when it does not come in time.
    std::optional<base::Result<Value>> get(std::chrono::milliseconds patience = 10s)
    {
        std::unique_lock lock{ m_state->mutex };
        m_state->changed.wait_for(lock, patience, [this] { return m_state->calls > 0; });
        return m_state->value;
    }

private:
    struct State
    {
        std::mutex mutex;
        std::condition_variable changed;
        int calls{ 0 };
        std::optional<base::Result<Value>> value;
    };
    std::shared_ptr<State> m_state{ std::make_shared<State>() };
};

} // namespace loam::swarm::test
