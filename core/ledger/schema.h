// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/database.h"

#include <algorithm>
#include <array>

namespace loam::ledger {

/// ledger.db. Rows of blocks, audit, audit_text and account_history are only ever added.
inline constexpr std::array<store::Migration, 1> kSchema{ { { .version = 1, .sql = R"sql(
CREATE TABLE genesis(
    id INTEGER PRIMARY KEY CHECK (id = 1),
    bytes BLOB NOT NULL) STRICT;
CREATE TABLE blocks(
    height INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    bytes BLOB NOT NULL,
    certificate BLOB,
    audit_size INTEGER NOT NULL) STRICT;
CREATE INDEX blocks_audit_size ON blocks(audit_size);
CREATE TABLE state(
    key BLOB PRIMARY KEY,
    value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE audit(
    entry INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL) STRICT;
CREATE TABLE audit_text(
    entry INTEGER PRIMARY KEY,
    text TEXT NOT NULL) STRICT;
CREATE TABLE cosignatures(
    size INTEGER NOT NULL,
    name TEXT NOT NULL,
    key_id BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (size, name)) STRICT, WITHOUT ROWID;
CREATE TABLE account_history(
    account BLOB NOT NULL,
    position INTEGER NOT NULL,
    time INTEGER NOT NULL,
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL,
    locked INTEGER NOT NULL,
    balance INTEGER NOT NULL,
    peer BLOB,
    memo TEXT NOT NULL,
    reason TEXT NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (account, position)) STRICT, WITHOUT ROWID;
CREATE TABLE journal_votes(
    position INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    height INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    block BLOB NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (height, epoch, kind)) STRICT;
CREATE TABLE journal_blocks(
    hash BLOB PRIMARY KEY,
    height INTEGER NOT NULL,
    bytes BLOB NOT NULL) STRICT;
CREATE TABLE journal_certificates(
    height INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    block BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (height, kind, block)) STRICT;
)sql" } } };

/// SQLite counts in signed 64 bits; ours never get there.
inline std::int64_t toSql(std::uint64_t value)
{
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
}

} // namespace loam::ledger
