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
	head_tries = 50, /* to meet a moment in which nobody writes the head */
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

/* The words are shared with other processes: each is read once, as it is. */
static void
copy_head(const volatile uint32_t *words, uint8_t ret_bytes[WAL_MARKS_BYTES])
{
	for (size_t i = 0; i < WAL_MARKS_BYTES / sizeof(*words); i++) {
		uint32_t word = words[i];
		memcpy(ret_bytes + i * sizeof(word), &word, sizeof(word));
	}
}

void
wal_index_marks(sqlite3 *db, struct wal_marks *ret_marks)
{
	sqlite3_file *file = handle(db, SQLITE_FCNTL_FILE_POINTER);
	void volatile *region = NULL;

	*ret_marks = (struct wal_marks){ .known = false };
	if (file == NULL || file->pMethods->iVersion < 2)
		return;

	/* It is mapped already; 0: if not, do not make it. */
	int rc = file->pMethods->xShmMap(file, 0, region_bytes, 0, &region);
	if ((rc != SQLITE_OK && rc != SQLITE_READONLY) || region == NULL)
		return;
	for (int i = 0; i < head_tries && !ret_marks->known; i++) {
		uint8_t bytes[WAL_MARKS_BYTES];
		copy_head(region, bytes);
		wal_marks_decode(bytes, ret_marks);
	}
}

static void
flush(sqlite3_file *file)
{
	if (file != NULL)
		(void)file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

void
wal_index_flush(sqlite3 *db)
{
	flush(handle(db, SQLITE_FCNTL_JOURNAL_POINTER));
}

void
wal_index_flush_all(sqlite3 *db)
{
	wal_index_flush(db);
	flush(handle(db, SQLITE_FCNTL_FILE_POINTER));
}

void
wal_index_frames(
    sqlite3 *db, uint64_t *ret_frames, uint64_t *ret_not_checkpointed)
{
	struct wal_marks marks;

	wal_index_marks(db, &marks);
	*ret_frames = marks.frames;
	*ret_not_checkpointed = wal_marks_not_checkpointed(&marks);
}
