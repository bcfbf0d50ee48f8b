// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ledger/execution.h"

namespace loam::ledger {

/// What one transaction does to the state, kind by kind; internal to the module. The caller has
/// checked signature, sequence and fee, and takes everything back when a step is refused.
class Transition
{
public:
    /// `sender` and `transaction` are of the transaction, or of the block itself.
    Transition(State& state, const BlockContext& context, std::uint64_t auditSize, Effects& effects,
        const base::PublicKey& sender, std::optional<base::Hash256> transaction)
        : m_state{ state }
        , m_context{ context }
        , m_auditSize{ auditSize }
        , m_effects{ effects }
        , m_sender{ sender }
        , m_transaction{ transaction }
    {
    }

    Outcome<> operator()(const Transfer& body);
    Outcome<> operator()(const Bond& body);
    Outcome<> operator()(const Unbond& body);
    Outcome<> operator()(const RegisterNode& body);
    Outcome<> operator()(const OpenRun& body);
    Outcome<> operator()(const JoinRun& body);
    Outcome<> operator()(const LeaveRun& body);
    Outcome<> operator()(const SubmitUpdate& body);
    Outcome<> operator()(const CloseRound& body);
    Outcome<> operator()(const ReportEvidence& body);

    /// Takes a fee from the sender; the entry it belongs to is the next one.
    Outcome<> payFee(base::Amount fee, std::string_view kind);
    /// Credits the proposer.
    Outcome<> collectFees(base::Amount fees);
    /// Accounts of the genesis.
    void found();

private:
    /// Appends an entry with all that is common.
    AuditEntry& note(AuditKind kind, const base::PublicKey& subject);
    /// Appends a line of history that refers to the newest entry.
    void record(AccountChange change);
    std::uint64_t nextEntry() const { return m_auditSize + m_effects.entries.size(); }
    bool isValidator(const base::PublicKey& key) const;
    Outcome<Run> findRun(const RunId& id) const;
    Outcome<Run> findOpenRound(const RunId& id, std::uint64_t round) const;

    Outcome<> checkTerms(const RunTerms& terms) const;
    void openRound(Run& run);
    /// No longer in the run's list or in the node's.
    void removeMember(Run& run, Member& member, Membership status);
    void forgetRun(const base::PublicKey& node, const RunId& run);

    struct Submitted;
    struct Payment;
    Outcome<> checkClosure(
        const Run& run, const CloseRound& body, const std::vector<Submitted>& submitted) const;
    Outcome<std::vector<Payment>> splitEmission(const Run& run, const CloseRound& body) const;
    void noteClosure(const Run& run, const CloseRound& body, base::Amount minted);
    void noteRefusal(const CloseRound& body, const Contribution& contribution);
    Outcome<> pay(
        const Run& run, const CloseRound& body, const Payment& payment, std::int64_t weights);
    Outcome<> releaseVested(const Run& run, std::uint64_t upToRound);
    Outcome<> finishRound(Run& run, const std::vector<Submitted>& submitted);
    void exclude(const base::PublicKey& node, const RunId& id);

    State& m_state;
    const BlockContext& m_context;
    std::uint64_t m_auditSize;
    Effects& m_effects;
    base::PublicKey m_sender;
    std::optional<base::Hash256> m_transaction;
};

} // namespace loam::ledger
