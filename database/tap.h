/*
 * The tap: a small write-only SQLite VFS whose only file hands on each page
 * that is written to it.
 *
 * The backup API needs a destination database.  This one stores nothing: a
 * page-sized write at a page boundary becomes one call.  Whatever else SQLite
 * tries (reading pages back, truncating, a journal) fails, because on a fresh
 * destination with journal_mode=OFF it never needs to.
 */
#ifndef DATABASE_TAP_H
#define DATABASE_TAP_H

#include <stdint.h>

#include <sqlite3.h>

#include "base/err.h"

struct tap {
	/* Called in the order of SQLite's writes; -1 ends the backup. */
	int (*page)(void *ctx, uint32_t number, const uint8_t *page,
	    uint32_t page_size, struct err *err);
	void *ctx;
	struct err err; /* why the backup ended, when page() said -1 */
};

/*
 * Opens a connection whose main database is the tap; `tap` must outlive it.
 * Cache, journal, locking and sync are set as the tap needs them.
 */
int tap_open(struct tap *tap, sqlite3 **ret_db, struct err *err);

#endif
