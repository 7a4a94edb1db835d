/* Whose descriptor it is, and from where the WAL counts. */
#include "database/wal_behind.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "database/engine.h"
#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

/* What is appended to in the next moment is left out. */
enum { piece = 8 << 20, tail = 1 << 20 };

/* How the file was opened in which parts of it were waited for; -1: nowhere. */
static int waited_in = -1;

/* In the place of libc's. */
int
sync_file_range(int fd, off_t offset, off_t bytes, unsigned flags)
{
	if ((flags & SYNC_FILE_RANGE_WAIT_AFTER) != 0)
		waited_in = fcntl(fd, F_GETFL) & O_ACCMODE;
	return (int)syscall(SYS_sync_file_range, fd, offset, bytes, flags);
}

/* The headers of a system may be older than its kernel. */
enum { cachestat_number = 451 };

TestSuite(wal_behind, .init = live_begin, .fini = live_end);

static bool
is_the_wal(int fd)
{
	struct stat of_fd, of_path;

	return fstat(fd, &of_fd) == 0 &&
	       stat(live_path("-wal"), &of_path) == 0 &&
	       of_fd.st_dev == of_path.st_dev && of_fd.st_ino == of_path.st_ino;
}

Test(wal_behind, it_uses_the_descriptor_of_sqlite)
{
	live_sql(live_wal_sql);
	struct pin *pin = pinned_open();
	struct wal_behind behind = { .source = &pinned_source };

	wal_behind_look(&behind, piece + tail - 1);
	cr_expect_not(behind.sought, "a small WAL is nothing to write");
	wal_behind_look(&behind, piece + tail);
	cr_assert(behind.sought);
	cr_assert_geq(behind.fd, 0);
	cr_expect(is_the_wal(behind.fd));
	cr_expect_eq(behind.begun, piece);
	pinned_let_go(pin);
	cr_expect_eq(fcntl(behind.fd, F_GETFD), -1,
	    "SQLite closed it, and nobody else has it open");
}

Test(wal_behind, without_a_wal_there_is_nothing_to_find)
{
	live_sql("CREATE TABLE t(a)");
	pinned_inspect();
	struct wal_behind behind = { .source = &pinned_source };

	wal_behind_look(&behind, piece + tail);
	cr_expect_eq(behind.fd, -1);
}

Test(wal_behind, a_wal_that_was_started_anew_counts_from_there)
{
	struct wal_behind behind = {
		.begun = 10 * piece, .sought = true, .fd = -1
	};

	wal_behind_look(&behind, tail + 100);
	cr_expect_eq(behind.begun, 100);
	wal_behind_look(&behind, tail + 100 + piece - 1);
	cr_expect_eq(behind.begun, 100);
	wal_behind_look(&behind, tail + 100 + piece);
	cr_expect_eq(behind.begun, 100 + piece);
	wal_behind_look(&behind, tail - 1);
	cr_expect_eq(behind.begun, 0);
}

/* Pages of the -wal that are not written yet (cachestat, Linux 6.5). */
static long
dirty_pages(uint64_t bytes)
{
	struct {
		uint64_t offset, length;
	} range = { 0, bytes };
	struct {
		uint64_t cached, dirty, writeback, evicted, recently;
	} now = { 0 };
	int fd = open(live_path("-wal"), O_RDONLY | O_CLOEXEC);

	cr_assert_geq(fd, 0);
	long rc = syscall(cachestat_number, fd, &range, &now, 0U);
	(void)close(fd);
	return rc < 0 ? -1 : (long)(now.dirty + now.writeback);
}

static void
write_megabytes(sqlite3 *app, int megabytes)
{
	char sql[100];

	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO more VALUES(randomblob(%d))", megabytes << 20);
	cr_assert_eq(sqlite3_exec(app, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* What is in memory anyway is never dirty. */
static void
live_on_disk(void)
{
	cr_assert_eq(rmdir(live_folder), 0);
	(void)snprintf(live_folder, sizeof(live_folder), "%s",
	    "/var/tmp/litesafe-unit-XXXXXX");
	cr_assert_not_null(mkdtemp(live_folder));
	(void)snprintf(live_db, sizeof(live_db), "%s/app.db", live_folder);
}

Test(wal_behind, all_but_the_end_is_written)
{
	const struct work stopped = { .stop = SIGTERM };
	const uint64_t most = 24 << 20;
	sqlite3 *app = NULL;
	struct err err;

	live_on_disk();
	cr_assert_eq(engine_start(&err), 0);
	cr_assert_eq(sqlite3_open(live_db, &app), SQLITE_OK);
	cr_assert_eq(
	    sqlite3_exec(app,
		"PRAGMA journal_mode=WAL;"
		"PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=NORMAL;"
		"CREATE TABLE more(x)",
		NULL, NULL, NULL),
	    SQLITE_OK);
	write_megabytes(app, 33);
	if (dirty_pages(most) <= 0)
		cr_skip_test("no cachestat(2), or /var/tmp is no disk");
	pinned_inspect();

	wal_behind_catch_up(&pinned_source, clock_steady() + 60, &stopped);
	cr_expect_gt(dirty_pages(most), 0, "nobody asked for it");
	wal_behind_catch_up(&pinned_source, clock_steady() + 60, NULL);
	cr_expect_eq(dirty_pages(most), 0);
	cr_expect_eq(waited_in, O_RDONLY,
	    "SQLite's own would not tell its next flush of a failed write");
	cr_expect_eq(sqlite3_close(app), SQLITE_OK);
}
