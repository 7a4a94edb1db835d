/*
 * The state that is held is that of the moment before a round: a round ends
 * there, and by then others have committed more.  Without a commit since, the
 * round would come to the end of the WAL, so one is waited for.
 *
 * SQLite flushes the main file only when a checkpoint comes to the end of the
 * WAL (walCheckpoint() in its wal.c), so the application's would flush what all
 * rounds wrote.  That is done here, before the last state is let go.
 */
#include "database/landing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/auto.h"
#include "base/clock.h"
#include "database/backfill.h"
#include "database/reader.h"
#include "database/trace.h"
#include "database/wal_behind.h"

enum {
	most_rounds = 6,
	most_descents = 3,
	/* As much as an application that sets nothing checkpoints after. */
	little = 1000,
};

/* Of all rounds; of the wait for a commit. */
static const double most_seconds = 10, patience_seconds = 0.3;

static const unsigned open_wait_ms = 100;

/* A state that is held. */
struct hold {
	struct reader reader;
	uint64_t frame; /* the state has at most so many frames */
};

struct landing {
	const struct source *source;
	struct backfill *backfill;
	/* One is held; the other place is for the next.  A connection points
	 * to its place. */
	struct hold holds[2];
	unsigned held;
	double deadline; /* steady seconds */
};

static void
let_go(struct hold *hold)
{
	sqlite3 *db = take_ptr(&hold->reader.db);

	if (db == NULL)
		return;
	(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	trace_remove(db, hold->reader.source);
	(void)sqlite3_close(db);
}

/* -1 also without words in *err. */
static int
hold_newest(struct landing *landing, struct hold *hold, struct err *err)
{
	struct reader *reader = &hold->reader;
	uint64_t owed = 0;

	*reader = (struct reader){
		.source = landing->source,
		.busy_timeout_ms = open_wait_ms,
		.hurried = true,
	};
	if (reader_open(reader, err) < 0 || reader_same_file(reader, err) < 0 ||
	    reader_run(reader, "BEGIN; PRAGMA schema_version", err) < 0)
		return -1;
	backfill_frames(landing->backfill, &hold->frame, &owed);
	/* Not known: then it could not be told when it is the newest. */
	return hold->frame > 0 ? 0 : -1;
}

void
landing_begin(
    const struct source *source, uint64_t waiting, struct landing **ret_landing)
{
	struct err ignored;

	*ret_landing = NULL;
	if (waiting < LANDING_LEAST_BYTES || !source->writable ||
	    source->frozen)
		return;
	struct landing *landing = calloc(1, sizeof(*landing));
	if (landing == NULL)
		return;
	landing->source = source;
	if (backfill_new(source, &landing->backfill, &ignored) < 0 ||
	    hold_newest(landing, &landing->holds[0], &ignored) < 0)
		landing_free(landing);
	else
		*ret_landing = landing;
}

/* Somebody committed since the state was held. */
static bool
is_behind(const struct landing *landing)
{
	uint64_t frames = 0, owed = 0;

	backfill_frames(landing->backfill, &frames, &owed);
	return frames > landing->holds[landing->held].frame;
}

static bool
wait_for_commit(const struct landing *landing, const struct work *work)
{
	const struct timespec moment = { .tv_nsec = 200000 };
	double end = clock_steady() + patience_seconds;

	while (!is_behind(landing)) {
		if (clock_steady() >= end ||
		    work_is_over(work, landing->deadline))
			return false;
		(void)nanosleep(&moment, NULL);
	}
	return true;
}

/* The newest state is held before the older one is let go: the WAL is never
 * without a reader, and cannot be started over. */
static bool
move_on(struct landing *landing)
{
	struct hold *next = &landing->holds[1 - landing->held];
	struct err ignored;

	if (hold_newest(landing, next, &ignored) < 0) {
		let_go(next);
		return false;
	}
	let_go(&landing->holds[landing->held]);
	landing->held = 1 - landing->held;
	return true;
}

/* One round: how many frames it wrote back; 0 also when that is not known. */
static uint64_t
round_of(struct landing *landing, const struct work *work, uint64_t *ret_left)
{
	struct backfill *backfill = landing->backfill;
	struct err ignored;
	uint64_t frames = 0, before = 0;

	if (!wait_for_commit(landing, work))
		return 0;
	backfill_frames(backfill, &frames, &before);
	uint64_t done = frames - before;
	if (backfill_run(backfill, landing->deadline, work, &ignored) < 0)
		return 0;
	backfill_frames(backfill, &frames, ret_left);
	uint64_t done_now = frames - *ret_left;
	return done_now > done ? done_now - done : 0;
}

/*
 * Rounds until little is left, or no less than before; then it is all made
 * durable.  Returns how many frames were written back.
 */
static uint64_t
descend(struct landing *landing, const struct work *work)
{
	uint64_t written = 0, before = UINT64_MAX;

	for (int i = 0; i < most_rounds; i++) {
		uint64_t left = 0;
		uint64_t frames = round_of(landing, work, &left);

		written += frames;
		if (frames == 0 || !move_on(landing) || left <= little ||
		    left > before / 4 * 3)
			break;
		before = left;
	}
	if (written > 0)
		backfill_flush(landing->backfill);
	return written;
}

/* The flush of much takes long, and others commit meanwhile: once more, then. */
uint64_t
landing_descend(struct landing *landing, const struct work *work)
{
	uint64_t written = 0;

	if (landing == NULL)
		return 0;
	landing->deadline = clock_steady() + most_seconds;
	wal_behind_catch_up(landing->source, landing->deadline, work);
	for (int i = 0; i < most_descents; i++) {
		uint64_t frames = 0, owed = 0;
		uint64_t more = descend(landing, work);

		written += more;
		backfill_frames(landing->backfill, &frames, &owed);
		if (more == 0 || owed <= little)
			break;
	}
	return written;
}

void
landing_free(struct landing *landing)
{
	if (landing == NULL)
		return;
	let_go(&landing->holds[landing->held]);
	backfill_free(landing->backfill);
	free(landing);
}

void
landing_auto(struct landing **place)
{
	landing_free(*place);
}
