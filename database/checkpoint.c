/*
 * Decide; connect; flush the WAL, which needs no lock and would otherwise be
 * waited for under one; then the checkpoint, with the clock running where
 * writers are kept out.
 *
 * Where writers are kept out by the mode itself, a passive checkpoint that
 * keeps nobody out comes first, if the library's are safe: what is left for
 * the budget is then little.
 *
 * Of the budget's end SQLite hears in two ways: while it waits for a lock, the
 * busy handler gives up; while it copies, the timer interrupts it, and then it
 * counts nothing of what it copied.  The handler interrupts, too, because
 * without the write lock SQLite would go on as a passive checkpoint.
 */
#include "database/checkpoint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/clock.h"
#include "database/checkpoint_reader.h"
#include "database/checkpoint_timer.h"
#include "database/checkpoint_writer.h"
#include "database/engine.h"
#include "database/owner.h"
#include "database/reader.h"
#include "database/side_files.h"
#include "database/trace.h"
#include "database/wal_index.h"

/* How long to wait for a lock that is needed to open a database. */
static const unsigned open_wait_ms = 1000;

/* How long another process's checkpoint is waited for. */
static const double patience_seconds = 1;

struct run {
	const struct checkpoint_options *options;
	struct source source; /* as it is now */
	struct reader reader; /* the connection that checkpoints */
	struct reader guard; /* the one that keeps writers out */
	double deadline; /* steady seconds; 0: nobody is kept waiting */
	double kept_out; /* seconds that writers waited */
	struct checkpoint_decision decision;
	struct checkpoint_result *result;
};

/* What SQLite answered. */
struct answer {
	int rc;
	int frames; /* in the WAL; -1: it did not come so far */
	int written; /* of them in the main file */
};

