/* Which snapshot, from which archives, and what when they are damaged. */
#include "restore/recall.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "history.h"

static struct recall recall;
static struct restore_result result;
static struct recall_options options;
static struct err err;

/*
 * 0 full, 1 and 2 on it; 3 is a sibling of 2, with pages freed and cut off; 4
 * a full of its own, 5 on it.
 */
static void
begin(void)
{
	history_begin();
	(void)history_full();
	history_sql("insert into note values('1');"
		    "update fill set body=randomblob(500) where id%7=0");
	(void)history_increment(0);
	history_sql("insert into note values('2');"
		    "insert into fill select id+1000, randomblob(400) "
		    "from fill where id<100");
	(void)history_increment(1);
	history_sql("insert into note values('3');"
		    "delete from fill where id>200; vacuum");
	(void)history_increment(1);
	history_sql("insert into note values('4')");
	(void)history_full();
	history_sql("insert into note values('5')");
	(void)history_increment(4);
	options = (struct recall_options){
		.repository = &history_repository,
		.target = "out.db",
		.check = RESTORE_CHECK_QUICK,
		.threads = 2,
	};
	result = (struct restore_result){ .count = 0 };
	err = (struct err){ .kind = ERR_NONE };
}

static void
end(void)
{
	restore_result_done(&result);
	recall_done(&recall);
	history_end();
}

TestSuite(recall, .init = begin, .fini = end);

static int
run(void)
{
	recall_done(&recall);
	restore_result_done(&result);
	(void)unlink("out.db");
	if (recall_plan(&options, &recall, &err) < 0)
		return -1;
	return recall_run(&options, &recall, &result, &err);
}

static void
expect_number(size_t number)
{
	cr_assert_eq(run(), 0, "%zu: %s", number, err.text);
	cr_expect(history_same("out.db", number), "%zu", number);
	cr_expect_str_eq(
	    recall.catalog.list[recall.chosen].id, history_id(number));
}

Test(recall, every_snapshot_comes_back_byte_for_byte)
{
	for (size_t i = 0; i < 6; i++) {
		options.snapshot = history_id(i);
		expect_number(i);
		cr_expect_str_eq(world_integrity("out.db"), "ok");
	}
	options.snapshot = NULL;
	expect_number(5);
	options.snapshot = "latest";
	expect_number(5);
}

Test(recall, a_time_picks_the_newest_at_or_before)
{
	options.by_time = true;
	options.time_ms = history_time(2);
	expect_number(2);
	options.time_ms = history_time(3) - 1;
	expect_number(2);
	options.time_ms = history_time(5) + 1;
	expect_number(5);
	options.time_ms = history_time(0) - 1;
	cr_expect_eq(run(), -1);
	cr_expect_eq(err.kind, ERR_ABSENT, "%s", err.text);
}

Test(recall, one_set_need_not_be_named)
{
	options.set = "app.db";
	expect_number(5);
	options.set = "other.db";
	cr_expect_eq(run(), -1);
	cr_expect_eq(err.kind, ERR_ABSENT, "%s", err.text);
}

Test(recall, of_several_sets_one_must_be_named)
{
	cr_assert_eq(system("cp -r r/app.db r/b.db"), 0);
	cr_expect_eq(run(), -1);
	cr_expect_eq(err.kind, ERR_USAGE, "%s", err.text);
	cr_expect(strstr(err.hint, "app.db, b.db") != NULL, "%s", err.hint);
}

Test(recall, a_database_of_another_name_is_not_in_it)
{
	options.database = "app.db";
	expect_number(5);
	options.database = "b.db";
	cr_expect_eq(run(), -1);
	cr_expect_eq(err.kind, ERR_ABSENT, "%s", err.text);
}

Test(recall, the_repository_is_no_target)
{
	static const char *const targets[] = { "r/out.db", "r/app.db/out.db",
		"link.db" };

	cr_assert_eq(symlink(history_path(0, SNAPSHOT_MANIFEST), "link.db"), 0);
	options.replace = true;
	for (size_t i = 0; i < 3; i++) {
		options.target = targets[i];
		cr_expect_eq(run(), -1);
		cr_expect_eq(err.kind, ERR_REFUSED, "%s", err.text);
	}
	cr_assert_eq(mkdir("rest", 0700), 0);
	options.target = "rest/out.db";
	cr_expect_eq(run(), 0, "%s", err.text);
}

