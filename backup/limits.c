/*
 * All limits are read from outside (a clock, stat(), statvfs()), never through
 * SQLite, so that asking costs the database nothing.
 */
#include "backup/limits.h"

#include <sys/statvfs.h>

#include "base/clock.h"

/* Fifty looks a second: a WAL cannot grow far in between. */
static const double look_seconds = 0.02;

static double
mebibytes(uint64_t bytes)
{
	return (double)bytes / (1 << 20);
}

static int
too_long(const struct limits *limits, double held, struct err *err)
{
	(void)err_set(err, ERR_BUSY, 0,
	    "the pin on '%s' was given up after %.3f s, the limit of --max-pin",
	    limits->source->path, held);
	return err_hint(err,
	    "nothing was stored; raise --max-pin, and --rate if it is set, "
	    "lower --level, or write the archive to a faster place");
}

static int
too_much(const struct limits *limits, uint64_t growth, struct err *err)
{
	(void)err_set(err, ERR_BUSY, 0,
	    "the pin on '%s' was given up: its WAL grew by %.1f MiB, the "
	    "limit of --max-wal-growth is %.1f MiB",
	    limits->source->path, mebibytes(growth),
	    mebibytes(limits->max_growth));
	return err_hint(err,
	    "nothing was stored; raise --max-wal-growth, lower --level, or "
	    "back up when the application writes less");
}

static int
stalled(const struct limits *limits, double held, struct err *err)
{
	(void)err_set(err, ERR_BUSY, 0,
	    "the pin on '%s' was given up: writers could not commit for %.3f "
	    "s, the limit of --max-stall",
	    limits->source->path, held);
	return err_hint(err,
	    "nothing was stored; raise --max-stall, or put the database in "
	    "WAL mode, where a backup stops no writer");
}

static int
too_little(const struct limits *limits, uint64_t left, struct err *err)
{
	(void)err_set(err, ERR_BUSY, 0,
	    "the pin on '%s' was given up: %.1f MiB are left on its "
	    "filesystem, the limit of --min-free is %.1f MiB",
	    limits->source->path, mebibytes(left), mebibytes(limits->min_free));
	return err_hint(err,
	    "nothing was stored; make room, or lower --min-free; an archive "
	    "or a spool on the same filesystem takes from it too");
}

/* Elapsed time costs nothing to ask for. */
static int
check_time(const struct limits *limits, double held, struct err *err)
{
	if (limits->max_seconds > 0 && held > limits->max_seconds)
		return too_long(limits, held, err);
	if (limits->stalls && limits->max_stall > 0 && held > limits->max_stall)
		return stalled(limits, held, err);
	return 0;
}

static int
check_growth(struct limits *limits, struct err *err)
{
	uint64_t bytes = source_wal_bytes(limits->source);

	if (limits->behind.source != NULL)
		wal_behind_look(&limits->behind, bytes);
	if (limits->max_growth > 0 && bytes > limits->wal_before &&
	    bytes - limits->wal_before > limits->max_growth)
		return too_much(limits, bytes - limits->wal_before, err);
	return 0;
}

/* What others than root may still write; unknown is no reason to stop. */
static int
check_free(const struct limits *limits, struct err *err)
{
	struct statvfs vfs;

	if (limits->min_free == 0 || statvfs(limits->source->path, &vfs) < 0)
		return 0;
	uint64_t left = (uint64_t)vfs.f_bavail * vfs.f_frsize;
	return left < limits->min_free ? too_little(limits, left, err) : 0;
}

static int
check_one(struct limits *limits, double now, struct err *err)
{
	if (check_time(limits, now - limits->start, err) < 0)
		return -1;
	if (now < limits->next_look)
		return 0;
	limits->next_look = now + look_seconds;
	return check_growth(limits, err) < 0 ? -1 : check_free(limits, err);
}

static int
limits_check(void *ctx, struct err *err)
{
	double now = clock_steady();

	for (struct limits *each = ctx; each != NULL; each = each->next)
		if (check_one(each, now, err) < 0)
			return -1;
	return 0;
}

void
limits_prepare(struct limits *limits)
{
	limits->behind = (struct wal_behind){
		.source = limits->source,
		.begun = limits->wal_before,
	};
	limits->next_look = 0;
}

void
limits_begin(struct limits *limits, struct work *work)
{
	work->limit = limits_check;
	work->limit_ctx = limits;
}

void
limits_end(struct work *work)
{
	work->limit = NULL;
	work->limit_ctx = NULL;
}
