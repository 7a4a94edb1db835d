/*
 * Both limits are read from outside (a clock, stat()), never through SQLite,
 * so that asking costs the database nothing.
 */
#include "backup/limits.h"

#include "base/clock.h"

/* Fifty looks a second: a WAL cannot grow far in between. */
static const double look_seconds = 0.02;

static int
too_long(const struct limits *limits, double held, struct err *err)
{
	(void)err_set(err, ERR_BUSY, 0,
	    "the pin on '%s' was given up after %.3f s, the limit of --max-pin",
	    limits->source->path, held);
	return err_hint(err,
	    "nothing was stored; raise --max-pin, lower --level, or write the "
	    "archive to a faster place");
}

static int
too_much(const struct limits *limits, uint64_t growth, struct err *err)
{
	(void)err_set(err, ERR_BUSY, 0,
	    "the pin on '%s' was given up: its WAL grew by %llu bytes, the "
	    "limit of --max-wal-growth is %llu",
	    limits->source->path, (unsigned long long)growth,
	    (unsigned long long)limits->max_growth);
	return err_hint(err,
	    "nothing was stored; raise --max-wal-growth, lower --level, or "
	    "back up when the application writes less");
}

static int
limits_check(void *ctx, struct err *err)
{
	struct limits *limits = ctx;
	double now = clock_steady();

	if (limits->max_seconds > 0 &&
	    now - limits->start > limits->max_seconds)
		return too_long(limits, now - limits->start, err);
	if (limits->max_growth == 0 || now < limits->next_look)
		return 0;
	limits->next_look = now + look_seconds;

	uint64_t bytes = source_wal_bytes(limits->source);
	if (bytes > limits->wal_before &&
	    bytes - limits->wal_before > limits->max_growth)
		return too_much(limits, bytes - limits->wal_before, err);
	return 0;
}

void
limits_begin(struct limits *limits, struct work *work)
{
	limits->next_look = 0;
	limits->work = work;
	work->limit = limits_check;
	work->limit_ctx = limits;
}

void
limits_auto(struct limits *limits)
{
	if (limits->work == NULL)
		return;
	limits->work->limit = NULL;
	limits->work->limit_ctx = NULL;
	limits->work = NULL;
}
