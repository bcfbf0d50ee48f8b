// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/reason.h"

namespace loam::ledger {

std::string_view reasonName(Reason reason)
{
    switch (reason) {
    case Reason::Malformed:
        return "malformed";
    case Reason::BadSignature:
        return "bad_signature";
    case Reason::SequenceUsed:
        return "sequence_used";
    case Reason::SequenceGap:
        return "sequence_gap";
    case Reason::FeeTooLow:
        return "fee_too_low";
    case Reason::InsufficientFunds:
        return "insufficient_funds";
    case Reason::AmountInvalid:
        return "amount_invalid";
    case Reason::Overflow:
        return "overflow";
    case Reason::SelfTransfer:
        return "self_transfer";
    case Reason::InsufficientBond:
        return "insufficient_bond";
    case Reason::BondRequired:
        return "bond_required";
    case Reason::AlreadyRegistered:
        return "already_registered";
    case Reason::NotRegistered:
        return "not_registered";
    case Reason::WorkTooWeak:
        return "work_too_weak";
    case Reason::TooManyRegistrations:
        return "too_many_registrations";
    case Reason::UnknownRun:
        return "unknown_run";
    case Reason::RunFinished:
        return "run_finished";
    case Reason::RunFull:
        return "run_full";
    case Reason::AlreadyMember:
        return "already_member";
    case Reason::NotMember:
        return "not_member";
    case Reason::RejoinTooSoon:
        return "rejoin_too_soon";
    case Reason::TermsInvalid:
        return "terms_invalid";
    case Reason::EmissionNotAllowed:
        return "emission_not_allowed";
    case Reason::RoundNotOpen:
        return "round_not_open";
    case Reason::WrongRound:
        return "wrong_round";
    case Reason::NotInRound:
        return "not_in_round";
    case Reason::AlreadySubmitted:
        return "already_submitted";
    case Reason::TooLate:
        return "too_late";
    case Reason::TooEarly:
        return "too_early";
    case Reason::NotValidator:
        return "not_validator";
    case Reason::WrongContributions:
        return "wrong_contributions";
    case Reason::WrongVoid:
        return "wrong_void";
    case Reason::UnexpectedParams:
        return "unexpected_params";
    case Reason::WeightInvalid:
        return "weight_invalid";
    case Reason::SlashedContribution:
        return "slashed_contribution";
    case Reason::EvidenceInvalid:
        return "evidence_invalid";
    case Reason::AlreadySlashed:
        return "already_slashed";
    case Reason::SenderSlashed:
        return "sender_slashed";
    case Reason::PoolFull:
        return "pool_full";
    case Reason::Duplicate:
        return "duplicate";
    case Reason::ReplacementFeeTooLow:
        return "replacement_fee_too_low";
    }
    return "unknown";
}

base::Error Refusal::toError() const
{
    return base::Error{ base::Errc::Denied, std::string{ reasonName(reason) } + ": " + text };
}

} // namespace loam::ledger
