#include <criterion/criterion.h>
#include <string.h>

#include "doctor/judge.h"
#include "tests/unit/doctor/made_up.h"

TestSuite(judge_locks, .init = made_up_begin);

static void
judge(void)
{
	found.count = 0;
	judge_locks(&made_up, &found);
}

Test(judge_locks, nobody)
{
	judge();
	cr_assert_eq(found.count, 0);
}

Test(judge_locks, everybody_holds_these)
{
	made_up_in_use();
	made_up_hold(7, WAL_LOCK_ALIVE, false, 90);
	made_up_hold(7, MAIN_LOCK_SHARED, false, 90);
	judge();
	cr_assert_eq(found.count, 0);
}

Test(judge_locks, a_writer_is_a_warning_when_it_lasts)
{
	made_up_in_use();
	made_up_hold(7, WAL_LOCK_WRITE, true, 0);
	judge();
	expect_finding(FOUND_WRITE_LOCK, SEVERITY_INFO, 7);
	made_up_holdings.now += FACTS_PATIENCE;
	judge();
	expect_finding(FOUND_WRITE_LOCK, SEVERITY_WARNING, 7);
}

Test(judge_locks, who_starves_the_checkpoint)
{
	made_up_in_use();
	made_up.marks.backfilled = 400;
	made_up.marks.read_mark[1] = 400;
	made_up.marks.read_mark[2] = 1000;
	made_up_hold(7, WAL_LOCK_READ_1, false, 5);
	made_up_hold(8, WAL_LOCK_READ_2, false, 5);
	judge();
	expect_finding(FOUND_CHECKPOINT_STARVED, SEVERITY_WARNING, 7);
	cr_assert_eq(finding(FOUND_CHECKPOINT_STARVED)->frames, 600);
	expect_finding(FOUND_READING, SEVERITY_INFO, 8);
}

Test(judge_locks, a_reader_of_the_main_file)
{
	made_up_in_use();
	made_up.marks.backfilled = 0;
	made_up_hold(7, WAL_LOCK_READ_0, false, 0.1);
	judge();
	expect_finding(FOUND_CHECKPOINT_STARVED, SEVERITY_INFO, 7);
	cr_assert_eq(finding(FOUND_CHECKPOINT_STARVED)->frames, 1000);
	cr_assert_null(finding(FOUND_READING));
}

Test(judge_locks, exclusive)
{
	made_up_in_use();
	made_up.source.has_shm = false;
	made_up_hold(7, MAIN_LOCK_SHARED, true, 2);
	judge();
	expect_finding(FOUND_EXCLUSIVE_LOCK, SEVERITY_WARNING, 7);
	cr_assert_not_null(strstr(
	    finding(FOUND_EXCLUSIVE_LOCK)->text, "locking_mode=EXCLUSIVE"));
}

Test(judge_locks, a_checkpoint)
{
	made_up_in_use();
	made_up_hold(7, WAL_LOCK_CHECKPOINT, true, 0);
	judge();
	expect_finding(FOUND_CHECKPOINT_RUNNING, SEVERITY_INFO, 7);
}

Test(judge_locks, rollback_readers_and_a_writer_that_waits)
{
	made_up.source.through_wal = false;
	made_up.in_use = true;
	made_up_hold(7, MAIN_LOCK_SHARED, false, 0);
	judge();
	expect_finding(FOUND_READING, SEVERITY_INFO, 7);
	made_up_hold(8, MAIN_LOCK_RESERVED, true, 0);
	made_up_hold(8, MAIN_LOCK_PENDING, true, 0);
	judge();
	expect_finding(FOUND_READING, SEVERITY_WARNING, 7);
	expect_finding(FOUND_WRITE_LOCK, SEVERITY_INFO, 8);
}

Test(judge_locks, somebody_who_cannot_be_seen)
{
	made_up_in_use();
	made_up_hold(0, WAL_LOCK_WRITE, true, 2);
	judge();
	expect_finding(FOUND_WRITE_LOCK, SEVERITY_WARNING, 0);
	expect_finding(FOUND_UNSEEN_PROCESS, SEVERITY_INFO, 0);
	cr_assert_not_null(
	    strstr(finding(FOUND_WRITE_LOCK)->text, "cannot see"));
}

Test(judge_locks, nothing_is_known)
{
	(void)err_set(&made_up.locks_err, ERR_FAILED, 0, "no /proc here");
	judge();
	expect_finding(FOUND_LOCKS_UNKNOWN, SEVERITY_WARNING, 0);
}

Test(judge_locks, an_index_that_cannot_be_read)
{
	made_up_in_use();
	made_up.marks.known = false;
	judge();
	cr_assert_eq(found.count, 0, "nobody has a WAL open");
	made_up_hold(7, WAL_LOCK_ALIVE, false, 0);
	judge();
	expect_finding(FOUND_LOCKS_UNKNOWN, SEVERITY_WARNING, 0);
}
