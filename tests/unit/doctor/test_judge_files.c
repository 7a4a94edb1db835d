#include <criterion/criterion.h>
#include <string.h>

#include "doctor/judge.h"
#include "tests/unit/doctor/made_up.h"

TestSuite(judge_files, .init = made_up_begin);

static void
judge(void)
{
	found.count = 0;
	judge_files(&made_up, &found);
}

/* A -wal of 5 frames that nobody uses, and that fits. */
static void
leave_wal(void)
{
	made_up.source.has_wal = made_up.there[1] = true;
	made_up.source.wal_bytes = 32 + 5 * 4120;
	made_up.wal = (struct wal_file){
		.bytes = made_up.source.wal_bytes,
		.believed = true,
		.header = { .page_size = 4096 },
		.frames = 5,
		.pages = 10,
	};
	made_up.fit_known = true;
	made_up.fit = (struct wal_fit){
		.newer = 4,
		.has_page_one = true,
		.change_counter = 9,
	};
	made_up.st[1].st_mtim.tv_sec = 2000;
	made_up.st[0].st_mtim.tv_sec = 1000;
}

Test(judge_files, closed_in_good_order)
{
	judge();
	expect_finding(FOUND_WAL_ABSENT, SEVERITY_INFO, 0);
	cr_assert_eq(found.count, 1);
	made_up.source.header.wal = made_up.source.through_wal = false;
	judge();
	cr_assert_eq(found.count, 0);
}

Test(judge_files, signs_of_a_torn_copy)
{
	made_up.source.bytes = 9 * 4096;
	judge();
	expect_finding(FOUND_TORN_COPY, SEVERITY_ERROR, 0);
	cr_assert_null(finding(FOUND_WAL_ABSENT));

	made_up_begin();
	made_up.source.bytes += 1;
	judge();
	expect_finding(FOUND_TORN_COPY, SEVERITY_ERROR, 0);

	made_up_begin();
	made_up.source.bytes = 12 * 4096;
	judge();
	cr_assert_null(finding(FOUND_TORN_COPY), "room made ahead");
	made_up.tail_has_content = true;
	judge();
	expect_finding(FOUND_TORN_COPY, SEVERITY_ERROR, 0);

	made_up_begin();
	made_up.source.bytes = 4096;
	made_up.source.header.page_count = 1;
	judge();
	cr_assert_null(finding(FOUND_TORN_COPY), "a schema");
	made_up.source.header.schema_cookie = 0;
	judge();
	expect_finding(FOUND_TORN_COPY, SEVERITY_WARNING, 0);
}

/* What looks torn is not, while somebody writes, or a log will mend it. */
Test(judge_files, no_copy)
{
	made_up.source.bytes = 9 * 4096;
	made_up.in_use = true;
	judge();
	cr_assert_null(finding(FOUND_TORN_COPY));
	made_up.in_use = false;
	made_up.journal = JOURNAL_OPEN;
	judge();
	cr_assert_null(finding(FOUND_TORN_COPY));
	made_up_begin();
	made_up.source.bytes = 9 * 4096;
	leave_wal();
	judge();
	cr_assert_null(finding(FOUND_TORN_COPY));
	made_up_begin();
	made_up.source.bytes = 9 * 4096;
	made_up.source.header.page_count_valid = false;
	judge();
	cr_assert_null(finding(FOUND_TORN_COPY), "an old writer's header");
}

Test(judge_files, a_dead_wal)
{
	leave_wal();
	judge();
	expect_finding(FOUND_DEAD_WAL, SEVERITY_WARNING, 0);
	cr_assert_eq(found.count, 1);
	made_up.fit.same = 4;
	made_up.fit.newer = 0;
	judge();
	cr_assert_eq(found.count, 0, "all of it is in the main file");
}

Test(judge_files, signs_of_a_stale_wal)
{
	leave_wal();
	made_up.wal.header.page_size = 1024;
	made_up.fit_known = false;
	judge();
	expect_finding(FOUND_STALE_WAL, SEVERITY_ERROR, 0);

	leave_wal();
	made_up.fit.absent = 1;
	judge();
	expect_finding(FOUND_STALE_WAL, SEVERITY_ERROR, 0);

	leave_wal();
	made_up.fit.change_counter = 8;
	judge();
	expect_finding(FOUND_STALE_WAL, SEVERITY_ERROR, 0);
	made_up.fit.has_page_one = false;
	judge();
	cr_assert_null(finding(FOUND_STALE_WAL));

	leave_wal();
	made_up.st[0].st_mtim.tv_sec = 2000;
	made_up.st[0].st_mtim.tv_nsec = 1;
	judge();
	expect_finding(FOUND_STALE_WAL, SEVERITY_ERROR, 0);
	made_up.fit.same = 1;
	judge();
	cr_assert_null(finding(FOUND_STALE_WAL), "a checkpoint that was cut");
	expect_finding(FOUND_DEAD_WAL, SEVERITY_WARNING, 0);
}

