// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "ledger/records.h"
#include "ledger/transaction.h"

#include <QJsonObject>

#include <span>
#include <string>

// From what a validator computed to the transaction that closes a round. Every validator must come
// to the same one, and the ledger refuses any other form (core/ledger/transition_close.cpp).
namespace loam::node {

/// Why an update of a validator that signed twice is refused.
inline constexpr const char* kDoubleVote = "double vote";

/// Excluded for a double vote; what it sends counts neither for the round nor for its quorum.
bool isSlashed(const ledger::Member& member);

/// Whether enough members in good standing sent an update. `submitters` are the round's, ascending.
bool reachesQuorum(const ledger::Run& run, std::span<const ledger::Member> submitters);

/// Closes a round below its quorum: every update refused, nothing changed.
ledger::CloseRound voidRound(const ledger::Run& run, std::span<const ledger::Member> submitters);

/// Closes a round by the worker's answer to the job "aggregate". When no update was accepted the
/// run keeps its parameters; otherwise the checkpoint is still to be named. Invalid when the answer
/// is malformed.
base::Result<ledger::CloseRound> resultOf(const ledger::Run& run,
    std::span<const ledger::Member> submitters, std::string rule, const QJsonObject& answer);

bool hasAccepted(const ledger::CloseRound& closure);

} // namespace loam::node
