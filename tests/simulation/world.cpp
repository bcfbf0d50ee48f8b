// SPDX-License-Identifier: GPL-3.0-or-later
#include "world.h"

#include "base/narrow.h"
#include "crypto/hash.h"

#include <algorithm>
#include <type_traits>

namespace loam::simulation {

crypto::KeyPair keyOf(std::size_t index)
{
    const std::string text = "simulated node " + std::to_string(index);
    const base::Hash256 hash = crypto::sha256(base::asBytes(text));
    crypto::Seed seed;
    std::copy(hash.data.begin(), hash.data.end(), seed.mutableView().begin());
    return crypto::KeyPair{ std::move(seed) };
}

bool cachedVerify(
    const base::PublicKey& key, base::ByteView message, const base::Signature& signature)
{
    static std::unordered_map<base::Hash256, bool> cache;
    const base::Hash256 name
        = crypto::Sha256{}.update(key.view()).update(signature.view()).update(message).finish();
    const auto [entry, isNew] = cache.try_emplace(name, false);
    if (isNew) {
        entry->second = crypto::verify(key, message, signature);
    }
    return entry->second;
}

base::Bytes payloadOf(const std::set<std::uint32_t>& transactions)
{
    base::Bytes out;
    for (const std::uint32_t id : transactions) {
        for (unsigned shift = 0; shift < 32; shift += 8) {
            out.push_back(static_cast<std::byte>(id >> shift & 0xffU));
        }
    }
    return out;
}

std::optional<std::set<std::uint32_t>> transactionsOf(const base::Bytes& payload)
{
    if (payload.size() % 4 != 0) {
        return std::nullopt;
    }
    std::set<std::uint32_t> out;
    for (std::size_t i = 0; i < payload.size(); i += 4) {
        std::uint32_t id = 0;
        for (unsigned byte = 0; byte < 4; ++byte) {
            id |= std::to_integer<std::uint32_t>(payload[i + byte]) << (8 * byte);
        }
        out.insert(id);
    }
    return out;
}

World::World(const Options& options)
    : m_options{ options }
    , m_random{ options.seed }
    , m_network{ crypto::sha256(base::asBytes("simulated network")).data }
    , m_genesis{ crypto::sha256(base::asBytes("simulated genesis")) }
{
    m_validators.epoch = 3;
    const std::size_t total = options.validators + options.followers;
    group.assign(total, 0);
    for (std::size_t i = 0; i < total; ++i) {
        auto node = std::make_unique<Node>(Node{ .index = i, .key = keyOf(i) });
        node->isValidator = i < options.validators;
        m_index.emplace(node->key.publicKey(), i);
        if (node->isValidator) {
            m_validators.members.push_back(node->key.publicKey());
        }
        m_nodes.push_back(std::move(node));
    }
    std::vector<std::size_t> order(options.validators);
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::shuffle(order.begin(), order.end(), m_random);
    for (std::size_t i = 0; i < options.byzantine; ++i) {
        m_nodes[order[i]]->isByzantine = true;
    }
    for (auto& node : m_nodes) {
        restart(*node);
    }
}

World::~World() = default;

bool World::chance(double probability)
{
    return probability > 0
        && std::uniform_real_distribution<double>{ 0, 1 }(m_random) < probability;
}

std::size_t World::below(std::size_t limit)
{
    return std::uniform_int_distribution<std::size_t>{ 0, limit - 1 }(m_random);
}

milliseconds World::delay()
{
    return milliseconds{ std::uniform_int_distribution<milliseconds::rep>{
        weather.minDelay.count(), weather.maxDelay.count() }(m_random) };
}

void World::fail(const std::string& what)
{
    if (m_failure.empty()) {
        m_failure = "at " + std::to_string(m_now.count()) + " ms: " + what;
    }
}

void World::at(milliseconds time, std::function<void()> event)
{
    m_queue.push({ time, m_order++, std::move(event) });
}

void World::later(Node& node, milliseconds delay, std::function<void(Node&)> event)
{
    at(m_now + delay, [this, &node, life = node.incarnation, event = std::move(event)] {
        if (node.simplex && node.incarnation == life) {
            event(node);
        }
    });
}

bool World::runUntil(milliseconds until)
{
    return runUntil(until, [] { return false; });
}

bool World::runUntil(milliseconds limit, const std::function<bool()>& done)
{
    while (!m_queue.empty() && m_queue.top().time <= limit && m_failure.empty() && !done()) {
        const Event event = m_queue.top();
        m_queue.pop();
        m_now = event.time;
        event.run();
    }
    if (!done()) {
        m_now = std::max(m_now, limit);
    }
    return m_failure.empty();
}

// ---- Life and death

Config World::configOf(const Node& node) const
{
    return { m_validators, m_network, node.isValidator ? &node.key : nullptr, m_options.delta,
        m_options.verifiesAll ? Verifier{} : Verifier{ cachedVerify } };
}

void World::restart(Node& node)
{
    Recovered recovered;
    recovered.finalizedBlock = m_genesis;
    if (!node.disk.records.empty()) {
        const Disk::Record& last = node.disk.records.back();
        recovered.finalizedHeight = last.certificate.height;
        recovered.finalizedBlock = last.certificate.block;
        recovered.finalizedBy = last.certificate;
    }
    recovered.votes = node.disk.votes;
    recovered.certificates = node.disk.certificates;
    for (const auto& [hash, block] : node.disk.blocks) {
        recovered.blocks.push_back(*block);
    }
    auto created = Simplex::create(configOf(node), std::move(recovered));
    if (!created) {
        fail("node " + std::to_string(node.index) + " cannot start: " + created.error().message);
        return;
    }
    ++node.incarnation;
    node.timers.clear();
    node.simplex = *std::move(created);
    later(node, milliseconds{ 0 }, [this](Node& self) {
        perform(self, self.simplex->start());
        for (auto& other : m_nodes) {
            if (self.simplex && other->simplex && other->index != self.index) {
                perform(self, self.simplex->connected(other->key.publicKey()));
            }
            if (other->simplex && other->index != self.index) {
                perform(*other, other->simplex->connected(self.key.publicKey()));
            }
        }
        if (self.simplex && !self.pool.empty()) {
            perform(self, self.simplex->wake());
        }
    });
}

void World::kill(Node& node)
{
    if (node.simplex) {
        // The call in progress still uses the object: bury it at the next event.
        at(m_now, [dead = std::shared_ptr<Simplex>{ std::move(node.simplex) }] {});
        ++m_crashes;
    }
}

// ---- Actions

bool World::persist(Node& node, const Action& action)
{
    Disk& disk = node.disk;
    const bool isWrite = std::holds_alternative<PersistVote>(action)
        || std::holds_alternative<PersistBlock>(action)
        || std::holds_alternative<PersistCertificate>(action)
        || std::holds_alternative<Finalized>(action);
    if (!isWrite) {
        return true;
    }
    const bool dies = !node.isByzantine && chance(weather.crash);
    if (!dies || chance(0.5)) {
        if (const auto* vote = std::get_if<PersistVote>(&action)) {
            disk.votes.push_back(vote->vote);
        } else if (const auto* block = std::get_if<PersistBlock>(&action)) {
            disk.blocks.emplace(block->hash, block->block);
        } else if (const auto* certificate = std::get_if<PersistCertificate>(&action)) {
            disk.certificates.push_back(certificate->certificate);
        } else if (const auto* final = std::get_if<Finalized>(&action)) {
            finalize(node, *final);
        }
    }
    if (dies) {
        kill(node);
        at(m_now + milliseconds{ 50 + below(3000) }, [this, &node] {
            if (!node.simplex) {
                restart(node);
            }
        });
    }
    return !dies;
}

void World::finalize(Node& node, const Finalized& action)
{
    Disk& disk = node.disk;
    const Height height = action.certificate.height;
    base::Hash256 tip = node.finalChain.empty() ? m_genesis : node.finalChain.back();
    for (const BlockPtr& block : action.blocks) {
        if (block->parent != tip) {
            fail("a final block does not follow the one before");
        }
        tip = block->hash();
        const std::size_t position = node.finalChain.size();
        node.finalChain.push_back(tip);
        if (node.isByzantine) {
            continue;
        }
        if (position == m_agreed.size()) {
            m_agreed.push_back(tip);
        } else if (m_agreed[position] != tip) {
            fail("two chains are final, from block " + std::to_string(position));
        }
        const auto transactions = transactionsOf(block->payload);
        if (!transactions) {
            fail("a block that no honest validator accepts is final");
            return;
        }
        for (const std::uint32_t id : *transactions) {
            node.finalTransactions.insert(id);
            node.pool.erase(id);
        }
    }
    if (tip != action.hash || action.certificate.block != tip
        || !action.certificate.checkShape(m_validators) || action.blocks.back()->height != height) {
        fail("a Finalized action does not fit together");
    }
    disk.records.push_back({ action.blocks, action.certificate });
    const auto isOld = [height](const auto& item) { return item.height <= height; };
    std::erase_if(disk.votes, isOld);
    std::erase_if(disk.certificates, isOld);
    std::erase_if(
        disk.blocks, [height](const auto& item) { return item.second->height <= height; });
}

void World::watchVote(const Node& node, const Vote& vote)
{
    if (node.isByzantine) {
        return;
    }
    const auto key = std::tuple{ node.index, vote.height, vote.kind };
    const auto [held, isNew] = m_honestVotes.try_emplace(key, vote.block);
    const VoteKind opposite
        = vote.kind == VoteKind::Nullify ? VoteKind::Finalize : VoteKind::Nullify;
    const bool clashes = vote.kind != VoteKind::Notarize
        && m_honestVotes.count({ node.index, vote.height, opposite }) != 0;
    if (held->second != vote.block || clashes) {
        fail("honest node " + std::to_string(node.index) + " contradicts itself at height "
            + std::to_string(vote.height));
    }
}

void World::perform(Node& node, Actions actions)
{
    const unsigned life = node.incarnation;
    bool isFinal = false;
    for (const Action& action : actions) {
        if (!node.simplex || node.incarnation != life || !persist(node, action)) {
            return;
        }
        std::visit(Overloaded{
                       [&](const PersistVote& a) { watchVote(node, a.vote); },
                       [](const PersistBlock&) {},
                       [](const PersistCertificate&) {},
                       [&](const Broadcast& a) { send(node, nullptr, a.message); },
                       [&](const SendTo& a) { send(node, &a.peer, a.message); },
                       [&](const SetTimer& a) {
                           node.timers.insert(a.token);
                           later(node, a.duration, [this, token = a.token](Node& self) {
                               if (self.timers.erase(token) != 0) {
                                   perform(self, self.simplex->timerFired(token));
                               }
                           });
                       },
                       [&](const CancelTimer& a) { node.timers.erase(a.token); },
                       [&](const RequestProposal& a) { propose(node, a); },
                       [&](const ValidateBlock& a) { check(node, a); },
                       [&](const Finalized& a) {
                           isFinal = true;
                           const base::Bytes message = Simplex::certificateMessage(a.certificate);
                           for (std::size_t i = m_validators.members.size(); i < m_nodes.size();
                                ++i) {
                               if (i != node.index && node.isValidator) {
                                   deliver(node.index, i, message);
                               }
                           }
                       },
                       [&](const ReadFinalized& a) { read(node, a); },
                       [&](const EvidenceFound& a) {
                           ++m_evidence;
                           if (!a.evidence.verify(m_validators, m_network)) {
                               fail("evidence does not verify");
                           } else if (!m_nodes[a.evidence.first.voter]->isByzantine) {
                               fail("evidence against an honest validator");
                           }
                       },
                       [&](const PeerFault& a) {
                           const auto peer = m_index.find(a.peer);
                           if (!node.isByzantine && !m_nodes[peer->second]->isByzantine) {
                               fail("an honest peer is blamed: " + a.error.message);
                           }
                       },
                   },
            action);
    }
    m_largestState = std::max(m_largestState, node.simplex->itemsHeld());
    if (isFinal && !node.pool.empty()) {
        perform(node, node.simplex->wake());
    }
}

void World::send(Node& node, const base::PublicKey* to, const base::Bytes& message)
{
    std::vector<std::size_t> receivers;
    for (const auto& other : m_nodes) {
        const bool isMeant = to == nullptr ? other->isValidator : other->key.publicKey() == *to;
        if (isMeant && other->index != node.index) {
            receivers.push_back(other->index);
        }
    }
    if (node.isByzantine) {
        misbehave(*this, node, message, receivers);
        return;
    }
    for (const std::size_t receiver : receivers) {
        deliver(node.index, receiver, message);
    }
}

void World::deliver(std::size_t from, std::size_t to, const base::Bytes& message)
{
    ++m_messages;
    if (group[from] != group[to] || chance(weather.loss)) {
        return;
    }
    const auto shared = std::make_shared<const base::Bytes>(message);
    const int copies = chance(weather.duplicate) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        at(m_now + delay(), [this, from, to, shared] {
            Node& receiver = *m_nodes[to];
            if (receiver.simplex && group[from] == group[to]) {
                perform(
                    receiver, receiver.simplex->received(m_nodes[from]->key.publicKey(), *shared));
            }
        });
    }
}

