/*
 * Read-ahead of a pinned database's main file: SQLite asks for page after page,
 * and most of what one read() of 4 KiB costs is not the copying.
 *
 * In:  the reads of one connection that asks for pages in ascending order.
 * Out: the same bytes, from pieces that are filled by SQLite's own xRead: one
 *      piece, when it is asked for; or several, by a thread beside the one that
 *      asks, for whom then only a copy is left to make.
 * Only while a read transaction is held: then no page that SQLite takes from
 * the main file can change (read_ahead.c says why).  begin after the pin, end
 * before it is let go.  One thread calls.
 *
 * For this room only.
 */
#ifndef DATABASE_READ_AHEAD_H
#define DATABASE_READ_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/pool.h"

enum read_ahead_by {
	/*
	 * The least work in all: the piece is small enough for a core's own
	 * cache.
	 */
	READ_AHEAD_ITSELF = 0,
	/* The least time, if there is a processor to spare. */
	READ_AHEAD_BESIDE,
};

enum {
	READ_AHEAD_BYTES = 64 << 10, /* of the piece of ..._ITSELF */
	READ_AHEAD_BESIDE_BYTES = 1 << 20, /* of each of ..._BESIDE: */
	READ_AHEAD_PIECES = 3,
};

struct read_ahead_piece {
	struct task task; /* first: the worker finds the piece by it */
	sqlite3_file *file;
	const sqlite3_io_methods *methods;
	uint8_t *bytes;
	size_t size;
	sqlite3_int64 at; /* of the file's byte that is first in it */
	bool filled; /* to its end; else nothing in it counts */
};

struct read_ahead {
	uint8_t *buffer; /* of all pieces; NULL: off, every read goes through */
	struct pool *pool; /* NULL: ..._ITSELF */
	struct read_ahead_piece piece[READ_AHEAD_PIECES];
	unsigned count; /* of pieces */
	unsigned first; /* the one that is read from; the others follow it */
	bool begun; /* the pieces are somewhere in the file */
};

/*
 * Without memory for the buffer it stays off, and reads are as slow as ever;
 * without a thread each piece is filled when it is asked for.
 */
void read_ahead_begin(struct read_ahead *ahead, enum read_ahead_by by);
void read_ahead_end(struct read_ahead *ahead);
void read_ahead_auto(struct read_ahead **place);

/* As methods->xRead(file, buf, len, offset). */
int read_ahead_read(struct read_ahead *ahead, sqlite3_file *file,
    const sqlite3_io_methods *methods, void *buf, int len,
    sqlite3_int64 offset);

#endif
