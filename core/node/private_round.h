// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "swarm/swarm.h"
#include "training/private_lane.h"

#include <QElapsedTimer>
#include <QObject>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace loam::node {

/// Carries one private round of this node's group between its members: plays the member, and the
/// organiser in the attempts that are this node's turn. Members ask the organiser over the swarm's
/// requests; nothing is pushed. All on the event-loop thread. docs/protocol-private.md.
class PrivateRound final : public QObject
{
    Q_OBJECT
public:
    struct Config
    {
        const crypto::KeyPair& key;
        swarm::Swarm& swarm;
        training::PrivateTerms terms;
        std::size_t size{ 0 }; ///< values of a member's update
        training::GroupRound round; ///< attempt 0 of this node's group
        std::vector<base::PublicKey> group; ///< its members
        std::chrono::milliseconds window{ 0 }; ///< of the round
        /// Whether the owner's consent, under which the vector was trained and paid for, still
        /// holds. Asked once, before the vector leaves.
        std::function<base::Result<>()> maySend;
        /// The group's record, checked, with this node's vector in its sum; or why there is none.
        /// Called once, from advance() or withdraw().
        std::function<void(base::Result<base::Bytes>)> done;
    };

    explicit PrivateRound(Config config);

    /// This node's encoded vector, noise in it. The member's part begins with it.
    void setVector(std::vector<std::uint32_t> vector);
    /// Ends the member's part unless its masked vector has left: that cannot be called back, and
    /// the group's sum needs the rest of the steps. The organiser's part goes on.
    void withdraw(const base::Error& why);
    /// To be called every half second or so, and after answers.
    void advance();
    bool isOver() const { return m_step == Step::Over; }
    /// Whether the masked vector may have left.
    bool hasSent() const { return m_hasSent; }
    /// How many this node's group has.
    std::size_t members() const { return m_config.group.size(); }

    /// Whether a peer's request is for this round and group.
    struct Address
    {
        base::Hash256 run;
        std::uint64_t round{ 0 };
        std::uint32_t group{ 0 };
        std::uint32_t attempt{ 0 };
    };
    struct Request
    {
        Address address;
        std::uint32_t stage{ 0 }; ///< of "private.get"
        base::Bytes message; ///< of "private.put"

        base::Bytes encode() const;
        static base::Result<Request> decode(base::ByteView bytes);
    };
    /// "private.put": a member's message. "private.get": what the organiser tells that member at a
    /// stage, or the record at the last; NotFound while that is not known yet.
    base::Result<base::Bytes> answer(
        const base::PublicKey& from, std::string_view method, const Request& request);

private:
    /// The member's next thing to do; the number is the stage it asks for.
    enum class Step : std::uint32_t {
        Advertise = 0,
        Share = 1,
        Mask = 2,
        Confirm = 3,
        Unmask = 4,
        Record = 5,
        Over = 6,
    };
    struct Organising
    {
        training::SumOrganiser sum;
        QElapsedTimer stage; ///< since the present stage began
        base::Bytes record;
    };

    base::Result<training::SumTerms> termsOf(std::uint32_t attempt) const;
    base::Result<Organising*> organising(std::uint32_t attempt);
    void closeStages(std::uint32_t attempt, Organising& one);
    std::chrono::milliseconds patience(std::uint32_t attempt, const Organising& one) const;

    void begin();
    void ask(std::string_view method, Request request);
    void answered(std::string_view method, base::Result<base::Bytes> answer);
    base::Result<> react(const base::Bytes& told);
    base::Result<> checkRecord(const base::Bytes& record);
    void giveUp(const base::Error& why);
    void finish(base::Result<base::Bytes> result);
    const base::PublicKey& organiser() const { return m_organisers[m_attempt]; }

    Config m_config;
    std::vector<base::PublicKey> m_organisers; ///< in the order of their attempts
    std::map<std::uint32_t, Organising> m_organising;
    std::vector<std::uint32_t> m_vector;
    bool m_hasVector{ false };
    bool m_hasSent{ false }; ///< the masked vector: no further attempt
    std::uint32_t m_attempt{ 0 };
    std::unique_ptr<training::SumMember> m_member;
    Step m_step{ Step::Advertise };
    base::Bytes m_outbox;
    bool m_isPutUncertain{ false }; ///< a message may have arrived although no answer came
    std::uint64_t m_question{ 0 }; ///< number of the newest question; answers to others are late
    bool m_isWaiting{ false };
    QElapsedTimer m_contact; ///< since the organiser last answered
};

} // namespace loam::node
