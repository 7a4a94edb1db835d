/*
 * The connection's file is SQLite's; only the table of its methods is replaced
 * by a copy (sqlite.org/c3ref/io_methods.html).  What is not in the WAL is
 * asked of the main file, so a read behind its end is all the evidence that is
 * needed.
 *
 * A page of which the file has a part is not missing: without a valid page
 * count in the header SQLite rounds the file's size up (an SQLite before 3.7.0
 * wrote last, and somebody added half a page).
 */
#include "database/missing_page.h"

#include <stdbool.h>
#include <stddef.h>

static bool
is_behind_the_end(
    sqlite3_file *file, const sqlite3_io_methods *methods, sqlite3_int64 offset)
{
	sqlite3_int64 size = 0;

	return methods->xFileSize(file, &size) == SQLITE_OK && offset >= size;
}

static int
read_or_note(sqlite3_file *file, void *buf, int len, sqlite3_int64 offset)
{
	/* `methods` is the first member, and ours to write to. */
	struct missing_page *missing = (struct missing_page *)file->pMethods;
	int rc = read_ahead_read(
	    &missing->ahead, file, missing->original, buf, len, offset);

	if (rc != SQLITE_IOERR_SHORT_READ ||
	    !is_behind_the_end(file, missing->original, offset))
		return rc;
	if (missing->offset == 0)
		missing->offset = (uint64_t)offset;
	return SQLITE_CORRUPT;
}

void
missing_page_watch(struct missing_page *missing, sqlite3 *db)
{
	sqlite3_file *file = NULL;

	*missing = (struct missing_page){ .offset = 0 };
	if (sqlite3_file_control(
		db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
	    file == NULL || file->pMethods == NULL)
		return;
	missing->original = file->pMethods;
	missing->methods = *missing->original;
	missing->methods.xRead = read_or_note;
	file->pMethods = &missing->methods;
}
