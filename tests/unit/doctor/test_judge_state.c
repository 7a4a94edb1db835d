#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "doctor/judge.h"
#include "tests/unit/doctor/made_up.h"

TestSuite(judge_state, .init = made_up_begin);

static void
judge(void)
{
	found.count = 0;
	judge_state(&made_up, &found);
}

Test(judge_state, always_there)
{
	judge();
	expect_finding(FOUND_STATE, SEVERITY_INFO, 0);
	expect_finding(FOUND_SQLITE_VERSION, SEVERITY_INFO, 0);
	cr_assert_eq(found.count, 2);
}

Test(judge_state, how_far_the_wal_is)
{
	made_up_in_use();
	made_up.marks.backfilled = 400;
	judge();
	cr_assert_not_null(strstr(finding(FOUND_STATE)->text,
	    "1000 frames, 600 of them not checkpointed"));
}

Test(judge_state, who_has_it_open)
{
	made_up.occupants.count = made_up.occupants.listed = 1;
	made_up.occupants.list[0].pid = getpid();
	judge();
	expect_finding(FOUND_IN_USE, SEVERITY_INFO, getpid());
}

Test(judge_state, the_wal_reset_bug)
{
	made_up.source.header.writer_version = 3040001;
	judge();
	expect_finding(FOUND_WAL_RESET_BUG, SEVERITY_INFO, 0);
	made_up.occupants.count = 2;
	judge();
	expect_finding(FOUND_WAL_RESET_BUG, SEVERITY_WARNING, 0);
	made_up.source.through_wal = false;
	judge();
	cr_assert_null(finding(FOUND_WAL_RESET_BUG));
	made_up.source.through_wal = true;
	made_up.source.header.writer_version = 0;
	judge();
	cr_assert_null(finding(FOUND_WAL_RESET_BUG), "nobody knows");
}
