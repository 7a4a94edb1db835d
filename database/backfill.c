/*
 * SQLite takes the checkpoint lock itself when it checkpoints, and lets it go
 * afterwards.  So that it stays with us from before the first run until after
 * the last, this connection's xShmLock is ours: it answers for that one lock,
 * and hands on the rest.
 */
#include "database/backfill.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include "base/auto.h"
#include "base/clock.h"
#include "database/checkpoint_timer.h"
#include "database/owner.h"
#include "database/reader.h"
#include "database/sqlite_error.h"
#include "database/trace.h"
#include "database/wal_index.h"

enum { checkpoint_lock = 1 }; /* walformat.html 2.3.1 */

/* How long to wait for a lock that is needed to open a database. */
static const unsigned open_wait_ms = 100;

/*
 * An application whose checkpoints a pin makes vain tries one at each commit,
 * and sorts all frames for it: it holds the lock half of the time, for
 * milliseconds.
 */
static const double claim_seconds = 0.25;

struct backfill {
	struct source source;
	struct reader reader;
	sqlite3_file *file; /* the connection's; NULL: as SQLite opened it */
	const sqlite3_io_methods *system;
	sqlite3_io_methods methods;
	bool claimed;
};

static struct backfill *
of_file(sqlite3_file *file)
{
	return (struct backfill *)((char *)file->pMethods -
				   offsetof(struct backfill, methods));
}

static int
xshmlock(sqlite3_file *file, int offset, int count, int flags)
{
	struct backfill *backfill = of_file(file);

	if (backfill->claimed && offset == checkpoint_lock && count == 1)
		return SQLITE_OK;
	return backfill->system->xShmLock(file, offset, count, flags);
}

static int
claim(struct backfill *backfill, struct err *err)
{
	const struct timespec moment = { .tv_nsec = 20000 };
	double end = clock_steady() + claim_seconds;

	while (clock_steady() < end) {
		int rc = backfill->system->xShmLock(backfill->file,
		    checkpoint_lock, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE);
		backfill->claimed = rc == SQLITE_OK;
		if (rc != SQLITE_BUSY)
			return rc == SQLITE_OK
				   ? 0
				   : err_sqlite(err, backfill->reader.db, rc,
					 "take the checkpoint lock");
		(void)nanosleep(&moment, NULL);
	}
	return err_set(err, ERR_BUSY, SQLITE_BUSY,
	    "another process makes a checkpoint of '%s'",
	    backfill->source.path);
}

static void
put_between(struct backfill *backfill, sqlite3_file *file)
{
	backfill->system = file->pMethods;
	backfill->methods = *file->pMethods;
	backfill->methods.xShmLock = xshmlock;
	backfill->file = file;
	file->pMethods = &backfill->methods;
}

/* SQLite looks for the WAL only when it reads. */
static int
connect_to(struct backfill *backfill, struct err *err)
{
	AUTO(owner) struct owner owner = { .taken = false };
	struct reader *reader = &backfill->reader;
	sqlite3_file *file = NULL;

	owner_take(&owner, reader->source);
	if (reader_open(reader, err) < 0 || reader_same_file(reader, err) < 0 ||
	    reader_run(reader, "PRAGMA schema_version", err) < 0)
		return -1;
	(void)sqlite3_file_control(
	    reader->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	if (!wal_index_used(reader->db) || file == NULL ||
	    file->pMethods->iVersion < 2)
		return err_set(err, ERR_INPUT, 0, "'%s' is not read by a WAL",
		    reader->source->path);
	put_between(backfill, file);
	return 0;
}

int
backfill_new(const struct source *source, struct backfill **ret_backfill,
    struct err *err)
{
	struct backfill *backfill = calloc(1, sizeof(*backfill));

	if (backfill == NULL)
		return err_system(
		    err, "write back the WAL of '%s'", source->path);
	backfill->source = *source;
	backfill->reader = (struct reader){ .source = &backfill->source,
		.busy_timeout_ms = open_wait_ms,
		.hurried = true };
	if (connect_to(backfill, err) < 0 || claim(backfill, err) < 0) {
		backfill_free(backfill);
		return -1;
	}
	*ret_backfill = backfill;
	return 0;
}

void
backfill_frames(
    struct backfill *backfill, uint64_t *ret_frames, uint64_t *ret_owed)
{
	wal_index_frames(backfill->reader.db, ret_frames, ret_owed);
}

int
backfill_run(struct backfill *backfill, double deadline,
    const struct work *work, struct err *err)
{
	AUTO(checkpoint_timer) struct checkpoint_timer *timer = NULL;
	sqlite3 *db = backfill->reader.db;

	if (checkpoint_timer_start(db, deadline, work, &timer, err) < 0)
		return -1;
	int rc = sqlite3_wal_checkpoint_v2(
	    db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return rc == SQLITE_OK ? 0
			       : err_sqlite(err, db, rc, "write back the WAL");
}

void
backfill_flush(struct backfill *backfill)
{
	wal_index_flush_all(backfill->reader.db);
}

static void
take_back(struct backfill *backfill)
{
	if (backfill->claimed)
		(void)backfill->system->xShmLock(backfill->file,
		    checkpoint_lock, 1,
		    SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
	if (backfill->file != NULL)
		backfill->file->pMethods = backfill->system;
}

void
backfill_free(struct backfill *backfill)
{
	if (backfill == NULL)
		return;
	take_back(backfill);
	if (backfill->reader.db != NULL) {
		trace_remove(backfill->reader.db, &backfill->source);
		(void)sqlite3_close(backfill->reader.db);
	}
	free(backfill);
}