Test(recall, a_preview_changes_nothing)
{
	struct restore_foreseen seen;

	cr_assert_eq(recall_plan(&options, &recall, &err), 0, "%s", err.text);
	cr_expect_eq(recall.lineage.count, 2);
	cr_assert_eq(recall_preview(&options, &recall, &seen, &err), 0);
	cr_expect_str_eq(seen.path, "out.db");
	cr_expect_eq(seen.replaces, 0);
	cr_expect_not(world_exists("out.db"));
	world_put("out.db", "x", 1);
	cr_expect_eq(recall_preview(&options, &recall, &seen, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	options.replace = true;
	cr_expect_eq(recall_preview(&options, &recall, &seen, &err), 0);
	cr_expect_eq(seen.replaces, 1);
}

static void
expect_damage(size_t wanted, size_t culprit, size_t good)
{
	options.snapshot = history_id(wanted);
	options.fallback = false;
	cr_assert_eq(run(), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED, "%s", err.text);
	cr_expect(strstr(err.text, history_id(wanted)) != NULL, "%s", err.text);
	cr_expect(
	    strstr(err.text,
		strrchr(history_path(culprit, SNAPSHOT_ARCHIVE), '/')) != NULL,
	    "%s", err.text);
	cr_expect(strstr(err.hint, history_id(good)) != NULL, "%s", err.hint);
	cr_expect(strstr(err.hint, "--fallback") != NULL, "%s", err.hint);
	cr_expect_not(world_exists("out.db"));

	options.fallback = true;
	expect_number(good);
	cr_expect_str_eq(
	    recall.catalog.list[recall.wanted].id, history_id(wanted));
	cr_expect_eq(recall.why.kind, ERR_DAMAGED);
	cr_expect_eq(result.findings.damaged, 0);
}

Test(recall, a_flipped_byte_takes_those_that_need_it)
{
	world_flip(history_path(4, SNAPSHOT_ARCHIVE), 20000);
	expect_damage(5, 4, 3);
	cr_expect(strstr(recall.why.text, "2 snapshots need it") != NULL, "%s",
	    recall.why.text);
	options.snapshot = history_id(3);
	expect_number(3);
}

Test(recall, falls_back_on_and_on)
{
	world_flip(history_path(5, SNAPSHOT_ARCHIVE), 600);
	world_flip(history_path(4, SNAPSHOT_ARCHIVE), 20000);
	world_flip(history_path(3, SNAPSHOT_ARCHIVE), 600);
	options.fallback = true;
	expect_number(2);
	world_flip(history_path(0, SNAPSHOT_ARCHIVE), 20000);
	cr_expect_eq(run(), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect(strstr(err.hint, "no good snapshot before") != NULL, "%s",
	    err.hint);
}

Test(recall, swapped_archives_are_found)
{
	cr_assert_eq(rename(history_path(2, SNAPSHOT_ARCHIVE), "swapped"), 0);
	cr_assert_eq(rename(history_path(1, SNAPSHOT_ARCHIVE),
			 history_path(2, SNAPSHOT_ARCHIVE)),
	    0);
	cr_assert_eq(rename("swapped", history_path(1, SNAPSHOT_ARCHIVE)), 0);
	options.snapshot = history_id(2);
	cr_expect_eq(run(), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED, "%s", err.text);
	options.fallback = true;
	expect_number(0);
}

Test(recall, a_missing_archive_is_known_from_the_listing)
{
	cr_assert_eq(unlink(history_path(1, SNAPSHOT_ARCHIVE)), 0);
	options.snapshot = history_id(2);
	cr_expect_eq(run(), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED, "%s", err.text);
	options.fallback = true;
	expect_number(0);
}

/* It must not be passed over for an older one without a word. */
Test(recall, latest_is_the_newest_also_when_it_is_bad)
{
	cr_assert_eq(truncate(history_path(5, SNAPSHOT_ARCHIVE), 100), 0);
	cr_expect_eq(run(), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED, "%s", err.text);
	cr_expect(strstr(err.hint, history_id(4)) != NULL, "%s", err.hint);
}

Test(recall, an_increment_that_lacks_a_page_is_damage)
{
	history_sql("update fill set body=randomblob(500) where id%50=0");
	options.snapshot = history_id(history_lacking(5));
	cr_expect_eq(run(), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED, "%s", err.text);
	cr_expect(strstr(err.text, "root") != NULL, "%s", err.text);
	options.fallback = true;
	expect_number(5);
}
