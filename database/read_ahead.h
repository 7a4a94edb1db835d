/*
 * Read-ahead of a pinned database's main file: SQLite asks for page after page,
 * and most of what one read() of 4 KiB costs is not the copying.
 *
 * In:  the reads of one connection that asks for pages in ascending order.
 * Out: the same bytes, from a buffer that is filled by SQLite's own xRead in
 *      pieces of READ_AHEAD_BYTES.
 * Only while a read transaction is held: then no page that SQLite takes from
 * the main file can change (read_ahead.c says why).  begin after the pin, end
 * before it is let go.  One thread.
 *
 * For this room only.
 */
#ifndef DATABASE_READ_AHEAD_H
#define DATABASE_READ_AHEAD_H

#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

/* Small enough for a core's own cache, which is what makes it fast. */
enum { READ_AHEAD_BYTES = 64 << 10 };

struct read_ahead {
	uint8_t *buffer; /* NULL: off, every read goes through */
	sqlite3_int64 at; /* of the file's byte that is first in the buffer */
	size_t filled; /* bytes of the file in it; 0 = none */
};

/* Without memory for the buffer it stays off, and reads are as slow as ever. */
void read_ahead_begin(struct read_ahead *ahead);
void read_ahead_end(struct read_ahead *ahead);
void read_ahead_auto(struct read_ahead **place);

/* As methods->xRead(file, buf, len, offset). */
int read_ahead_read(struct read_ahead *ahead, sqlite3_file *file,
    const sqlite3_io_methods *methods, void *buf, int len,
    sqlite3_int64 offset);

#endif
