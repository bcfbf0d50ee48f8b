// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consensus/message.h"
#include "consensus/simplex.h"

#include <queue>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <unordered_map>

namespace loam::simulation {

using namespace loam::consensus;
using std::chrono::milliseconds;

/// How rough the network and the machines are at the moment.
struct Weather
{
    double loss{ 0 };
    double duplicate{ 0 };
    milliseconds minDelay{ 5 };
    milliseconds maxDelay{ 50 };
    milliseconds maxValidation{ 0 };
    /// Chance of dying right before or right after each write to the disk.
    double crash{ 0 };
};

/// What a Byzantine validator does besides or instead of the protocol.
struct Mischief
{
    bool silentLeader{ false };
    bool equivocates{ false };
    bool doubleVotes{ false };
    bool withholdsCertificates{ false };
    bool selective{ false };
    bool replays{ false };
    bool garbage{ false };
    bool claimsFuture{ false };
    bool mute{ false };
};

struct Options
{
    std::size_t validators{ 4 };
    std::size_t followers{ 0 };
    std::size_t byzantine{ 0 };
    std::uint64_t seed{ 1 };
    milliseconds delta{ 100 };
    /// Check every signature for real instead of once for all nodes.
    bool verifiesAll{ false };
};

/// What a machine keeps when its process dies.
struct Disk
{
    struct Record
    {
        std::vector<BlockPtr> blocks;
        Certificate certificate;
    };
    std::vector<Record> records;
    std::vector<Vote> votes;
    std::map<base::Hash256, BlockPtr> blocks;
    std::vector<Certificate> certificates;
};

struct Node
{
    std::size_t index{ 0 };
    crypto::KeyPair key;
    bool isValidator{ true };
    bool isByzantine{ false };
    Mischief mischief{};
    Disk disk{};
    std::unique_ptr<Simplex> simplex{}; ///< null while dead
    unsigned incarnation{ 0 };
    std::set<TimerToken> timers{};
    std::set<std::uint32_t> pool{}; ///< transactions not final yet
    std::vector<base::Hash256> finalChain{};
    std::set<std::uint32_t> finalTransactions{};
};

/// Simulated network of Simplex machines on fake time. Checks safety at every step: the first
/// violation stands in failure().
class World
{
public:
    explicit World(const Options& options);
    ~World();

    Weather weather;
    std::vector<int> group; ///< nodes hear each other within a group only

    milliseconds now() const { return m_now; }
    std::mt19937_64& random() { return m_random; }
    std::vector<std::unique_ptr<Node>>& nodes() { return m_nodes; }
    const std::string& failure() const { return m_failure; }
    std::uint64_t messagesSent() const { return m_messages; }
    std::size_t evidenceFound() const { return m_evidence; }
    std::size_t crashes() const { return m_crashes; }
    std::size_t largestState() const { return m_largestState; }

    void at(milliseconds time, std::function<void()> event);
    /// Runs events up to `until`; false when a check failed.
    bool runUntil(milliseconds until);
    bool runUntil(milliseconds limit, const std::function<bool()>& done);
    bool isIdle() const { return m_queue.empty(); }

    /// A transaction reaches every living node within the current delays, some later or never
    /// under loss; `everywhere` makes it certain.
    void submit(std::uint32_t transaction, bool everywhere);
    /// One node alone learns that there is something to order.
    void wakeNode(Node& node) { perform(node, node.simplex->wake()); }
    void kill(Node& node);
    void restart(Node& node);
    bool chance(double probability);
    std::size_t below(std::size_t limit);

    void deliver(std::size_t from, std::size_t to, const base::Bytes& message);
    const ValidatorSet& validators() const { return m_validators; }
    const base::NetworkId& network() const { return m_network; }

private:
    struct Event
    {
        milliseconds time;
        std::uint64_t order;
        std::function<void()> run;
        bool operator<(const Event& other) const
        {
            return std::pair{ time, order } > std::pair{ other.time, other.order };
        }
    };

    void perform(Node& node, Actions actions);
    bool persist(Node& node, const Action& action);
    void finalize(Node& node, const Finalized& action);
    void send(Node& node, const base::PublicKey* to, const base::Bytes& message);
    void propose(Node& node, const RequestProposal& request);
    void check(Node& node, const ValidateBlock& request);
    void read(Node& node, const ReadFinalized& request);
    void watchVote(const Node& node, const Vote& vote);
    void later(Node& node, milliseconds delay, std::function<void(Node&)> event);
    void fail(const std::string& what);
    milliseconds delay();
    Config configOf(const Node& node) const;

    Options m_options;
    std::mt19937_64 m_random;
    milliseconds m_now{ 0 };
    std::uint64_t m_order{ 0 };
    std::priority_queue<Event> m_queue;
    ValidatorSet m_validators;
    base::NetworkId m_network;
    base::Hash256 m_genesis;
    std::vector<std::unique_ptr<Node>> m_nodes;
    std::map<base::PublicKey, std::size_t> m_index;
    std::vector<base::Hash256> m_agreed; ///< the one chain of final blocks
    std::map<std::tuple<std::size_t, Height, VoteKind>, base::Hash256> m_honestVotes;
    std::string m_failure;
    std::uint64_t m_messages{ 0 };
    std::size_t m_evidence{ 0 };
    std::size_t m_crashes{ 0 };
    std::size_t m_largestState{ 0 };
};

/// Sends what a Byzantine validator makes of an honest message. byzantine.cpp
void misbehave(
    World& world, Node& node, const base::Bytes& message, const std::vector<std::size_t>& to);

/// The payload of a list of transactions, and back; nothing when it is not one.
base::Bytes payloadOf(const std::set<std::uint32_t>& transactions);
std::optional<std::set<std::uint32_t>> transactionsOf(const base::Bytes& payload);

/// The key pair of a node, the same in every world.
crypto::KeyPair keyOf(std::size_t index);
/// Checks each signature once for all worlds of this process.
bool cachedVerify(
    const base::PublicKey& key, base::ByteView message, const base::Signature& signature);

} // namespace loam::simulation
