/*
 * SQLite hands out its file handles (SQLITE_FCNTL_FILE_POINTER and
 * _JOURNAL_POINTER); asking them costs no descriptor of our own, whose close()
 * would drop SQLite's locks (sqlite.org/howtocorrupt.html 2.2).
 *
 * The index is shared memory that others write to while we look, so a number
 * is that of a moment, and two of them need not belong together.
 */
#include "database/wal_index.h"

#include <stddef.h>

enum {
	region_bytes = 32768, /* SQLite maps the -shm in pieces of this size */
	/* Numbers of the 32-bit words, in the machine's byte order. */
	at_frames = 4,
	at_backfilled = 24,
};

static sqlite3_file *
handle(sqlite3 *db, int which)
{
	sqlite3_file *file = NULL;

	if (sqlite3_file_control(db, "main", which, &file) != SQLITE_OK ||
	    file == NULL || file->pMethods == NULL)
		return NULL;
	return file;
}

/* Without a WAL this is the journal's handle, which a reader never opens. */
bool
wal_index_used(sqlite3 *db)
{
	return handle(db, SQLITE_FCNTL_JOURNAL_POINTER) != NULL;
}

void
wal_index_frames(
    sqlite3 *db, uint64_t *ret_frames, uint64_t *ret_not_checkpointed)
{
	sqlite3_file *file = handle(db, SQLITE_FCNTL_FILE_POINTER);
	void volatile *region = NULL;

	*ret_frames = *ret_not_checkpointed = 0;
	if (file == NULL || file->pMethods->iVersion < 2)
		return;

	/* It is mapped already; 0: if not, do not make it. */
	int rc = file->pMethods->xShmMap(file, 0, region_bytes, 0, &region);
	if ((rc != SQLITE_OK && rc != SQLITE_READONLY) || region == NULL)
		return;

	const volatile uint32_t *words = region;
	uint32_t frames = words[at_frames];
	uint32_t backfilled = words[at_backfilled];
	*ret_frames = frames;
	*ret_not_checkpointed = frames > backfilled ? frames - backfilled : 0;
}
