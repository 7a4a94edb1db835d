/*
 * A database without a WAL is opened read-only, so that SQLite cannot roll back
 * the application's journal; one with a WAL is opened for writing, because only
 * then the lock can be had under which our own side files go (trace.c).  Who
 * is not its owner is a guest (guest.c), and a frozen database is read through
 * a VFS that can do nothing but read (frozen.c).
 */
#include "database/reader.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "database/engine.h"
#include "database/frozen.h"
#include "database/guest.h"
#include "database/hot_journal.h"
#include "database/occupants.h"
#include "database/sqlite_error.h"

/*
 * Between two tries for a lock: milliseconds.  A busy writer of a rollback
 * database lets go for moments only.
 */
enum { wait_first_ms = 1, wait_most_ms = 5 };

/* SQLite's busy handler: 1 to try again. */
static int
wait_for_lock(void *ctx, int tries)
{
	struct reader *reader = ctx;
	double now = clock_steady();

	if (reader->waiting_since == 0)
		reader->waiting_since = now;
	double left =
	    reader->busy_timeout_ms - (now - reader->waiting_since) * 1000;
	if (left <= 0 || work_check(reader->work, &reader->wait_err) < 0)
		return 0;

	double ms = wait_first_ms + tries;
	if (ms > wait_most_ms)
		ms = wait_most_ms;
	if (ms > left)
		ms = left;
	struct timespec pause = { .tv_nsec = (long)(ms * 1000000) };
	(void)nanosleep(&pause, NULL); /* a signal: the next try asks work */
	reader->busy_retries++;
	return 1;
}

static bool
holds_lock(const struct occupant *occupant)
{
	return occupant->locks;
}

/* " by process 708 (app)", or nothing where that cannot be found out. */
static void
name_holders(const struct reader *reader, char *ret_text, size_t size)
{
	const struct source *source = reader->source;
	struct occupants occupants;
	struct err ignored;
	char who[OCCUPANTS_TEXT];

	ret_text[0] = '\0';
	if (reader->hurried)
		return;
	if (occupants_find(source->path, &occupants, &ignored) < 0)
		return;
	occupants_keep(&occupants, holds_lock);
	if (occupants.count == 0)
		return;
	occupants_text(&occupants, who);
	(void)snprintf(ret_text, size, " by %s", who);
}

static int
locked(const struct reader *reader, struct err *err)
{
	const struct source *source = reader->source;
	double waited = reader->waiting_since == 0
			    ? 0
			    : clock_steady() - reader->waiting_since;
	char holders[OCCUPANTS_TEXT + 8];

	name_holders(reader, holders, sizeof(holders));
	(void)err_set(err, ERR_BUSY, SQLITE_BUSY,
	    "'%s' is locked%s; waited %.1f seconds", source->path, holders,
	    waited);
	if (source->through_wal && !source->has_shm)
		return err_hint(err,
		    "in WAL mode and without a -shm: an application with "
		    "PRAGMA locking_mode=EXCLUSIVE keeps everybody out as long "
		    "as it runs; a snapshot of its filesystem can be had with "
		    "--frozen");
	return err_hint(err,
	    "a program holds it exclusively: a long write, or PRAGMA "
	    "locking_mode=EXCLUSIVE; try again later or wait longer, or back "
	    "up a snapshot of its filesystem with --frozen");
}

/* All that SQLite says of a file that is shorter than it must be: malformed. */
static bool
is_cut_off(const struct source *source, int rc)
{
	const struct header *header = &source->header;

	return (rc & 0xff) == SQLITE_CORRUPT && header->page_count_valid &&
	       source->bytes < (uint64_t)header->page_count * header->page_size;
}

static int
cut_off(const struct source *source, int rc, struct err *err)
{
	const struct header *header = &source->header;

	(void)err_set(err, ERR_DAMAGED, rc,
	    "'%s' is cut off: it has %" PRIu64 " of the %" PRIu64
	    " bytes that its header tells of",
	    source->path, source->bytes,
	    (uint64_t)header->page_count * header->page_size);
	return source_hint_cut_off(source, err);
}

static int
refused(const struct reader *reader, int rc, struct err *err)
{
	if (reader->wait_err.kind != ERR_NONE) {
		*err = reader->wait_err;
		return -1;
	}
	if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_PROTOCOL)
		return locked(reader, err);
	if (rc == SQLITE_READONLY_ROLLBACK)
		return hot_journal_explain(reader->source, err);
	if (is_cut_off(reader->source, rc))
		return cut_off(reader->source, rc, err);
	return err_sqlite(
	    err, reader->db, rc, "open '%s'", reader->source->path);
}

/* What keeps the connection from changing anything. */
static int
set_up(struct reader *reader)
{
	sqlite3 *db = reader->db;

	(void)sqlite3_extended_result_codes(db, 1);
	(void)sqlite3_busy_handler(db, wait_for_lock, reader);
	(void)sqlite3_wal_autocheckpoint(db, 0);
	int rc = sqlite3_db_config(
	    db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(
		    db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
	/* A mapped file that somebody cuts off would kill us (SIGBUS). */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db,
		    "PRAGMA query_only = ON; PRAGMA mmap_size = 0", NULL, NULL,
		    NULL);
	return rc;
}

static bool
may_write(const struct source *source)
{
	return source->through_wal && source->writable &&
	       source->journal_bytes == 0;
}

static int
connect(struct reader *reader, const char *frozen_vfs)
{
	const struct source *source = reader->source;
	int flags =
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
	    (may_write(source) ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);

	if (source->guest && !source->frozen)
		return guest_open(source->path, flags, &reader->db);
	return sqlite3_open_v2(source->path, &reader->db, flags, frozen_vfs);
}

int
reader_open(struct reader *reader, struct err *err)
{
	const char *vfs = NULL; /* SQLite's default */

	if (reader->source->frozen && frozen_vfs_name(&vfs, err) < 0)
		return -1;
	engine_forget_warnings();
	int rc = connect(reader, vfs);
	if (rc == SQLITE_OK)
		rc = set_up(reader);
	if (rc != SQLITE_OK)
		return refused(reader, rc, err);
	missing_page_watch(&reader->missing, reader->db);
	return 0;
}

int
reader_run(struct reader *reader, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(reader->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : refused(reader, rc, err);
}

int
reader_same_file(const struct reader *reader, struct err *err)
{
	const struct source *source = reader->source;
	char warning[400];
	int moved = 0;

	if (source_unmoved(source, err) < 0)
		return -1;
	(void)sqlite3_file_control(
	    reader->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	if (moved != 0)
		return err_set(err, ERR_INPUT, 0,
		    "'%s' was replaced by another file meanwhile",
		    source->path);
	if (engine_warned(warning, sizeof(warning)))
		return err_set(err, ERR_INPUT, SQLITE_WARNING,
		    "SQLite does not trust '%s': %s", source->path, warning);
	return 0;
}
