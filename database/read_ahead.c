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
 * stay in the piece and are never asked for.
 *
 * The end of the file, a failing disk, and whatever else is not a full piece,
 * is left to an ordinary read of what was asked for: so SQLite hears of each
 * error at the page that has it, and of no other.
 *
 * SQLite's file is nobody's but one thread's at a time: pieces are filled one
 * after the other by one worker, and the caller reads from the file itself only
 * when that one rests.
 */
#include "database/read_ahead.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { READ_MAX = 64 << 10 };
_Static_assert((int)READ_AHEAD_BYTES % (int)READ_MAX == 0 &&
		   (int)READ_AHEAD_BESIDE_BYTES % (int)READ_MAX == 0,
    "pieces are whole reads");

/*
 * On the worker's thread, or the caller's.  SQLite asks its xRead for no more
 * than its largest page, and no VFS need bear more: the unix one asserts less
 * than 128 KiB (seekAndRead() in os_unix.c), and once took lengths modulo that.
 */
static void
fill(struct task *task)
{
	struct read_ahead_piece *piece = (struct read_ahead_piece *)task;

	piece->filled = true;
	for (size_t at = 0; piece->filled && at < piece->size; at += READ_MAX)
		piece->filled =
		    piece->methods->xRead(piece->file, piece->bytes + at,
			READ_MAX, piece->at + (sqlite3_int64)at) == SQLITE_OK;
}

void
read_ahead_begin(struct read_ahead *ahead, enum read_ahead_by by)
{
	struct err ignored;
	size_t size = READ_AHEAD_BYTES;

	read_ahead_end(ahead);
	ahead->count = 1;
	if (by == READ_AHEAD_BESIDE &&
	    pool_new(1, POOL_EQUAL, &ahead->pool, &ignored) == 0) {
		size = READ_AHEAD_BESIDE_BYTES;
		ahead->count = READ_AHEAD_PIECES;
	}
	ahead->buffer = malloc(ahead->count * size);
	for (unsigned i = 0; ahead->buffer != NULL && i < ahead->count; i++)
		ahead->piece[i] = (struct read_ahead_piece){
			.task.run = fill,
			.bytes = ahead->buffer + i * size,
			.size = size,
		};
}

void
read_ahead_end(struct read_ahead *ahead)
{
	pool_free(ahead->pool);
	free(ahead->buffer);
	*ahead = (struct read_ahead){ .buffer = NULL };
}

void
read_ahead_auto(struct read_ahead **place)
{
	read_ahead_end(*place);
}

static struct read_ahead_piece *
piece_of(struct read_ahead *ahead, unsigned i)
{
	return &ahead->piece[(ahead->first + i) % ahead->count];
}

static void
await(struct read_ahead *ahead, struct read_ahead_piece *piece)
{
	if (ahead->pool != NULL)
		pool_wait(ahead->pool, &piece->task);
}

static void
await_all(struct read_ahead *ahead)
{
	for (unsigned i = 0; i < ahead->count; i++)
		await(ahead, &ahead->piece[i]);
}

static void
send(struct read_ahead *ahead, struct read_ahead_piece *piece, sqlite3_int64 at)
{
	piece->at = at;
	if (ahead->pool != NULL)
		pool_submit(ahead->pool, &piece->task);
	else
		piece->task.run(&piece->task);
}

/* All pieces, from `offset` on. */
static void
send_all(struct read_ahead *ahead, sqlite3_file *file,
    const sqlite3_io_methods *methods, sqlite3_int64 offset)
{
	await_all(ahead);
	ahead->first = 0;
	ahead->begun = true;
	for (unsigned i = 0; i < ahead->count; i++) {
		struct read_ahead_piece *piece = &ahead->piece[i];

		piece->file = file;
		piece->methods = methods;
		send(ahead, piece, offset + (sqlite3_int64)(i * piece->size));
	}
}

/* The first piece goes behind the last one. */
static void
move_on(struct read_ahead *ahead)
{
	struct read_ahead_piece *piece = piece_of(ahead, 0);

	await(ahead, piece);
	send(ahead, piece,
	    piece->at + (sqlite3_int64)(ahead->count * piece->size));
	ahead->first = (ahead->first + 1) % ahead->count;
}

static bool
is_place_of(const struct read_ahead_piece *piece, sqlite3_int64 offset)
{
	return offset >= piece->at &&
	       offset - piece->at < (sqlite3_int64)piece->size;
}

/* Which of the pieces has its place there; `count` when none has. */
static unsigned
find(struct read_ahead *ahead, sqlite3_int64 offset)
{
	unsigned i = 0;

	while (ahead->begun && i < ahead->count &&
	       !is_place_of(piece_of(ahead, i), offset))
		i++;
	return ahead->begun ? i : ahead->count;
}

/* The piece in whose place these bytes lie; NULL when they do not fit in it. */
static const struct read_ahead_piece *
piece_with(struct read_ahead *ahead, sqlite3_file *file,
    const sqlite3_io_methods *methods, size_t len, sqlite3_int64 offset)
{
	unsigned i = find(ahead, offset);

	if (i == ahead->count)
		send_all(ahead, file, methods, offset);
	else
		for (; i > 0; i--)
			move_on(ahead);
	struct read_ahead_piece *piece = piece_of(ahead, 0);
	await(ahead, piece);
	return piece->filled &&
		       len <= piece->size - (size_t)(offset - piece->at)
		   ? piece
		   : NULL;
}

int
read_ahead_read(struct read_ahead *ahead, sqlite3_file *file,
    const sqlite3_io_methods *methods, void *buf, int len, sqlite3_int64 offset)
{
	size_t want = (size_t)len;

	if (ahead->buffer == NULL)
		return methods->xRead(file, buf, len, offset);
	/* One page in a piece would only be copied once more. */
	const struct read_ahead_piece *piece =
	    want > ahead->piece[0].size / 2
		? NULL
		: piece_with(ahead, file, methods, want, offset);
	if (piece == NULL) {
		await_all(ahead);
		return methods->xRead(file, buf, len, offset);
	}
	memcpy(buf, piece->bytes + (offset - piece->at), want);
	return SQLITE_OK;
}
