/* Steps are taken when due, hold checkpoints where they stand, and let go. */
#include "database/landing.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

#include "database/engine.h"
#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

static sqlite3 *app;
static struct pin *pin;
static struct landing *landing;
static struct err err;

static void
write_megabytes(int megabytes)
{
	char sql[100];

	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO more VALUES(randomblob(%d))", megabytes << 20);
	cr_assert_eq(sqlite3_exec(app, sql, NULL, NULL, NULL), SQLITE_OK);
}

static uint64_t
wal_bytes(void)
{
	struct stat st;

	cr_assert_eq(stat(live_path("-wal"), &st), 0);
	return (uint64_t)st.st_size;
}

/* What the application's own checkpoint leaves. */
static int
frames_left(void)
{
	int frames = -1, written = -1;

	cr_assert_eq(sqlite3_wal_checkpoint_v2(app, NULL,
			 SQLITE_CHECKPOINT_PASSIVE, &frames, &written),
	    SQLITE_OK);
	return frames - written;
}

static void
with_pin(void)
{
	live_begin();
	cr_assert_eq(engine_start(&err), 0);
	live_sql(live_wal_sql);
	cr_assert_eq(sqlite3_open(live_db, &app), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(app,
			 "PRAGMA wal_autocheckpoint=0;"
			 "CREATE TABLE more(x)",
			 NULL, NULL, NULL),
	    SQLITE_OK);
	pin = pinned_open();
	cr_assert_eq(
	    landing_new(&pinned_source, wal_bytes(), &landing, &err), 0);
}

static void
without_pin(void)
{
	landing_free(landing);
	cr_assert_eq(sqlite3_close(app), SQLITE_OK);
	live_end();
}

TestSuite(landing, .init = with_pin, .fini = without_pin);

Test(landing, it_goes_down_in_steps)
{
	write_megabytes(20);
	landing_look(landing, 0.5, wal_bytes());
	write_megabytes(20);
	landing_look(landing, 0.7, wal_bytes());
	write_megabytes(20);
	int all = frames_left();

	pinned_let_go(pin);
	int second = frames_left();
	cr_expect_lt(second, all * 3 / 4, "the first step holds too much");
	cr_expect_gt(second, all / 2, "the first step holds nothing");
	landing_descend(landing, NULL);
	cr_expect_eq(frames_left(), 0);
}

Test(landing, no_step_before_its_time)
{
	write_megabytes(20);
	landing_look(landing, 0.3, wal_bytes());
	pinned_let_go(pin);
	cr_expect_eq(frames_left(), 0);
}

Test(landing, none_where_little_was_written)
{
	write_megabytes(10);
	landing_look(landing, 0.9, wal_bytes());
	pinned_let_go(pin);
	cr_expect_eq(frames_left(), 0);
}

Test(landing, given_up_it_holds_nothing)
{
	write_megabytes(20);
	landing_look(landing, 0.5, wal_bytes());
	pinned_let_go(pin);
	write_megabytes(1);
	cr_expect_gt(frames_left(), 0);
	landing_free(landing);
	landing = NULL;
	cr_expect_eq(frames_left(), 0);
}
