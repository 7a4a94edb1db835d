/*
 * SQLite flushes the main file only when a checkpoint comes to the end of the
 * WAL (walCheckpoint() in its wal.c), so the last one would flush what all of
 * them wrote.  That is done here, before the last step is let go.
 */
#include "database/landing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/auto.h"
#include "base/clock.h"
#include "database/reader.h"
#include "database/trace.h"
#include "database/wal_index.h"

enum { STEPS = 2 };

/* Less is written back in a moment anyway. */
static const uint64_t step_bytes = 16 << 20;

/* For an application that has stopped writing nothing is gained by waiting. */
static const double patience_seconds = 0.3;

struct step {
	struct reader reader;
	uint64_t frame; /* its state has at least so many frames */
};

struct landing {
	const struct source *source;
	uint64_t wal_bytes; /* at the last step, or at the pin */
	unsigned held, gone; /* those between are held */
	struct step steps[STEPS];
};

int
landing_new(const struct source *source, uint64_t wal_bytes,
    struct landing **ret_landing, struct err *err)
{
	struct landing *landing = calloc(1, sizeof(*landing));

	if (landing == NULL)
		return err_system(err, "pin '%s'", source->path);
	landing->source = source;
	landing->wal_bytes = wal_bytes;
	*ret_landing = landing;
	return 0;
}

static void
let_go(struct step *step)
{
	sqlite3 *db = take_ptr(&step->reader.db);

	if (db == NULL)
		return;
	(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	trace_remove(db, step->reader.source);
	(void)sqlite3_close(db);
}

/* The first read is for the wal-index, which is asked before the second. */
static int
hold(struct step *step, struct err *err)
{
	struct reader *reader = &step->reader;
	uint64_t ignored = 0;

	if (reader_open(reader, err) < 0 || reader_same_file(reader, err) < 0 ||
	    reader_run(reader, "PRAGMA schema_version", err) < 0)
		return -1;
	if (!wal_index_used(reader->db))
		return -1;
	wal_index_frames(reader->db, &step->frame, &ignored);
	return reader_run(reader, "BEGIN; PRAGMA schema_version", err);
}

void
landing_look(struct landing *landing, double part, uint64_t wal_bytes)
{
	struct err ignored;

	if (landing->held == STEPS ||
	    part < (landing->held + 1) / (double)(STEPS + 1) ||
	    wal_bytes < landing->wal_bytes + step_bytes)
		return;
	landing->wal_bytes = wal_bytes;
	struct step *step = &landing->steps[landing->held++];
	step->reader = (struct reader){ .source = landing->source };
	if (hold(step, &ignored) < 0)
		let_go(step);
}

static bool
is_reached(const struct step *step)
{
	uint64_t frames = 0, waiting = 0;

	wal_index_frames(step->reader.db, &frames, &waiting);
	return frames - waiting >= step->frame;
}

static void
wait_until_reached(const struct step *step, const struct work *work)
{
	const struct timespec moment = { .tv_nsec = 500000 };
	double end = clock_steady() + patience_seconds;

	while (!is_reached(step) && clock_steady() < end &&
	       (work == NULL || atomic_load(&work->stop) == 0))
		(void)nanosleep(&moment, NULL);
}

void
landing_descend(struct landing *landing, const struct work *work)
{
	for (; landing->gone < landing->held; landing->gone++) {
		struct step *step = &landing->steps[landing->gone];

		if (step->reader.db == NULL)
			continue;
		wait_until_reached(step, work);
		if (landing->gone + 1 == landing->held)
			wal_index_flush_all(step->reader.db);
		let_go(step);
	}
}

void
landing_free(struct landing *landing)
{
	if (landing == NULL)
		return;
	for (unsigned i = landing->gone; i < landing->held; i++)
		let_go(&landing->steps[i]);
	free(landing);
}
