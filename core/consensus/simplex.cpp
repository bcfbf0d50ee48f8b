// SPDX-License-Identifier: GPL-3.0-or-later
#include "consensus/simplex.h"

#include "base/narrow.h"
#include "consensus/core.h"

#include <algorithm>

namespace loam::consensus {

using base::Errc;
using base::fail;

namespace {

    base::Result<> check(const Config& config)
    {
        std::vector<base::PublicKey> members = config.validators.members;
        if (members.empty() || members.size() > kMaxValidators) {
            return fail(Errc::Invalid,
                "a validator set has 1 to " + std::to_string(kMaxValidators) + " members, not "
                    + std::to_string(members.size()));
        }
        std::sort(members.begin(), members.end());
        if (std::adjacent_find(members.begin(), members.end()) != members.end()) {
            return fail(Errc::Invalid, "a validator set names one key twice");
        }
        if (config.delta < std::chrono::milliseconds{ 1 }) {
            return fail(Errc::Invalid, "the assumed network delay must be at least 1 ms");
        }
        return {};
    }

    std::optional<ValidatorIndex> ownIndex(const Config& config)
    {
        if (config.self == nullptr) {
            return std::nullopt;
        }
        const std::vector<base::PublicKey>& members = config.validators.members;
        const auto found = std::find(members.begin(), members.end(), config.self->publicKey());
        if (found == members.end()) {
            return std::nullopt;
        }
        return base::narrow<ValidatorIndex>(found - members.begin());
    }

} // namespace

Simplex::Simplex(std::unique_ptr<Core> core)
    : m_core{ std::move(core) }
{
}

Simplex::~Simplex() = default;

base::Result<std::unique_ptr<Simplex>> Simplex::create(Config config, Recovered recovered)
{
    TRY(check(config));
    const std::optional<ValidatorIndex> self = ownIndex(config);
    auto core = std::make_unique<Core>(std::move(config), self);
    TRY(core->recover(recovered));
    // What recovery finds out again is stored already.
    core->takeActions();
    return std::unique_ptr<Simplex>{ new Simplex{ std::move(core) } };
}

Actions Simplex::start()
{
    m_core->start();
    return m_core->takeActions();
}

Actions Simplex::timerFired(TimerToken token)
{
    m_core->timerFired(token);
    return m_core->takeActions();
}

Actions Simplex::connected(const base::PublicKey& peer)
{
    m_core->connected(peer);
    return m_core->takeActions();
}

Actions Simplex::received(const base::PublicKey& sender, base::ByteView message)
{
    m_core->received(sender, message);
    return m_core->takeActions();
}

Actions Simplex::proposalReady(Height height, const base::Hash256& parent, base::Bytes payload)
{
    m_core->proposalReady(height, parent, std::move(payload));
    return m_core->takeActions();
}

Actions Simplex::validated(const base::Hash256& block, bool ok)
{
    m_core->validated(block, ok);
    return m_core->takeActions();
}

Actions Simplex::finalizedRead(const base::PublicKey& peer, std::span<const BlockPtr> blocks,
    const std::optional<Certificate>& certificate)
{
    m_core->finalizedRead(peer, blocks, certificate);
    return m_core->takeActions();
}

Actions Simplex::wake()
{
    m_core->wake();
    return m_core->takeActions();
}

Height Simplex::finalizedHeight() const
{
    return m_core->finalHeight();
}

base::Hash256 Simplex::finalizedBlock() const
{
    return m_core->finalHash();
}

std::optional<Certificate> Simplex::finalizedBy() const
{
    return m_core->finalBy();
}

Height Simplex::height() const
{
    return m_core->height();
}

bool Simplex::isAwake() const
{
    return m_core->isAwake();
}

bool Simplex::isValidator() const
{
    return m_core->isValidator();
}

std::size_t Simplex::itemsHeld() const
{
    return m_core->itemsHeld();
}

base::Bytes Simplex::certificateMessage(const Certificate& certificate)
{
    return encodeMessage(certificate);
}

} // namespace loam::consensus
