/* Which second name of a database is ours to have removed. */
#include "database/family.h"

#include <criterion/criterion.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/database/live.h"

static struct err err;

static void
make_database(void)
{
	live_begin();
	live_sql("CREATE TABLE t(a)");
}

TestSuite(family, .init = make_database, .fini = live_end);

static int
ask(const char *path)
{
	struct stat st;

	err = (struct err){ 0 };
	cr_assert_eq(stat(path, &st), 0, "%s", path);
	return family_one_name("the target ", path, &st, &err);
}

static void
expect_hint(const char *path, const char *words)
{
	cr_assert_eq(ask(path), -1, "%s", path);
	cr_assert_eq(err.kind, ERR_REFUSED);
	cr_expect(strstr(err.hint, words) != NULL, "%s: %s", path, err.hint);
}

Test(family, one_name_is_right)
{
	cr_expect_eq(ask(live_db), 0);
}

Test(family, a_name_put_aside_has_its_form)
{
	char suffix[FAMILY_ASIDE_BYTES];
	regex_t form;

	cr_assert_eq(regcomp(&form, "^\\.before-[0-9]{8}T[0-9]{6}Z(\\.3)?$",
			 REG_EXTENDED),
	    0);
	family_aside_suffix(0, suffix);
	cr_expect_eq(regexec(&form, suffix, 0, NULL, 0), 0, "%s", suffix);
	family_aside_suffix(2, suffix);
	cr_expect_eq(regexec(&form, suffix, 0, NULL, 0), 0, "%s", suffix);
	cr_expect_str_eq(suffix + strlen(suffix) - 2, ".3");
	regfree(&form);
}

Test(family, what_a_restore_left_is_named_with_its_cure)
{
	char suffix[FAMILY_ASIDE_BYTES], cure[200];

	for (unsigned attempt = 0; attempt < 2; attempt++) {
		family_aside_suffix(attempt, suffix);
		const char *twin = live_path(suffix);
		cr_assert_eq(link(live_db, twin), 0);
		(void)snprintf(
		    cure, sizeof(cure), "run this again: rm -- %s", twin);
		expect_hint(live_db, cure);
		cr_expect_str_eq(
		    err.text + strlen(err.text) - 16, "has 2 hard links");
		/* Also when the second name is the one that was given. */
		expect_hint(twin, cure);
		cr_assert_eq(unlink(twin), 0);
	}
}

/* Another file, or a name that no restore gives: nothing to be removed. */
Test(family, nobody_elses_name_is_to_be_removed)
{
	static const char *const others[] = { ".old", ".before-",
		".before-20260102T030405", ".before-20260102T030405Zx",
		".before-2026O102T030405Z", ".before-20260102T030405Z.2'",
		".before-20260102T030405Z-wal" };
	FILE *file = fopen(live_path(".before-20260102T030405Z"), "w");

	cr_assert_not_null(file);
	(void)fclose(file);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		cr_assert_eq(link(live_db, live_path(others[i])), 0);
		expect_hint(live_db, "-inum");
		expect_hint(live_path(others[i]), "-inum");
		cr_assert_eq(unlink(live_path(others[i])), 0);
	}
}
