/*
 * Leaving no trace: side files that SQLite made for our connection alone go
 * with it.
 *
 * For this room only.
 */
#ifndef DATABASE_TRACE_H
#define DATABASE_TRACE_H

#include <sqlite3.h>

#include "database/source.h"

/*
 * Removes the side files that were not there `before` the connection was
 * opened, if nobody else has the database open and nothing is in the WAL.  The
 * connection must be out of its transaction, must not checkpoint when it
 * closes, and can only be closed afterwards.
 */
void trace_remove(sqlite3 *db, const struct source *before);

#endif
