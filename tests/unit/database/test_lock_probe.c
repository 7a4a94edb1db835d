#include "database/lock_probe.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/database/live.h"

TestSuite(lock_probe, .init = live_begin, .fini = live_end);

static struct locks locks;
static struct wal_marks marks;

static void
probe(const char *path)
{
	struct err err = { 0 };

	cr_assert_eq(
	    lock_probe(path, NULL, &locks, &marks, &err), 0, "%s", err.text);
}

static pid_t
only_holder(enum lock_name name)
{
	const struct lock_holder *holder = locks_next(&locks, name, NULL);

	cr_assert_not_null(holder);
	cr_assert_null(locks_next(&locks, name, holder));
	return holder->pid;
}

Test(lock_probe, which_reader_starves_the_checkpoint_and_by_how_much)
{
	enum lock_name lock = LOCK_NAMES;
	uint32_t frames = 0;

	live_sql(live_wal_sql);
	pid_t old = live_holder("PRAGMA user_version = 7;"
				"BEGIN; SELECT * FROM t");
	probe(live_db);
	cr_assert(marks.known);
	cr_assert_eq(marks.frames, 1);
	cr_assert_not(wal_marks_starver(&marks, &locks, &lock, &frames));

	pid_t writer = live_holder("PRAGMA user_version = 8;"
				   "PRAGMA user_version = 9; BEGIN IMMEDIATE");
	pid_t new = live_holder("BEGIN; SELECT * FROM t");
	probe(live_db);
	cr_assert_eq(marks.frames, 3);
	cr_assert_eq(marks.page_size, 4096);
	cr_assert(wal_marks_starver(&marks, &locks, &lock, &frames));
	cr_assert_eq(frames, 2);
	cr_assert_eq(only_holder(lock), old);
	cr_assert_eq(only_holder(WAL_LOCK_WRITE), writer);
	live_kill(old);
	probe(live_db);
	cr_assert_not(wal_marks_starver(&marks, &locks, &lock, &frames));
	live_kill(new);
	live_kill(writer);
}

/* It says what it is said: a reader of the main file alone. */
Test(lock_probe, a_reader_without_a_mark)
{
	enum lock_name lock = LOCK_NAMES;
	uint32_t frames = 0;

	live_sql(live_wal_sql);
	pid_t reader = live_holder("BEGIN; SELECT * FROM t");
	pid_t writer = live_holder("PRAGMA user_version = 8;"
				   "PRAGMA wal_checkpoint");
	probe(live_db);
	cr_assert(wal_marks_starver(&marks, &locks, &lock, &frames));
	cr_assert_eq(lock, WAL_LOCK_READ_0);
	cr_assert_eq(frames, 1);
	cr_assert_eq(only_holder(lock), reader);
	live_kill(reader);
	live_kill(writer);
}

/* Without a process of its own the look would end them: close() does. */
Test(lock_probe, our_own_locks_survive_it)
{
	sqlite3 *db = NULL;

	live_sql(live_wal_sql);
	cr_assert_eq(sqlite3_open(live_db, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, "BEGIN IMMEDIATE; SELECT * FROM t", NULL,
			 NULL, NULL),
	    SQLITE_OK);
	for (int i = 0; i < 3; i++) {
		probe(live_db);
		cr_assert_eq(only_holder(WAL_LOCK_WRITE), getpid());
		cr_assert_eq(only_holder(WAL_LOCK_ALIVE), getpid());
	}
	(void)sqlite3_close(db);
}

Test(lock_probe, files_of_another_kind)
{
	struct err err = { 0 };

	probe(live_db);
	cr_assert_eq(locks.count, 0, "no file at all");
	cr_assert_not(marks.known);

	/* Nobody ever writes to it; opening it may not block. */
	live_sql("CREATE TABLE t(a)");
	cr_assert_eq(mkfifo(live_path("-shm"), 0600), 0);
	probe(live_db);
	cr_assert_not(marks.known);
	cr_assert_eq(unlink(live_path("-shm")), 0);
	cr_assert_eq(mkdir(live_path("-shm"), 0700), 0);
	probe(live_db);
	cr_assert_not(marks.known);
	cr_assert_eq(rmdir(live_path("-shm")), 0);

	char long_path[5000];
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[0] = '/';
	long_path[sizeof(long_path) - 1] = '\0';
	cr_assert_eq(lock_probe(long_path, NULL, &locks, &marks, &err), -1);
	cr_assert_eq(err.kind, ERR_USAGE);
}

Test(lock_probe, nothing_is_changed_and_no_process_is_left)
{
	char before[4096];

	live_sql(live_wal_sql);
	live_sql_and_die("PRAGMA user_version = 8");
	(void)snprintf(before, sizeof(before), "%s", live_listing());
	probe(live_db);
	cr_assert(marks.known, "what a dead application left");
	cr_assert_eq(marks.frames, 1);
	cr_assert_eq(locks.count, 0);
	cr_assert_str_eq(live_listing(), before);
}

/* As under some supervisors: the kernel reaps the child itself. */
Test(lock_probe, with_sigchld_ignored)
{
	pid_t writer = live_holder("CREATE TABLE t(a); BEGIN IMMEDIATE");

	(void)signal(SIGCHLD, SIG_IGN);
	probe(live_db);
	cr_assert_eq(only_holder(MAIN_LOCK_RESERVED), writer);
	(void)signal(SIGCHLD, SIG_DFL);
	live_kill(writer);
}

Test(lock_probe, through_a_symlink)
{
	char link[160];
	pid_t writer = live_holder("PRAGMA journal_mode=WAL;"
				   "CREATE TABLE t(a); BEGIN IMMEDIATE");

	(void)snprintf(link, sizeof(link), "%s-link", live_db);
	cr_assert_eq(symlink(live_db, link), 0);
	probe(link);
	cr_assert_eq(only_holder(WAL_LOCK_WRITE), writer);
	cr_assert(marks.known);
	live_kill(writer);
}
