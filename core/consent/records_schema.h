// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/database.h"

#include <array>

namespace loam::consent {

/// "LMcn" as a number: marks consent.db as Loam's.
inline constexpr std::int32_t kRecordsApplication = 0x4c4d636e;

inline constexpr std::array kRecordsMigrations{ store::Migration{ 1, R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE terms(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE sources(id INTEGER PRIMARY KEY AUTOINCREMENT, path BLOB NOT NULL UNIQUE,
    added INTEGER NOT NULL) STRICT;
CREATE TABLE patterns(source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    place INTEGER NOT NULL, includes INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY(source, includes, place)) STRICT;
CREATE TABLE own_patterns(text TEXT PRIMARY KEY) STRICT;
CREATE TABLE struck(source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    path BLOB NOT NULL, PRIMARY KEY(source, path)) STRICT;
CREATE TABLE struck_lines(source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    path BLOB NOT NULL, mark BLOB NOT NULL, PRIMARY KEY(source, path, mark)) STRICT;
CREATE TABLE seen(source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    path BLOB NOT NULL, contents BLOB NOT NULL, used BLOB NOT NULL, time INTEGER NOT NULL,
    PRIMARY KEY(source, path)) STRICT, WITHOUT ROWID;
CREATE TABLE grants(id BLOB NOT NULL, version INTEGER NOT NULL, envelope BLOB NOT NULL,
    PRIMARY KEY(id, version)) STRICT;
CREATE TABLE revocations(id BLOB PRIMARY KEY, time INTEGER NOT NULL, envelope BLOB) STRICT;
CREATE TABLE spent_on_source(source INTEGER PRIMARY KEY, micro_rho INTEGER NOT NULL) STRICT;
CREATE TABLE spent_on_grant(id BLOB PRIMARY KEY, micro_rho INTEGER NOT NULL) STRICT;
CREATE TABLE retired(source INTEGER PRIMARY KEY, path BLOB NOT NULL) STRICT;
CREATE TABLE log(entry INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
)sql" } };

} // namespace loam::consent
