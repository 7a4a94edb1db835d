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
#include <string.h>

enum {
	region_bytes = 32768, /* SQLite maps the -shm in pieces of this size */
	/* Numbers of the 32-bit words, in the machine's byte order. */
	at_commits = 2,
	at_flags = 3, /* its first byte: there is a header */
	at_frames = 4,
	at_pages = 5,
	at_checksum = 6,
	at_salt = 8,
	header_words = 12, /* of the header, which is there twice */
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

/* The index's first words, or NULL. */
static const volatile uint32_t *
first_words(sqlite3 *db)
{
	sqlite3_file *file = handle(db, SQLITE_FCNTL_FILE_POINTER);
	void volatile *region = NULL;

	if (file == NULL || file->pMethods->iVersion < 2 ||
	    file->pMethods->xShmMap == NULL)
		return NULL;
	/* It is mapped already; 0: if not, do not make it. */
	int rc = file->pMethods->xShmMap(file, 0, region_bytes, 0, &region);
	return rc == SQLITE_OK || rc == SQLITE_READONLY ? region : NULL;
}

void
wal_index_frames(
    sqlite3 *db, uint64_t *ret_frames, uint64_t *ret_not_checkpointed)
{
	const volatile uint32_t *words = first_words(db);

	*ret_frames = *ret_not_checkpointed = 0;
	if (words == NULL)
		return;
	uint32_t frames = words[at_frames];
	uint32_t backfilled = words[at_backfilled];
	*ret_frames = frames;
	*ret_not_checkpointed = frames > backfilled ? frames - backfilled : 0;
}

/* A writer writes the second header first, so that order tells a torn one. */
bool
wal_index_header(sqlite3 *db, struct wal_header *ret_header)
{
	const volatile uint32_t *words = first_words(db);
	uint32_t first[header_words], second[header_words];

	if (words == NULL)
		return false;
	for (size_t i = 0; i < header_words; i++)
		first[i] = words[i];
	__sync_synchronize();
	for (size_t i = 0; i < header_words; i++)
		second[i] = words[header_words + i];
	if (memcmp(first, second, sizeof(first)) != 0 ||
	    *(const uint8_t *)&first[at_flags] == 0)
		return false;
	*ret_header = (struct wal_header){
		.commits = first[at_commits],
		.frames = first[at_frames],
		.pages = first[at_pages],
		.checksum = { first[at_checksum], first[at_checksum + 1] },
		.salt = { first[at_salt], first[at_salt + 1] },
	};
	return true;
}