Test(judge_files, a_wal_that_was_just_begun_anew)
{
	leave_wal();
	made_up.wal.frames = 0;
	made_up.fit_known = false;
	judge();
	cr_assert_eq(found.count, 0);
}

Test(judge_files, a_wal_that_is_ignored_or_unreadable)
{
	leave_wal();
	made_up.wal.believed = false;
	made_up.wal.frames = 0;
	made_up.fit_known = false;
	judge();
	expect_finding(FOUND_WAL_IGNORED, SEVERITY_WARNING, 0);
	made_up.source.wal_bytes = 20;
	judge();
	cr_assert_null(finding(FOUND_WAL_IGNORED), "never held a commit");
	(void)err_set(&made_up.wal_err, ERR_FAILED, 0, "no permission");
	judge();
	expect_finding(FOUND_WAL_UNREADABLE, SEVERITY_WARNING, 0);
}

Test(judge_files, a_wal_that_was_deleted)
{
	made_up_in_use();
	made_up_hold(7, WAL_LOCK_ALIVE, false, 0);
	judge();
	cr_assert_null(finding(FOUND_WAL_DELETED));
	made_up.wal_deleted = true;
	judge();
	expect_finding(FOUND_WAL_DELETED, SEVERITY_ERROR, 7);
}

Test(judge_files, a_file_that_was_replaced)
{
	made_up.strays.count = made_up.strays.listed = 1;
	made_up.strays.list[0].pid = 7;
	judge();
	expect_finding(FOUND_FILE_REPLACED, SEVERITY_ERROR, 7);
}

Test(judge_files, sizes)
{
	made_up_in_use();
	made_up.source.wal_bytes = 20 << 20;
	judge();
	expect_finding(FOUND_WAL_LARGE, SEVERITY_WARNING, 0);
	made_up.source.bytes = 10 << 20;
	judge();
	cr_assert_null(finding(FOUND_WAL_LARGE));

	made_up.marks.frames = 5000;
	judge();
	expect_finding(FOUND_WAL_BEHIND, SEVERITY_WARNING, 0);
	made_up.marks.read_mark[1] = 1500;
	made_up_hold(7, WAL_LOCK_READ_1, false, 0);
	judge();
	cr_assert_null(finding(FOUND_WAL_BEHIND), "a reader is the cause");
}

Test(judge_files, journals)
{
	made_up.source.through_wal = made_up.source.header.wal = false;
	made_up.journal = JOURNAL_OPEN;
	judge();
	cr_assert_eq(found.count, 0, "of a transaction that goes on");
	made_up.hot_journal = true;
	judge();
	expect_finding(FOUND_HOT_JOURNAL, SEVERITY_WARNING, 0);
	made_up.hot_journal = false;
	made_up.journal = JOURNAL_ENDED;
	judge();
	expect_finding(FOUND_JOURNAL_LEFT, SEVERITY_INFO, 0);
	(void)err_set(&made_up.journal_err, ERR_FAILED, 0, "no permission");
	judge();
	expect_finding(FOUND_JOURNAL_UNREADABLE, SEVERITY_WARNING, 0);
}

Test(judge_files, a_write_without_a_journal)
{
	made_up.source.through_wal = made_up.source.header.wal = false;
	made_up.in_use = true;
	made_up_hold(7, MAIN_LOCK_SHARED, true, FACTS_PATIENCE);
	judge();
	expect_finding(FOUND_JOURNAL_ABSENT, SEVERITY_INFO, 7);
	made_up.journal = JOURNAL_OPEN;
	judge();
	cr_assert_null(finding(FOUND_JOURNAL_ABSENT));
}

Test(judge_files, what_came_of_a_check)
{
	judge();
	cr_assert_null(finding(FOUND_CHECKED), "nobody asked");
	made_up.check = FACTS_CHECK_QUICK;
	judge();
	expect_finding(FOUND_CHECKED, SEVERITY_INFO, 0);
	cr_assert_str_empty(finding(FOUND_CHECKED)->advice);
	findings_add(&made_up.findings, FINDING_UNVERIFIABLE, "t", "a wish");
	judge();
	cr_assert_not_null(strstr(finding(FOUND_CHECKED)->text, "a wish"));
	findings_add(&made_up.findings, FINDING_DAMAGED, "t", "page 3");
	judge();
	expect_finding(FOUND_DAMAGED, SEVERITY_ERROR, 0);
	cr_assert_not_null(
	    strstr(finding(FOUND_DAMAGED)->text, "1 fault: page 3"));
	made_up.not_checked = "it is in use";
	judge();
	cr_assert_null(finding(FOUND_DAMAGED));
	cr_assert_not_null(strstr(finding(FOUND_CHECKED)->text, "in use"));
	cr_assert_str_not_empty(finding(FOUND_CHECKED)->advice);
}