// ---- The application

void World::propose(Node& node, const RequestProposal& request)
{
    std::set<std::uint32_t> transactions = node.pool;
    for (const BlockPtr& block : request.ancestors) {
        if (const auto used = transactionsOf(block->payload)) {
            for (const std::uint32_t id : *used) {
                transactions.erase(id);
            }
        }
    }
    later(node, milliseconds{ 0 }, [this, request, payload = payloadOf(transactions)](Node& self) {
        perform(self, self.simplex->proposalReady(request.height, request.parent, payload));
    });
}

void World::check(Node& node, const ValidateBlock& request)
{
    base::Hash256 tip = node.finalChain.empty() ? m_genesis : node.finalChain.back();
    for (const BlockPtr& block : request.ancestors) {
        if (block->parent != tip) {
            fail("the ancestors of a block to validate are not a chain");
        }
        tip = block->hash();
    }
    if (request.block->parent != tip) {
        fail("a block to validate does not follow its ancestors");
    }
    const bool ok = transactionsOf(request.block->payload).has_value();
    const auto limit = base::narrow<std::size_t>(weather.maxValidation.count());
    later(node, milliseconds{ below(limit + 1) }, [this, hash = request.hash, ok](Node& self) {
        perform(self, self.simplex->validated(hash, ok));
    });
}

void World::read(Node& node, const ReadFinalized& request)
{
    std::vector<BlockPtr> blocks;
    std::optional<Certificate> certificate;
    for (const Disk::Record& record : node.disk.records) {
        if (record.certificate.height < request.from) {
            continue;
        }
        if (!blocks.empty() && blocks.size() + record.blocks.size() > kFetchBlocks) {
            break;
        }
        blocks.insert(blocks.end(), record.blocks.begin(), record.blocks.end());
        certificate = record.certificate;
    }
    later(node, milliseconds{ below(5) },
        [this, peer = request.peer, blocks = std::move(blocks), certificate](
            Node& self) { perform(self, self.simplex->finalizedRead(peer, blocks, certificate)); });
}

void World::submit(std::uint32_t transaction, bool everywhere)
{
    for (auto& node : m_nodes) {
        if (!node->isValidator || (!everywhere && chance(0.3))) {
            continue;
        }
        at(m_now + delay(), [this, transaction, target = node.get()] {
            if (target->finalTransactions.count(transaction) != 0) {
                return;
            }
            target->pool.insert(transaction);
            if (target->simplex) {
                perform(*target, target->simplex->wake());
            }
        });
    }
}

} // namespace loam::simulation
