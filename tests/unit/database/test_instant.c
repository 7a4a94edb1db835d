/* Several pins begin in one moment, or none of them does. */
#include "database/instant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <sqlite3.h>

#include "database/pin_handle.h"
#include "tests/unit/database/live.h"

enum { COUNT = 3 };

static struct source sources[COUNT];
static struct pin *pins[COUNT];
static struct instant_cost cost;
static struct err err;

/* Another process, so that locks are real. */
static int
sql(int number, const char *text)
{
	char command[900];

	(void)snprintf(command, sizeof(command),
	    "sqlite3 -cmd '.timeout 0' %s/%d.db \"%s\" >/dev/null 2>&1",
	    live_folder, number, text);
	return system(command);
}

static void
begin(void)
{
	live_begin();
	for (int i = 0; i < COUNT; i++)
		cr_assert_eq(
		    sql(i, "PRAGMA journal_mode=WAL;"
			   "CREATE TABLE t(a); INSERT INTO t VALUES(1)"),
		    0);
}

static void
end(void)
{
	for (int i = 0; i < COUNT; i++)
		pin_auto(&pins[i]);
	live_end();
}

TestSuite(instant, .init = begin, .fini = end);

static void
pin_all(void)
{
	const struct pin_options options = { .busy_timeout_ms = 1000 };
	char path[120];

	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(path, sizeof(path), "%s/%d.db", live_folder, i);
		cr_assert_eq(
		    source_inspect(path, &sources[i], &err), 0, "%s", err.text);
		cr_assert_eq(pin_open(&sources[i], &options, &pins[i], &err), 0,
		    "%s", err.text);
	}
}

static int
take(unsigned timeout_ms)
{
	const struct instant_options options = {
		.busy_timeout_ms = timeout_ms,
	};

	err = (struct err){ .kind = ERR_NONE };
	return instant_take(pins, COUNT, &options, &cost, &err);
}

static int
ask(int number, const char *text)
{
	sqlite3_stmt *stmt = NULL;

	cr_assert_eq(
	    sqlite3_prepare_v2(pin_handle(pins[number]), text, -1, &stmt, NULL),
	    SQLITE_OK);
	cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW);
	int value = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return value;
}

Test(instant, what_was_committed_before_it_is_there_and_nothing_after)
{
	pin_all();
	for (int i = 0; i < COUNT; i++)
		cr_assert_eq(sql(i, "INSERT INTO t VALUES(2)"), 0);
	cr_assert_eq(take(1000), 0, "%s", err.text);
	cr_expect_eq(cost.tries, 1);
	cr_expect_gt(cost.held_seconds, 0);
	cr_expect_lt(cost.held_seconds, 1);
	/* The write locks are gone. */
	for (int i = 0; i < COUNT; i++)
		cr_expect_eq(sql(i, "INSERT INTO t VALUES(3)"), 0);
	for (int i = 0; i < COUNT; i++) {
		cr_expect_eq(ask(i, "SELECT count(*) FROM t"), 2);
		cr_expect_eq(ask(i, "PRAGMA page_count"),
		    (int)pin_facts(pins[i])->page_count);
	}
}

Test(instant, with_a_rollback_journal_nobody_commits_until_the_pin_ends)
{
	cr_assert_eq(sql(1, "PRAGMA journal_mode=DELETE"), 0);
	pin_all();
	cr_assert_eq(take(1000), 0, "%s", err.text);
	cr_expect_eq(sql(0, "INSERT INTO t VALUES(3)"), 0);
	cr_expect_neq(sql(1, "INSERT INTO t VALUES(3)"), 0);
	cr_expect_eq(pin_close(pins[1], &err), 0, "%s", err.text);
	pins[1] = NULL;
	cr_expect_eq(sql(1, "INSERT INTO t VALUES(3)"), 0);
}

/* A process that holds the database in this way for a second. */
static FILE *
hold(int number, const char *lock)
{
	char command[300];

	(void)snprintf(command, sizeof(command),
	    "(echo '%s; SELECT 1;'; sleep 1) | sqlite3 %s/%d.db | head -1",
	    lock, live_folder, number);
	FILE *holder = popen(command, "r");
	cr_assert(holder != NULL && fgetc(holder) == '1');
	return holder;
}

Test(instant, a_writer_in_a_transaction_is_waited_for)
{
	pin_all();
	FILE *holder = hold(1, "BEGIN IMMEDIATE");

	cr_expect_eq(take(200), -1);
	cr_expect_eq(err.kind, ERR_BUSY, "%s", err.text);
	cr_expect(strstr(err.hint, "--no-instant") != NULL, "%s", err.hint);
	/* Nothing of it is kept. */
	cr_expect_eq(sql(0, "INSERT INTO t VALUES(2)"), 0);
	cr_expect_eq(sql(2, "INSERT INTO t VALUES(2)"), 0);
	cr_expect_eq(take(5000), 0, "%s", err.text);
	cr_expect_gt(cost.tries, 1);
	cr_expect_eq(ask(0, "SELECT count(*) FROM t"), 2);
	(void)pclose(holder);
}

/* It can commit only when the pin is gone, so its state is the old one. */
Test(instant, a_writer_with_a_rollback_journal_is_no_obstacle)
{
	cr_assert_eq(sql(1, "PRAGMA journal_mode=DELETE"), 0);
	pin_all();
	FILE *holder = hold(1, "BEGIN IMMEDIATE; INSERT INTO t VALUES(2)");

	cr_expect_eq(take(1000), 0, "%s", err.text);
	cr_expect_eq(ask(1, "SELECT count(*) FROM t"), 1);
	(void)pclose(holder);
}

Test(instant, a_stop_request_ends_it)
{
	struct work work = { .stop = 15 };
	const struct instant_options options = {
		.busy_timeout_ms = 10000,
		.work = &work,
	};
	pin_all();
	FILE *holder = hold(0, "BEGIN IMMEDIATE");
	cr_expect_eq(instant_take(pins, COUNT, &options, &cost, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED, "%s", err.text);
	(void)pclose(holder);
}

/* Readable for us, and somebody has it open, so that the side files are there. */
Test(instant, what_cannot_be_locked_is_refused)
{
	char command[200];

	if (live_not_root())
		cr_skip_test("needs root, to be another user");
	(void)snprintf(command, sizeof(command), "chmod 644 %s/*", live_folder);
	FILE *holders[COUNT];
	for (int i = 0; i < COUNT; i++)
		holders[i] = hold(i, "SELECT * FROM t");
	cr_assert_eq(system(command), 0);
	live_become(live_nobody);
	pin_all();
	cr_expect_eq(take(1000), -1);
	cr_expect_eq(err.kind, ERR_REFUSED, "%s", err.text);
	cr_expect(strstr(err.hint, "--no-instant") != NULL);
	for (int i = 0; i < COUNT; i++)
		pin_auto(&pins[i]);
	live_return();
	for (int i = 0; i < COUNT; i++)
		(void)pclose(holders[i]);
}

/* Nothing is checkpointed and no file is there that was not. */
Test(instant, it_leaves_nothing_behind)
{
	char *before = NULL;

	cr_assert_eq(sql(0, "PRAGMA journal_mode=DELETE"), 0);
	before = strdup(live_listing());
	pin_all();
	cr_assert_eq(take(1000), 0, "%s", err.text);
	for (int i = 0; i < COUNT; i++)
		pin_auto(&pins[i]);
	cr_expect_str_eq(live_listing(), before);
	free(before);
}
