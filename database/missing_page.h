/*
 * A page that a database lacks: it lies behind the end of the main file and is
 * not in the WAL either.
 *
 * SQLite takes such a page for zeros and says nothing.  It writes each new page
 * when it commits, so a database that lacks one was cut off, before or while it
 * was read, and a copy of it would hold zeros in place of rows.
 *
 * For this room only.
 */
#ifndef DATABASE_MISSING_PAGE_H
#define DATABASE_MISSING_PAGE_H

#include <stdint.h>

#include <sqlite3.h>

#include "database/read_ahead.h"

struct missing_page {
	sqlite3_io_methods methods; /* SQLite's own but for xRead */
	const sqlite3_io_methods *original;
	struct read_ahead ahead; /* off until begun */
	uint64_t offset; /* of the first one in the file; 0 = none so far */
};

/*
 * From now on a read of a missing page fails with SQLITE_CORRUPT and is noted.
 * `missing` must outlive the connection, at its place.
 */
void missing_page_watch(struct missing_page *missing, sqlite3 *db);

#endif
