/* What hooks are told of several sets: a line for each, in one order. */
#include "command/run_sets.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

static struct run_sets sets;

static void
end(void)
{
	run_sets_auto(&sets);
	cr_expect_eq(sets.count, 0);
}

static void
stored(const char *set, const char *id, uint64_t bytes)
{
	static struct backup_result result;
	const struct backup_story story = { .set = set, .result = &result };

	result = (struct backup_result){ .proved = true, .seconds = 2 };
	result.file.bytes = bytes;
	result.manifest.pin_seconds = 0.25;
	(void)snprintf(
	    result.manifest.id, sizeof(result.manifest.id), "%s", id);
	run_sets_told(&sets, &story);
}

static void
failed(const char *set)
{
	static struct backup_result result;
	const struct err err = { .kind = ERR_INPUT, .text = "why" };

	run_sets_told(&sets, &(struct backup_story){
				 .set = set, .result = &result, .err = &err });
}

static void
expect_lines(enum run_sets_field field, const char *wanted)
{
	AUTO(free) char *text = run_sets_lines(&sets, field);

	cr_assert(text != NULL);
	cr_expect_str_eq(text, wanted);
}

TestSuite(run_sets, .fini = end);

Test(run_sets, none)
{
	expect_lines(RUN_SETS_NAME, "");
	expect_lines(RUN_SETS_PIN, "");
}

Test(run_sets, one_line_each_also_for_one_that_failed)
{
	stored("a.db", "1111111111111111", 7);
	failed("b.db");
	stored("c.db", "3333333333333333", 0);
	cr_expect_str_eq(sets.list[1].error, "why");
	cr_expect(sets.list[0].error == NULL && sets.list[0].proved);
	cr_expect(!sets.list[1].proved);
	expect_lines(RUN_SETS_NAME, "a.db\nb.db\nc.db");
	expect_lines(RUN_SETS_SNAPSHOT, "1111111111111111\n\n3333333333333333");
	expect_lines(RUN_SETS_BYTES, "7\n0\n0");
	expect_lines(RUN_SETS_PIN, "0.250000\n0.000000\n0.250000");
}

/* The snapshot is the one that the database still is. */
Test(run_sets, an_unchanged_one)
{
	static struct backup_result result = { .unchanged = true };

	result.file.bytes = 9;
	(void)strcpy(result.manifest.parent, "2222222222222222");
	run_sets_told(
	    &sets, &(struct backup_story){ .set = "a.db", .result = &result });
	cr_expect(sets.list[0].unchanged);
	expect_lines(RUN_SETS_SNAPSHOT, "2222222222222222");
	expect_lines(RUN_SETS_BYTES, "0");
}

Test(run_sets, a_preview_of_several_databases_is_one_set)
{
	run_sets_told(&sets, &(struct backup_story){ .set = "shop" });
	run_sets_told(&sets, &(struct backup_story){ .set = "shop" });
	run_sets_told(&sets, &(struct backup_story){ .set = "other" });
	expect_lines(RUN_SETS_NAME, "shop\nother");
}

Test(run_sets, one_that_is_not_there_is_a_failure)
{
	struct err err = { .kind = ERR_NONE };

	stored("a.db", "1111111111111111", 1);
	cr_expect_eq(run_sets_check(&sets, &err), 0);
	sets.lost = true;
	cr_expect_eq(run_sets_check(&sets, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
}

Test(run_sets, an_environment_has_limits)
{
	for (int i = 0; i < RUN_SETS_LISTED + 5; i++)
		stored("a.db", "1111111111111111", 1);
	cr_expect_eq(sets.count, RUN_SETS_LISTED + 5);
	AUTO(free) char *text = run_sets_lines(&sets, RUN_SETS_BYTES);
	cr_expect_eq(strlen(text), RUN_SETS_LISTED * 2 - 1);
	/* Of the longest names, too, it is less than one argument may have. */
	cr_expect_lt(RUN_SETS_LISTED * (MEMBER_NAME_MAX + 1), 128 * 1024);
}
