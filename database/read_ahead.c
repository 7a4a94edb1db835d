/*
 * A page may be served from bytes that were read before it was asked for, if
 * reading it now would give the same bytes.  It would, for every page that a
 * pinned reader takes from the main file:
 *
 * - With a WAL, only a checkpoint writes to the main file, and only pages that
 *   have a frame which was not written back when it began.  It passes no
 *   reader's mark (walCheckpoint() in SQLite's wal.c, mxSafeFrame), so such a
 *   frame is one of those that our reader sees, and not one of those that were
 *   written back before it began to read: the reader takes that page from the
 *   WAL.  Were the WAL's index rebuilt meanwhile, older frames would be
 *   written back a second time, with the bytes that are there already.
 *   A reader whose mark is 0 takes everything from the main file, and its lock
 *   keeps all checkpoints from writing (walBusyLock(WAL_READ_LOCK(0))).
 * - With a rollback journal our SHARED lock keeps everybody from writing to
 *   the main file: that takes EXCLUSIVE.
 * - To a frozen database (frozen.h) nobody writes at all.
 *
 * The bytes of other pages may be half written while they are read here.  They
 * stay in the buffer and are never asked for.
 *
 * The end of the file, a failing disk, and whatever else is not a full buffer,
 * is left to an ordinary read of what was asked for: so SQLite hears of each
 * error at the page that has it, and of no other.
 */
#include "database/read_ahead.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void
read_ahead_begin(struct read_ahead *ahead)
{
	read_ahead_end(ahead);
	ahead->buffer = malloc(READ_AHEAD_BYTES);
}

void
read_ahead_end(struct read_ahead *ahead)
{
	free(ahead->buffer);
	*ahead = (struct read_ahead){ .buffer = NULL };
}

void
read_ahead_auto(struct read_ahead **place)
{
	read_ahead_end(*place);
}

static bool
has(const struct read_ahead *ahead, sqlite3_int64 offset, size_t len)
{
	return offset >= ahead->at && len <= ahead->filled &&
	       (size_t)(offset - ahead->at) <= ahead->filled - len;
}

int
read_ahead_read(struct read_ahead *ahead, sqlite3_file *file,
    const sqlite3_io_methods *methods, void *buf, int len, sqlite3_int64 offset)
{
	size_t want = (size_t)len;

	/* One page in the buffer would only be copied once more. */
	if (ahead->buffer == NULL || want > READ_AHEAD_BYTES / 2)
		return methods->xRead(file, buf, len, offset);
	if (!has(ahead, offset, want)) {
		ahead->filled = 0;
		if (methods->xRead(file, ahead->buffer, READ_AHEAD_BYTES,
			offset) != SQLITE_OK)
			return methods->xRead(file, buf, len, offset);
		ahead->at = offset;
		ahead->filled = READ_AHEAD_BYTES;
	}
	memcpy(buf, ahead->buffer + (offset - ahead->at), want);
	return SQLITE_OK;
}
