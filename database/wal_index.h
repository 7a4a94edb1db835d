/*
 * What a connection's own view of its WAL says: SQLite's mapping of the -shm
 * (sqlite.org/walformat.html 2), never the file itself.
 *
 * For this room only.
 */
#ifndef DATABASE_WAL_INDEX_H
#define DATABASE_WAL_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "database/wal_marks.h"

/* The connection, which is in a transaction, reads through a WAL. */
bool wal_index_used(sqlite3 *db);

/* Not `known` when that cannot be had.  Only when wal_index_used(). */
void wal_index_marks(sqlite3 *db, struct wal_marks *ret_marks);

/*
 * Frames in the WAL, and those not yet in the main file, at this moment; zeros
 * when that cannot be known.  Only when wal_index_used().
 */
void wal_index_frames(
    sqlite3 *db, uint64_t *ret_frames, uint64_t *ret_not_checkpointed);

/*
 * Flushes the -wal, and with _all the main file after it, through SQLite's own
 * handles; errors are for the checkpoint to find.  Needs no lock and changes
 * nothing that others see.
 */
void wal_index_flush(sqlite3 *db);
void wal_index_flush_all(sqlite3 *db);

#endif
