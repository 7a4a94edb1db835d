#include "doctor/holdings.h"

#include <criterion/criterion.h>
#include <string.h>

static struct holdings holdings;
static struct locks locks;

static const struct wal_marks at_504 = {
	.known = true,
	.change = 7,
	.frames = 900,
	.read_mark = { 0, 504, 900, WAL_MARK_UNUSED, WAL_MARK_UNUSED },
};

static void
look(const struct wal_marks *marks, double now)
{
	holdings_update(&holdings, &locks, marks, now);
}

static void
expect_seconds(pid_t pid, enum lock_name lock, double seconds)
{
	cr_assert_float_eq(
	    holdings_seconds(&holdings, pid, lock), seconds, 0.001);
}

Test(holdings, counted_from_the_first_look)
{
	locks_add(&locks, 5, WAL_LOCK_WRITE, true);
	look(&at_504, 10);
	expect_seconds(5, WAL_LOCK_WRITE, 0);
	look(&at_504, 11);
	look(&at_504, 13);
	expect_seconds(5, WAL_LOCK_WRITE, 3);
	expect_seconds(6, WAL_LOCK_WRITE, 0);
	expect_seconds(5, WAL_LOCK_READ_1, 0);
}

Test(holdings, let_go_in_between)
{
	locks_add(&locks, 5, WAL_LOCK_WRITE, true);
	look(&at_504, 10);
	locks.count = locks.listed = 0;
	look(&at_504, 11);
	locks_add(&locks, 5, WAL_LOCK_WRITE, true);
	look(&at_504, 12);
	expect_seconds(5, WAL_LOCK_WRITE, 0);
}

/* The lock is the same, the transaction is not. */
Test(holdings, a_commit_begins_a_new_one)
{
	struct wal_marks later = at_504;

	locks_add(&locks, 5, WAL_LOCK_WRITE, true);
	locks_add(&locks, 6, WAL_LOCK_READ_1, false);
	look(&at_504, 10);
	later.change = 8;
	look(&later, 11);
	expect_seconds(5, WAL_LOCK_WRITE, 0);
	expect_seconds(6, WAL_LOCK_READ_1, 1);
}

Test(holdings, another_mark_is_another_reader)
{
	struct wal_marks later = at_504;

	locks_add(&locks, 6, WAL_LOCK_READ_1, false);
	locks_add(&locks, 6, WAL_LOCK_READ_2, false);
	look(&at_504, 10);
	later.read_mark[1] = 901;
	look(&later, 11);
	expect_seconds(6, WAL_LOCK_READ_1, 0);
	expect_seconds(6, WAL_LOCK_READ_2, 1);
}

Test(holdings, more_than_it_holds)
{
	for (pid_t pid = 1; pid <= LOCK_HOLDERS_MAX; pid++) {
		locks_add(&locks, pid, WAL_LOCK_READ_1, false);
		locks_add(&locks, pid, WAL_LOCK_READ_2, false);
		locks_add(&locks, pid, MAIN_LOCK_SHARED, false);
	}
	look(&at_504, 10);
	look(&at_504, 11);
	cr_assert_eq(holdings.count, HOLDINGS_MAX);
	expect_seconds(1, WAL_LOCK_READ_1, 1);
	expect_seconds(LOCK_HOLDERS_MAX, WAL_LOCK_READ_1, 0);
}