static void say(struct run *run, bool done, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
say(struct run *run, bool done, const char *fmt, ...)
{
	struct checkpoint_result *result = run->result;
	va_list args;

	result->done = done;
	result->missed = !done && run->options->mode != CHECKPOINT_AUTO;
	va_start(args, fmt);
	(void)vsnprintf(result->reason, sizeof(result->reason), fmt, args);
	va_end(args);
}

static void
disconnect(struct reader *reader)
{
	if (reader->db == NULL)
		return;
	trace_remove(reader->db, reader->source);
	(void)sqlite3_close(reader->db);
	reader->db = NULL;
}

static void
run_auto(struct run *run)
{
	/* The guard's lock goes first: it was not to last for a close. */
	disconnect(&run->guard);
	disconnect(&run->reader);
}

/* SQLite looks for the WAL only when it reads. */
static int
connect_to(struct reader *reader, struct err *err)
{
	AUTO(owner) struct owner owner = { .taken = false };

	owner_take(&owner, reader->source);
	if (reader_open(reader, err) < 0 || reader_same_file(reader, err) < 0)
		return -1;
	return reader_run(reader, "PRAGMA schema_version", err);
}

static bool
is_over(const struct run *run)
{
	return work_is_over(run->options->work, run->deadline);
}

/* A writer at full speed lets go for microseconds only. */
static void
doze(void)
{
	const struct timespec moment = { .tv_nsec = 50000 };

	(void)nanosleep(&moment, NULL);
}

/* SQLite's busy handlers: 1 to try again. */
static int
wait_for_lock(void *ctx, int tries)
{
	(void)tries;
	if (is_over(ctx))
		return 0;
	doze();
	return 1;
}

static int
wait_or_end(void *ctx, int tries)
{
	struct run *run = ctx;

	if (wait_for_lock(run, tries) == 1)
		return 1;
	sqlite3_interrupt(run->reader.db);
	return 0;
}

static int
sqlite_mode(enum checkpoint_mode mode)
{
	switch (mode) {
	case CHECKPOINT_FULL:
		return SQLITE_CHECKPOINT_FULL;
	case CHECKPOINT_RESTART:
		return SQLITE_CHECKPOINT_RESTART;
	case CHECKPOINT_TRUNCATE:
		return SQLITE_CHECKPOINT_TRUNCATE;
	default:
		return SQLITE_CHECKPOINT_PASSIVE;
	}
}

/*
 * Another checkpoint, the application's own most likely, makes SQLite refuse
 * at once; it is short as a rule.
 */
static struct answer
checkpoint(struct run *run, enum checkpoint_mode mode)
{
	double give_up = clock_steady() + patience_seconds;
	struct answer answer;

	for (;;) {
		answer = (struct answer){ .frames = -1, .written = -1 };
		answer.rc = sqlite3_wal_checkpoint_v2(run->reader.db, "main",
		    sqlite_mode(mode), &answer.frames, &answer.written);
		if ((answer.rc & 0xff) != SQLITE_BUSY || answer.frames >= 0)
			return answer;
		if (clock_steady() >= give_up ||
		    (run->deadline > 0 && is_over(run)))
			return answer;
		doze();
	}
}

/* Its end is the budget's: `seconds` from now. */
static int
begin_clock(struct run *run, double seconds, struct checkpoint_timer **timer,
    struct err *err)
{
	run->deadline = seconds > 0 ? clock_steady() + seconds : 0;
	return checkpoint_timer_start(
	    run->reader.db, run->deadline, run->options->work, timer, err);
}

static int
plain(struct run *run, struct answer *ret_answer, struct err *err)
{
	AUTO(checkpoint_timer) struct checkpoint_timer *timer = NULL;

	if (begin_clock(run, 0, &timer, err) < 0)
		return -1;
	*ret_answer = checkpoint(run, CHECKPOINT_PASSIVE);
	return 0;
}

/*
 * The write lock without a write: no writer can start the WAL over meanwhile.
 * It pins a state as well, the newest, so it is in nobody's way.
 */
static int
take_guard(struct run *run, double seconds, struct err *err)
{
	struct reader *guard = &run->guard;
	char writer[CHECKPOINT_WRITER_TEXT];

	if (connect_to(guard, err) < 0 ||
	    reader_run(guard, "PRAGMA query_only = OFF", err) < 0)
		return -1;
	run->deadline = clock_steady() + seconds;
	(void)sqlite3_busy_handler(guard->db, wait_for_lock, run);
	if (reader_run(guard, "BEGIN IMMEDIATE", err) == 0)
		return 0;
	if (err->kind != ERR_BUSY)
		return -1;
	(void)checkpoint_writer_find(
	    run->source.path, run->options->work, writer);
	return err_set(err, ERR_BUSY, 0, "writers did not let go for %.0f ms%s",
	    seconds * 1000, writer);
}

static int
guarded(struct run *run, struct answer *ret_answer, struct err *err)
{
	double seconds = run->options->budget_seconds > 0
			     ? run->options->budget_seconds
			     : CHECKPOINT_GUARD_SECONDS;

	if (take_guard(run, seconds, err) < 0)
		return -1;

	AUTO(checkpoint_timer) struct checkpoint_timer *timer = NULL;
	double start = clock_steady();
	if (begin_clock(run, seconds, &timer, err) < 0)
		return -1;
	*ret_answer = checkpoint(run, CHECKPOINT_PASSIVE);
	(void)sqlite3_exec(run->guard.db, "ROLLBACK", NULL, NULL, NULL);
	run->kept_out = clock_steady() - start;
	return 0;
}

static int
blocking(struct run *run, struct answer *ret_answer, struct err *err)
{
	if (checkpoint_version_is_safe((uint32_t)sqlite3_libversion_number()) &&
	    plain(run, ret_answer, err) < 0)
		return -1;

	AUTO(checkpoint_timer) struct checkpoint_timer *timer = NULL;
	double start = clock_steady();
	if (begin_clock(run, run->options->budget_seconds, &timer, err) < 0)
		return -1;
	(void)sqlite3_busy_handler(run->reader.db, wait_or_end, run);
	*ret_answer = checkpoint(run, run->options->mode);
	run->kept_out = clock_steady() - start;
	return 0;
}

/* Reader or writer: whoever is there still is one of them. */
static void
say_budget_is_over(struct run *run)
{
	const struct work *work = run->options->work;
	char reader[CHECKPOINT_READER_TEXT] = "";
	char writer[CHECKPOINT_WRITER_TEXT];

	if (!checkpoint_writer_find(run->source.path, work, writer))
		(void)checkpoint_reader_find(run->source.path, work, reader);
	say(run, false, "the budget was over after %.0f ms%s%s%s",
	    run->kept_out * 1000, writer, reader[0] == '\0' ? "" : ": ",
	    reader);
}

static void
say_incomplete(struct run *run, const struct answer *answer)
{
	char who[CHECKPOINT_READER_TEXT], waited[80] = "";

	if (!checkpoint_reader_find(run->source.path, run->options->work, who))
		(void)stpcpy(who, "readers need the rest");
	if (run->kept_out > 0)
		(void)snprintf(waited, sizeof(waited),
		    "; writers waited at most %.1f ms", run->kept_out * 1000);
	say(run, false, "%d of %d frames were written back: %s%s",
	    answer->written, answer->frames, who, waited);
}

/*
 * SQLite's answer in the operator's words.  That a call succeeded means
 * nothing: of a passive one it does when every frame had to stay.
 */
static void
judge(struct run *run, const struct answer *answer)
{
	int rc = answer->rc & 0xff;

	if (rc == SQLITE_OK && answer->frames >= 0 &&
	    answer->frames == answer->written) {
		if (run->kept_out > 0)
			say(run, true, "writers waited at most %.1f ms%s%s",
			    run->kept_out * 1000,
			    run->decision.reason[0] == '\0' ? "" : ": ",
			    run->decision.reason);
		else
			say(run, true, "%s", "");
		return;
	}
	if (work_is_stopped(run->options->work))
		say(run, false, "stopped by a signal");
	else if (rc == SQLITE_INTERRUPT ||
		 (rc == SQLITE_BUSY && run->deadline > 0 && is_over(run)))
		say_budget_is_over(run);
	else if (rc == SQLITE_BUSY && answer->frames < 0)
		say(run, false, "another process was making one all the time");
	else if (rc != SQLITE_OK && rc != SQLITE_BUSY)
		say(run, false, "SQLite refused it: %s",
		    sqlite3_errmsg(run->reader.db));
	else
		say_incomplete(run, answer);
}

/* Facts as of now, after the pin. */
static void
decide(struct run *run)
{
	const struct checkpoint_options *options = run->options;
	char who[CHECKPOINT_READER_TEXT];
	bool found =
	    checkpoint_mode_blocks(options->mode) &&
	    checkpoint_reader_find(run->source.path, options->work, who);
	const struct checkpoint_facts facts = {
		.mode = options->mode,
		.budget_seconds = options->budget_seconds,
		.wal = run->source.through_wal && run->source.wal_bytes > 0,
		.writable = run->source.writable,
		.linked = (uint32_t)sqlite3_libversion_number(),
		.writer = options->writer,
		.owed_before = options->owed_before,
		.owed_after = options->owed_after,
		.in_the_way = found ? who : NULL,
	};

	checkpoint_decide(&facts, &run->decision);
}

static int
do_it(struct run *run, struct answer *ret_answer, struct err *err)
{
	if (engine_start(err) < 0 || side_files_check(&run->source, err) < 0 ||
	    connect_to(&run->reader, err) < 0)
		return -1;
	wal_index_flush(run->reader.db);
	if (run->decision.step == CHECKPOINT_GUARDED)
		return guarded(run, ret_answer, err);
	return checkpoint_mode_blocks(run->options->mode)
		   ? blocking(run, ret_answer, err)
		   : plain(run, ret_answer, err);
}

void
checkpoint_run(const struct source *source,
    const struct checkpoint_options *options,
    struct checkpoint_result *ret_result)
{
	AUTO(run)
	struct run run = {
		.options = options,
		.source = *source,
		.reader = { .source = &run.source,
		    .busy_timeout_ms = open_wait_ms,
		    .work = options->work },
		.guard = { .source = &run.source,
		    .busy_timeout_ms = open_wait_ms,
		    .work = options->work },
		.result = ret_result,
	};
	struct answer answer;
	struct err err;

	*ret_result = (struct checkpoint_result){ .done = false };
	if (options->mode != CHECKPOINT_OFF &&
	    (source_unmoved(source, &err) < 0 ||
		side_files_look(&run.source, &err) < 0)) {
		say(&run, false, "%.300s", err.text);
		return;
	}
	decide(&run);
	if (run.decision.step == CHECKPOINT_NONE) {
		say(&run, false, "%s", run.decision.reason);
		ret_result->missed = run.decision.missed;
		return;
	}
	if (do_it(&run, &answer, &err) < 0) {
		say(&run, false, "%.300s", err.text);
		return;
	}
	judge(&run, &answer);
}
