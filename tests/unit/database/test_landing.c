/* What a pin kept waiting is written back, but never to the end. */
#include "database/landing.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "database/engine.h"
#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

enum { plenty = LANDING_LEAST_BYTES };

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

/* The application's own checkpoint: frames in all, and those it left. */
static int
checkpoint(int *ret_frames, int *ret_left)
{
	int frames = -1, written = -1;
	int rc = sqlite3_wal_checkpoint_v2(
	    app, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &written);

	*ret_frames = frames;
	*ret_left = frames - written;
	return rc;
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
	write_megabytes(20);
}

static void
without_pin(void)
{
	landing_free(landing);
	cr_assert_eq(sqlite3_close(app), SQLITE_OK);
	live_end();
}

TestSuite(landing, .init = with_pin, .fini = without_pin);

Test(landing, it_writes_back_all_but_the_newest)
{
	int frames, left, later;

	landing_begin(&pinned_source, plenty, &landing);
	cr_assert_not_null(landing);
	pinned_let_go(pin);
	write_megabytes(1);
	uint64_t written = landing_descend(landing, NULL);
	cr_expect_gt(written, 20 * 256);
	cr_expect_lt(written, 21 * 256);

	landing_free(landing);
	landing = NULL;
	write_megabytes(1);
	cr_expect_eq(checkpoint(&frames, &left), SQLITE_OK);
	cr_expect_gt(frames, 22 * 256, "the WAL was started over");
	cr_expect_eq(left, 0);
	write_megabytes(1);
	cr_expect_eq(checkpoint(&later, &left), SQLITE_OK);
	cr_expect_lt(later, frames, "something of ours is left");
}

Test(landing, the_application_gives_way_meanwhile)
{
	int frames, left;

	landing_begin(&pinned_source, plenty, &landing);
	pinned_let_go(pin);
	write_megabytes(1);
	cr_expect_eq(checkpoint(&frames, &left), SQLITE_BUSY);
	cr_expect_gt(landing_descend(landing, NULL), 0);
	cr_expect_eq(checkpoint(&frames, &left), SQLITE_BUSY);
	landing_free(landing);
	landing = NULL;
	cr_expect_eq(checkpoint(&frames, &left), SQLITE_OK);
}

Test(landing, where_nobody_writes_nothing_is_written_back)
{
	int frames, left;

	landing_begin(&pinned_source, plenty, &landing);
	pinned_let_go(pin);
	cr_expect_eq(landing_descend(landing, NULL), 0);
	landing_free(landing);
	landing = NULL;
	cr_expect_eq(checkpoint(&frames, &left), SQLITE_OK);
	cr_expect_eq(left, 0);
}

Test(landing, a_stop_request_ends_it)
{
	struct work work = { .stop = SIGTERM };

	landing_begin(&pinned_source, plenty, &landing);
	pinned_let_go(pin);
	write_megabytes(1);
	cr_expect_eq(landing_descend(landing, &work), 0);
}

/* No limit for so many looks. */
static int
so_often(void *ctx, struct err *ret_err)
{
	int *looks = ctx;

	return (*looks)-- > 0
		   ? 0
		   : err_set(ret_err, ERR_BUSY, 0, "the WAL grew too far");
}

Test(landing, a_limit_ends_it)
{
	int looks = 0;
	struct work work = { .limit = so_often, .limit_ctx = &looks };

	landing_begin(&pinned_source, plenty, &landing);
	pinned_let_go(pin);
	write_megabytes(1);
	cr_expect_eq(landing_descend(landing, &work), 0);
}

Test(landing, a_limit_that_is_kept_does_not)
{
	int looks = 1000000;
	struct work work = { .limit = so_often, .limit_ctx = &looks };

	landing_begin(&pinned_source, plenty, &landing);
	pinned_let_go(pin);
	write_megabytes(1);
	cr_expect_gt(landing_descend(landing, &work), 20 * 256);
	cr_expect_lt(looks, 1000000, "nobody looked");
}

Test(landing, none_where_little_waits)
{
	landing_begin(&pinned_source, plenty - 1, &landing);
	cr_expect_null(landing);
	pinned_let_go(pin);
}

Test(landing, none_in_a_database_that_is_not_ours_to_write)
{
	struct source source = pinned_source;

	source.writable = false;
	landing_begin(&source, plenty, &landing);
	cr_expect_null(landing);
	pinned_let_go(pin);
}

/* sqlite.org/walformat.html 2.3.1: the checkpoint lock is byte 121. */
static pid_t
start_checkpointer(void)
{
	int ready[2];
	char byte;

	cr_assert_eq(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		struct flock lock = { .l_type = F_WRLCK,
			.l_whence = SEEK_SET,
			.l_start = 121,
			.l_len = 1 };
		int fd = open(live_path("-shm"), O_RDWR);
		if (fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0)
			(void)!write(ready[1], "x", 1);
		(void)pause();
		_exit(0);
	}
	(void)close(ready[1]);
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	return child;
}

Test(landing, none_while_another_process_makes_a_checkpoint)
{
	pid_t other = start_checkpointer();

	landing_begin(&pinned_source, plenty, &landing);
	cr_expect_null(landing);
	live_kill(other);
	landing_begin(&pinned_source, plenty, &landing);
	cr_expect_not_null(landing);
	pinned_let_go(pin);
}
