/* A checkpoint beside other processes: done, not done, and why. */
#include "database/checkpoint.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "database/lock_probe.h"
#include "tests/unit/database/live.h"

static struct source source;
static struct checkpoint_result result;

static void
inspect(void)
{
	struct err err = { 0 };

	cr_assert_eq(source_inspect(live_db, &source, &err), 0, "%s", err.text);
}

static void
run(enum checkpoint_mode mode, double budget)
{
	const struct checkpoint_options options = {
		.mode = mode,
		.budget_seconds = budget,
		.writer = 3040001,
	};

	checkpoint_run(&source, &options, &result);
}

static off_t
wal_bytes(void)
{
	struct stat st;

	return stat(live_path("-wal"), &st) == 0 ? st.st_size : -1;
}

/* Frames that are not in the main file, as SQLite sees it from outside. */
static int
ask_passive(int *ret_written)
{
	sqlite3 *db = NULL;
	int frames = -1;

	cr_assert_eq(sqlite3_open(live_db, &db), SQLITE_OK);
	(void)sqlite3_exec(db, "SELECT 1 FROM sqlite_schema", 0, 0, 0);
	(void)sqlite3_wal_checkpoint_v2(
	    db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, ret_written);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	(void)sqlite3_close(db);
	return frames;
}

static uint32_t
backfilled(void)
{
	struct locks locks = { .count = 0 };
	struct wal_marks marks;
	struct err err = { 0 };

	cr_assert_eq(
	    lock_probe(live_db, NULL, &locks, &marks, &err), 0, "%s", err.text);
	cr_assert(marks.known);
	return marks.backfilled;
}

static bool
library_is_safe(void)
{
	return checkpoint_version_is_safe(
	    (uint32_t)sqlite3_libversion_number());
}

static pid_t app;

static void
with_application(void)
{
	live_begin();
	live_sql(live_wal_sql);
	/* Writes much, checkpoints never, and stays. */
	app =
	    live_holder("PRAGMA wal_autocheckpoint=0;"
			"CREATE TABLE more(x);"
			"INSERT INTO more SELECT hex(randomblob(500)) FROM t");
	inspect();
	cr_assert_gt(wal_bytes(), 0);
}

static void
without_application(void)
{
	live_dismiss(app);
	live_end();
}

TestSuite(checkpoint, .init = with_application, .fini = without_application);

Test(checkpoint, passive_writes_everything_back)
{
	off_t before = wal_bytes();

	run(CHECKPOINT_PASSIVE, 0);
	cr_assert(result.done, "%s", result.reason);
	cr_assert_not(result.missed);
	cr_expect_eq(wal_bytes(), before, "passive leaves the -wal as it is");
	cr_expect_eq(strstr(result.reason, "writers waited") != NULL,
	    !library_is_safe(), "%s", result.reason);
}

Test(checkpoint, every_blocking_mode)
{
	run(CHECKPOINT_FULL, 5);
	cr_assert(result.done, "%s", result.reason);
	run(CHECKPOINT_RESTART, 5);
	cr_assert(result.done, "%s", result.reason);
	cr_assert_gt(wal_bytes(), 0);
	run(CHECKPOINT_TRUNCATE, 5);
	cr_assert(result.done, "%s", result.reason);
	cr_assert_eq(wal_bytes(), 0);
	/* Nothing is left to do, and that is said. */
	run(CHECKPOINT_TRUNCATE, 5);
	cr_assert_not(result.done);
	cr_assert_not(result.missed);
	cr_assert(strstr(result.reason, "nothing in a WAL") != NULL, "%s",
	    result.reason);
}

Test(checkpoint, off_touches_nothing)
{
	char before[8192];

	(void)snprintf(before, sizeof(before), "%s", live_listing());
	run(CHECKPOINT_OFF, 0);
	cr_assert_not(result.done);
	cr_assert_not(result.missed);
	cr_assert_str_eq(live_listing(), before);
}

Test(checkpoint, no_trace_beside_the_database)
{
	int written = -1;

	run(CHECKPOINT_PASSIVE, 0);
	cr_assert(result.done, "%s", result.reason);
	cr_assert_eq(ask_passive(&written), written);
	cr_assert_eq(access(live_path("-wal"), F_OK), 0);
	cr_assert_eq(access(live_path("-shm"), F_OK), 0);
	cr_assert_eq(access(live_path("-journal"), F_OK), -1);
}

/* The reader's state is older than what the application wrote since. */
static pid_t
old_reader(void)
{
	pid_t reader = live_holder("BEGIN; SELECT count(*) FROM t");

	live_sql("PRAGMA wal_autocheckpoint=0;"
		 "INSERT INTO more SELECT hex(randomblob(500)) FROM t");
	inspect();
	return reader;
}

