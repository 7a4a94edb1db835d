/*
 * Methods of a file in a VFS of ours that is only read and that nobody else
 * uses: writing is refused, every lock is granted (sqlite.org/c3ref/io_methods
 * tells what each has to do).
 *
 * For this room only.  They look at nothing of the file, so it may be of any
 * kind; any thread.
 */
#ifndef DATABASE_READ_ONLY_H
#define DATABASE_READ_ONLY_H

#include <sqlite3.h>

/* SQLITE_READONLY. */
int read_only_xwrite(
    sqlite3_file *base, const void *buf, int len, sqlite3_int64 offset);
int read_only_xtruncate(sqlite3_file *base, sqlite3_int64 size);

/* There is nothing to be synced. */
int read_only_xsync(sqlite3_file *base, int flags);

/* For locking and unlocking; and nobody else holds one. */
int read_only_xlock(sqlite3_file *base, int level);
int read_only_xreserved(sqlite3_file *base, int *ret_reserved);

/* Bytes that a disk writes at once, and nothing special about it. */
int read_only_xsector(sqlite3_file *base);
int read_only_xtraits(sqlite3_file *base);

#endif
