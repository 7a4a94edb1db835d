#include "database/locks.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "tests/unit/database/live.h"

TestSuite(locks, .init = live_begin, .fini = live_end);

static struct locks locks;

static void
find(void)
{
	struct err err = { 0 };

	cr_assert_eq(locks_find(live_db, &locks, &err), 0, "%s", err.text);
}

static bool
holds(pid_t pid, enum lock_name name, bool exclusive)
{
	for (const struct lock_holder *h = NULL;
	     (h = locks_next(&locks, name, h)) != NULL;)
		if (h->pid == pid)
			return ((exclusive ? h->exclusive : h->shared) &
				   1U << name) != 0;
	return false;
}

Test(locks, of_a_file_that_is_not_there)
{
	find();
	cr_assert_eq(locks.count, 0);
}

Test(locks, a_wal_writer_and_a_reader)
{
	pid_t writer = live_holder("PRAGMA journal_mode=WAL;"
				   "CREATE TABLE t(a); BEGIN IMMEDIATE");
	pid_t reader = live_holder("BEGIN; SELECT * FROM t");

	find();
	cr_assert_eq(locks.count, 2);
	cr_assert_eq(locks.listed, 2);
	cr_assert(holds(writer, WAL_LOCK_WRITE, true));
	cr_assert(holds(writer, WAL_LOCK_ALIVE, false));
	cr_assert(holds(writer, MAIN_LOCK_SHARED, false));
	cr_assert_not(holds(reader, WAL_LOCK_WRITE, true));
	cr_assert(holds(reader, WAL_LOCK_READ_1, false));
	cr_assert_null(locks_next(&locks, WAL_LOCK_CHECKPOINT, NULL));
	cr_assert_null(locks_next(&locks, MAIN_LOCK_RESERVED, NULL));
	live_kill(writer);
	live_kill(reader);
}

Test(locks, a_rollback_writer)
{
	pid_t writer = live_holder("CREATE TABLE t(a); BEGIN IMMEDIATE");

	find();
	cr_assert(holds(writer, MAIN_LOCK_RESERVED, true));
	cr_assert(holds(writer, MAIN_LOCK_SHARED, false));
	cr_assert_not(holds(writer, MAIN_LOCK_PENDING, true));
	live_dismiss(writer);

	writer = live_holder("BEGIN EXCLUSIVE");
	find();
	cr_assert(holds(writer, MAIN_LOCK_SHARED, true));
	cr_assert(holds(writer, MAIN_LOCK_PENDING, true));
	live_kill(writer);
}

/* What is no lock of SQLite's: flock(), and bytes that it does not use. */
Test(locks, other_locks_do_not_count)
{
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = 0,
		.l_len = 0x40000000,
	};

	live_sql("CREATE TABLE t(a)");
	int fd = open(live_db, O_RDWR | O_CLOEXEC);
	cr_assert_eq(flock(fd, LOCK_EX), 0);
	cr_assert_eq(fcntl(fd, F_SETLK, &lock), 0);
	find();
	cr_assert_eq(locks.count, 0);

	lock.l_len = 0; /* to the end of any file */
	cr_assert_eq(fcntl(fd, F_SETLK, &lock), 0);
	find();
	cr_assert(holds(getpid(), MAIN_LOCK_PENDING, true));
	cr_assert(holds(getpid(), MAIN_LOCK_SHARED, true));
	cr_assert_not(holds(getpid(), WAL_LOCK_ALIVE, true));
	(void)close(fd);
}

/* Such a lock belongs to no process. */
Test(locks, of_an_open_file_description)
{
	struct flock lock = {
		.l_type = F_RDLCK,
		.l_whence = SEEK_SET,
		.l_start = 0x40000002,
		.l_len = 1,
	};

	live_sql("CREATE TABLE t(a)");
	int fd = open(live_db, O_RDWR | O_CLOEXEC);
	cr_assert_eq(fcntl(fd, F_OFD_SETLK, &lock), 0);
	find();
	cr_assert_eq(locks.count, 1);
	cr_assert(holds(0, MAIN_LOCK_SHARED, false));
	(void)close(fd);
}

Test(locks, more_holders_than_fit_are_still_counted)
{
	memset(&locks, 0, sizeof(locks));
	for (pid_t pid = 1; pid <= LOCK_HOLDERS_MAX + 3; pid++)
		locks_add(&locks, pid, WAL_LOCK_ALIVE, false);
	locks_add(&locks, 1, WAL_LOCK_WRITE, true);
	cr_assert_eq(locks.count, LOCK_HOLDERS_MAX + 3);
	cr_assert_eq(locks.listed, LOCK_HOLDERS_MAX);
	cr_assert(holds(1, WAL_LOCK_WRITE, true));
	cr_assert(holds(1, WAL_LOCK_ALIVE, false));
}
