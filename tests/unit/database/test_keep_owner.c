/* What root opens and closes again is, to stat(), as it was. */
#include "database/keep_owner.h"

#include <criterion/criterion.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/database/live.h"
#include "tests/unit/database/pinned.h"

TestSuite(keep_owner, .init = live_begin, .fini = live_end);

static void
expect_same(const struct stat *a, const struct stat *b)
{
	cr_expect_eq(a->st_uid, b->st_uid);
	cr_expect_eq(a->st_ino, b->st_ino);
	cr_expect_eq(a->st_mtim.tv_nsec, b->st_mtim.tv_nsec);
	cr_expect_eq(a->st_ctim.tv_sec, b->st_ctim.tv_sec);
	cr_expect_eq(a->st_ctim.tv_nsec, b->st_ctim.tv_nsec);
}

Test(keep_owner, root_leaves_the_times_of_a_log_alone)
{
	const struct timespec tick = { .tv_nsec = 20000000 };
	struct stat before, after;

	if (geteuid() != 0)
		cr_skip_test("needs root: SQLite changes owners only as root");
	live_sql_and_die(live_wal_sql);
	cr_assert_eq(chown(live_path("-wal"), 4711, 4712), 0);
	cr_assert_eq(chown(live_path("-shm"), 4711, 4712), 0);
	cr_assert_eq(chown(live_db, 4711, 4712), 0);
	cr_assert_eq(stat(live_path("-wal"), &before), 0);
	(void)nanosleep(&tick, NULL);
	pinned_let_go(pinned_open());
	cr_assert_eq(stat(live_path("-wal"), &after), 0);
	expect_same(&before, &after);
}
