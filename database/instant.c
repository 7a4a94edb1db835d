/*
 * Write locks on all databases, or on none: SQLite polls for locks, so two
 * programs that wait for each other would both wait in vain.  Whoever does not
 * get all of them gives back what it has, waits a moment of random length and
 * tries again.  For the first lock a try waits longer: while it does it holds
 * nothing that others want.
 *
 * Locks are taken in one order everywhere, by device and inode, so that two
 * backups do not meet crosswise.
 *
 * In WAL mode a commit becomes visible while its write lock is held, and a
 * transaction over several files (ATTACH) keeps all of them to its end
 * (sqlite.org/wal.html 2.3).  With a rollback journal it holds exclusive locks
 * on all its files when it commits, which our shared lock excludes.  So with
 * all locks in hand nothing is half-way.
 */
#include "database/instant.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/auto.h"
#include "base/clock.h"
#include "database/pin_handle.h"
#include "database/reader.h"

enum {
	/* Milliseconds. */
	first_lock_ms = 100,
	next_lock_ms = 10,
	rest_least_ms = 1,
	rest_most_ms = 50,
	/* Nanoseconds between two looks: a program that writes without a pause
	 * lets go for moments only. */
	look_least_ns = 50000,
	look_more_ns = 200000,
};

/* A database on its way. */
struct member {
	struct pin *pin;
	bool wal;
	struct reader lock; /* the second connection, in WAL mode */
	bool locked;
};

struct instant {
	const struct instant_options *options;
	struct member *members;
	size_t count;
	double begin; /* steady seconds when the first lock was had */
	double give_up; /* steady seconds after which no more is tried */
	unsigned tries;
};

static void
instant_auto(struct instant *instant)
{
	for (size_t i = 0; i < instant->count; i++)
		(void)sqlite3_close(instant->members[i].lock.db);
	free(instant->members);
}

static int
by_file(const void *left, const void *right)
{
	const struct source *a = pin_source(((const struct member *)left)->pin);
	const struct source *b =
	    pin_source(((const struct member *)right)->pin);

	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	return a->ino < b->ino ? -1 : a->ino > b->ino;
}

static int
open_lock(struct member *member, const struct work *work, struct err *err)
{
	const struct source *source = pin_source(member->pin);

	member->lock = (struct reader){
		.source = source,
		.work = work,
		.hurried = true,
	};
	/* It begins to write, which is all that it ever does. */
	if (reader_open(&member->lock, err) < 0 ||
	    reader_run(&member->lock, "PRAGMA query_only = OFF", err) < 0)
		return -1;
	/* There BEGIN IMMEDIATE would lock nothing, without a word. */
	if (sqlite3_db_readonly(member->lock.db, "main") == 0)
		return 0;
	(void)err_set(err, ERR_REFUSED, 0,
	    "'%s' cannot be locked for the instant of the backup: we may not "
	    "write to it",
	    source->path);
	return err_hint(err,
	    "run litesafe as its owner, or take the databases one after the "
	    "other with --no-instant");
}

/* The pins give up their first transactions, which only opened everything. */
static int
prepare(struct instant *instant, struct pin *const *pins, struct err *err)
{
	for (size_t i = 0; i < instant->count; i++) {
		struct member *member = &instant->members[i];

		member->pin = pins[i];
		member->wal = pin_facts(pins[i])->wal;
		if (pin_pause(member->pin, err) < 0)
			return -1;
	}
	qsort(instant->members, instant->count, sizeof(*instant->members),
	    by_file);
	for (size_t i = 0; i < instant->count; i++) {
		struct member *member = &instant->members[i];

		if (member->wal &&
		    open_lock(member, instant->options->work, err) < 0)
			return -1;
	}
	return 0;
}

static void
pause_ns(uint32_t least, uint32_t more)
{
	uint32_t random = 0;

	(void)!getrandom(&random, sizeof(random), 0);
	struct timespec pause = { .tv_nsec = least + random % more };
	(void)nanosleep(&pause, NULL); /* a signal: the next turn asks work */
}

/* One look; after it nothing is half begun. */
static int
take_lock(struct member *member, struct err *err)
{
	struct err ignored;

	if (member->wal)
		return reader_run(&member->lock, "BEGIN IMMEDIATE", err);
	if (pin_resume(member->pin, err) == 0)
		return 0;
	(void)pin_pause(member->pin, &ignored);
	return -1;
}

