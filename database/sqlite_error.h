/*
 * SQLite's result codes as errors: text, kind, and the next step where the
 * code alone knows one (sqlite.org/rescode.html).
 */
#ifndef DATABASE_SQLITE_ERROR_H
#define DATABASE_SQLITE_ERROR_H

#include <sqlite3.h>

#include "base/err.h"

/*
 * Fills `err` from the (extended) result `rc`, adding ": " and SQLite's own
 * words; `db` may be NULL.  BUSY and LOCKED are ERR_BUSY, CORRUPT and NOTADB
 * ERR_DAMAGED, FULL ERR_NO_SPACE, CANTOPEN, PERM, READONLY, AUTH ERR_INPUT,
 * the rest ERR_FAILED.  Returns -1.
 */
int err_sqlite(struct err *err, sqlite3 *db, int rc, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
