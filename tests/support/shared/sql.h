/*
 * SQL for the programs of this folder: whatever fails ends the program, with a
 * message and status 1.
 */
#ifndef TESTS_SUPPORT_SHARED_SQL_H
#define TESTS_SUPPORT_SHARED_SQL_H

#include <sqlite3.h>

/* `db` may be NULL; it says why. */
void sql_die(sqlite3 *db, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

/* The format is that of sqlite3_mprintf(). */
void sql_run(sqlite3 *db, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