/* What keeps commits out of a database. */
static int
lock_one(struct instant *instant, struct member *member, struct err *err)
{
	unsigned wait_ms = instant->begin == 0 ? first_lock_ms : next_lock_ms;
	double give_up = clock_steady() + wait_ms / 1000.0;

	while (take_lock(member, err) < 0) {
		if (err->kind != ERR_BUSY || clock_steady() > give_up)
			return -1;
		*err = (struct err){ .kind = ERR_NONE };
		if (work_check(instant->options->work, err) < 0)
			return -1;
		pause_ns(look_least_ns, look_more_ns);
	}
	member->locked = member->wal;
	if (instant->begin == 0)
		instant->begin = clock_steady();
	return 0;
}

/* Those of a WAL first, the others last: their commits wait the longest. */
static int
lock_all(struct instant *instant, bool wal, struct err *err)
{
	for (size_t i = 0; i < instant->count; i++)
		if (instant->members[i].wal == wal &&
		    lock_one(instant, &instant->members[i], err) < 0)
			return -1;
	return 0;
}

static void
unlock_writers(struct instant *instant)
{
	for (size_t i = 0; i < instant->count; i++) {
		struct member *member = &instant->members[i];

		if (member->locked)
			(void)sqlite3_exec(
			    member->lock.db, "ROLLBACK", NULL, NULL, NULL);
		member->locked = false;
	}
}

/* The others were begun when they were locked. */
static int
begin_reads(struct instant *instant, struct err *err)
{
	for (size_t i = 0; i < instant->count; i++)
		if (instant->members[i].wal &&
		    pin_resume(instant->members[i].pin, err) < 0)
			return -1;
	return 0;
}

static int
try_once(struct instant *instant, struct err *err)
{
	instant->tries++;
	instant->begin = 0;
	int rc = lock_all(instant, true, err) < 0 ||
			 lock_all(instant, false, err) < 0 ||
			 begin_reads(instant, err) < 0
		     ? -1
		     : 0;
	unlock_writers(instant);
	return rc;
}

/* Everything back, and a pause in which others come to an end. */
static int
step_back(struct instant *instant, struct err *err)
{
	unsigned most = rest_least_ms + instant->tries;

	for (size_t i = 0; i < instant->count; i++)
		if (pin_pause(instant->members[i].pin, err) < 0)
			return -1;
	if (work_check(instant->options->work, err) < 0)
		return -1;
	if (most > rest_most_ms)
		most = rest_most_ms;
	pause_ns(look_least_ns, most * 1000000);
	return 0;
}

static int
not_in_time(const struct instant *instant, struct err *err)
{
	(void)err_within(err,
	    "no instant was found in which nobody writes, in %u tries and %.1f "
	    "seconds",
	    instant->tries, instant->options->busy_timeout_ms / 1000.0);
	return err_hint(err,
	    "wait longer with --busy-timeout, or take the databases one after "
	    "the other with --no-instant");
}

static int
take(struct instant *instant, struct err *err)
{
	while (try_once(instant, err) < 0) {
		struct err again;

		if (err->kind != ERR_BUSY)
			return -1;
		if (clock_steady() > instant->give_up)
			return not_in_time(instant, err);
		if (step_back(instant, &again) < 0) {
			*err = again;
			return -1;
		}
		*err = (struct err){ .kind = ERR_NONE };
	}
	return 0;
}

int
instant_take(struct pin *const *pins, size_t count,
    const struct instant_options *options, struct instant_cost *ret_cost,
    struct err *err)
{
	AUTO(instant)
	struct instant instant = {
		.options = options,
		.members = calloc(count, sizeof(*instant.members)),
		.count = count,
		.give_up = clock_steady() + options->busy_timeout_ms / 1000.0,
	};

	if (instant.members == NULL) {
		instant.count = 0;
		return err_system(err, "lock %zu databases", count);
	}
	if (prepare(&instant, pins, err) < 0 || take(&instant, err) < 0)
		return -1;
	*ret_cost = (struct instant_cost){
		.held_seconds =
		    instant.begin == 0 ? 0 : clock_steady() - instant.begin,
		.tries = instant.tries,
	};
	/* What can wait: it reads the states that are fixed. */
	for (size_t i = 0; i < count; i++)
		if (pin_measure(pins[i], err) < 0)
			return -1;
	return 0;
}
