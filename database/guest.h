/*
 * A connection of somebody who is not the owner of the database, and for whom
 * SQLite would make side files that the application cannot write.
 *
 * That the files are there when we look is not enough: an application that
 * closes the database a moment later takes them away, and SQLite then makes
 * new ones, even to read.  Such a connection uses the files that it finds and
 * cannot make any: SQLITE_CANTOPEN says that one is not there (any more).
 *
 * For this room only.
 */
#ifndef DATABASE_GUEST_H
#define DATABASE_GUEST_H

#include <sqlite3.h>

/* sqlite3_open_v2(), read-only; *ret_db as there.  Returns SQLite's result. */
int guest_open(const char *path, int flags, sqlite3 **ret_db);

#endif
