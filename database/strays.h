/*
 * Who still uses a file that had the database's name before, and has none any
 * more: a program that was running while its database was replaced or restored
 * over.  What it commits goes nowhere, and the -wal that it finds by name is
 * another database's (sqlite.org/howtocorrupt.html 2.4).
 */
#ifndef DATABASE_STRAYS_H
#define DATABASE_STRAYS_H

#include "base/err.h"
#include "database/occupants.h"

/*
 * `path` is the real path.  As occupants_find(): looks at /proc only, and sees
 * other users' processes only as root.  A file that was renamed, not deleted,
 * is not found.
 */
int
strays_find(const char *path, struct occupants *ret_strays, struct err *err);

#endif
