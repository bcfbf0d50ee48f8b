// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/native.h"

namespace loam::store::native {

using base::Errc;
using base::fail;

tl::unexpected<base::Error> error(sqlite3* handle, int code)
{
    const char* const name = handle == nullptr ? nullptr : sqlite3_db_filename(handle, "main");
    const std::string file = name == nullptr || *name == '\0' ? "in memory" : name;
    const std::string detail = handle == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle);
    switch (code & 0xff) {
    case SQLITE_FULL:
        return fail(Errc::Io,
            "the disk is full: the database " + file
                + " could not be written and is unchanged; free some space and try again");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fail(Errc::Corrupt,
            "the database " + file + " is damaged (" + detail
                + "); move it away and restore a backup, or start without it to fetch it anew");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(Errc::Unavailable, "the database " + file + " is in use by another process");
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        return fail(Errc::Io, "the database " + file + " cannot be read or written: " + detail);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return fail(Errc::Denied, "no permission to write the database " + file + ": " + detail);
    case SQLITE_NOMEM:
        return fail(Errc::Unavailable, "not enough memory for the database " + file);
    case SQLITE_INTERRUPT:
        return fail(Errc::Cancelled, "the work on the database " + file + " was interrupted");
    default:
        return fail(Errc::Invalid, "the database " + file + " refuses: " + detail);
    }
}

} // namespace loam::store::native