static void
expect_named(pid_t pid)
{
	char words[32];

	(void)snprintf(words, sizeof(words), "process %d (", (int)pid);
	cr_expect(strstr(result.reason, words) != NULL, "%s", result.reason);
}

Test(checkpoint, an_older_reader_is_named_before_anybody_waits)
{
	pid_t reader = old_reader();

	for (int mode = CHECKPOINT_FULL; mode <= CHECKPOINT_TRUNCATE; mode++) {
		run((enum checkpoint_mode)mode, 5);
		cr_expect_not(result.done);
		cr_expect(result.missed);
		expect_named(reader);
	}
	live_dismiss(reader);
}

/* SQLite calls it a success; the count of frames does not. */
Test(checkpoint, a_passive_one_that_left_frames_is_not_done)
{
	pid_t reader = old_reader();

	run(CHECKPOINT_PASSIVE, 0);
	cr_expect_not(result.done);
	cr_expect(result.missed);
	expect_named(reader);
	live_dismiss(reader);
	run(CHECKPOINT_PASSIVE, 0);
	cr_expect(result.done, "%s", result.reason);
}

/* The write lock is held, so the budget is spent waiting for it. */
Test(checkpoint, the_budget_ends_the_wait_for_a_writer)
{
	pid_t writer = live_holder("BEGIN IMMEDIATE");
	char who[64];

	run(CHECKPOINT_FULL, 0.05);
	cr_expect_not(result.done);
	cr_expect(result.missed);
	cr_expect(strstr(result.reason, "budget") != NULL, "%s", result.reason);
	(void)snprintf(who, sizeof(who), ": process %d ", (int)writer);
	cr_expect(strstr(result.reason, who) != NULL, "%s", result.reason);
	/* SQLite went on as a passive one, and nothing of that counts. */
	if (!library_is_safe())
		cr_expect_eq(backfilled(), 0);
	live_dismiss(writer);
}

Test(checkpoint, a_writer_that_holds_the_lock_stops_a_guard)
{
	if (library_is_safe())
		cr_skip_test("this SQLite needs no guard");
	pid_t writer = live_holder("BEGIN IMMEDIATE");

	run(CHECKPOINT_PASSIVE, 0.05);
	cr_expect_not(result.done);
	cr_expect(result.missed);
	cr_expect(strstr(result.reason, "did not let go") != NULL, "%s",
	    result.reason);
	live_dismiss(writer);
}

Test(checkpoint, a_stop_request_ends_it)
{
	struct work work = { .limit = NULL };
	const struct checkpoint_options options = {
		.mode = CHECKPOINT_FULL,
		.budget_seconds = 60,
		.work = &work,
	};
	pid_t writer = live_holder("BEGIN IMMEDIATE");

	atomic_store(&work.stop, SIGTERM);
	checkpoint_run(&source, &options, &result);
	cr_expect_not(result.done);
	cr_expect(strstr(result.reason, "signal") != NULL, "%s", result.reason);
	live_dismiss(writer);
}

Test(checkpoint, another_file_under_the_name_is_left_alone)
{
	char moved[160];

	(void)snprintf(moved, sizeof(moved), "%s.moved", live_db);
	cr_assert_eq(rename(live_db, moved), 0);
	run(CHECKPOINT_PASSIVE, 0);
	cr_expect_not(result.done);
	cr_expect(result.missed);
	cr_expect(result.reason[0] != '\0');
	cr_assert_eq(rename(moved, live_db), 0);
}

/* The writers' counts hold whatever the checkpoints meet. */
Test(checkpoint, beside_a_writer_at_full_speed, .timeout = 60)
{
	pid_t writer = live_writer();
	int done = 0;

	for (int i = 0; i < 60; i++) {
		inspect();
		run((enum checkpoint_mode)(CHECKPOINT_PASSIVE + i % 4), 0.2);
		done += result.done;
	}
	live_kill(writer);
	cr_expect_gt(done, 0, "never done: %s", result.reason);

	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	cr_assert_eq(sqlite3_open(live_db, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db,
			 "SELECT (SELECT c FROM count) ="
			 " (SELECT coalesce(sum(a), 0) FROM t)",
			 -1, &stmt, NULL),
	    SQLITE_OK);
	cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW);
	cr_expect_eq(sqlite3_column_int(stmt, 0), 1, "the counts differ");
	(void)sqlite3_finalize(stmt);
	cr_assert_eq(
	    sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL),
	    SQLITE_OK);
	cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW);
	cr_expect_str_eq((const char *)sqlite3_column_text(stmt, 0), "ok");
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(db);
}
