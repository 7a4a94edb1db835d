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

/* The connection, which is in a transaction, reads through a WAL. */
bool wal_index_used(sqlite3 *db);

/*
 * Frames in the WAL, and those not yet in the main file, at this moment; zeros
 * when that cannot be known.  Only when wal_index_used().
 */
void wal_index_frames(
    sqlite3 *db, uint64_t *ret_frames, uint64_t *ret_not_checkpointed);

/*
 * What identifies the content of a WAL (sqlite.org/walformat.html 2.1): as it is
 * in memory, in the machine's byte order or not.
 */
struct wal_header {
	uint32_t commits; /* counts up with each commit */
	uint32_t frames; /* up to the last commit */
	uint32_t pages; /* of the database then */
	uint32_t checksum[2]; /* over all frames so far */
	uint32_t salt[2];
};

/* The header at this moment; false when it is being written or not there. */
bool wal_index_header(sqlite3 *db, struct wal_header *ret_header);

#endif
