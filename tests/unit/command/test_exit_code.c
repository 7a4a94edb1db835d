/* Each kind of error has its promised number. */
#include "command/exit_code.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

static int
code_of(enum err_kind kind, int code)
{
	struct err err = { .kind = kind, .code = code };

	return exit_code(&err);
}

Test(exit_code, numbers_of_the_manual)
{
	cr_expect_eq(code_of(ERR_NONE, 0), 0);
	cr_expect_eq(code_of(ERR_FAILED, 5), 1);
	cr_expect_eq(code_of(ERR_USAGE, 0), 2);
	cr_expect_eq(code_of(ERR_PARTIAL, 0), 3);
	cr_expect_eq(code_of(ERR_DAMAGED, 11), 4);
	cr_expect_eq(code_of(ERR_REPOSITORY, 0), 5);
	cr_expect_eq(code_of(ERR_BUSY, 5), 6);
	cr_expect_eq(code_of(ERR_ABSENT, 0), 7);
	cr_expect_eq(code_of(ERR_NO_SPACE, 28), 9);
	cr_expect_eq(code_of(ERR_INPUT, 0), 11);
	cr_expect_eq(code_of(ERR_REFUSED, 0), 12);
	cr_expect_eq(code_of(ERR_STOPPED, SIGINT), 130);
	cr_expect_eq(code_of(ERR_STOPPED, SIGTERM), 143);
}

Test(exit_code, a_hint_that_is_there_stays)
{
	struct err err = { .kind = ERR_USAGE, .hint = "mine" };

	hint_for(&err, "backup");
	cr_expect_str_eq(err.hint, "mine");
}

Test(exit_code, usage_points_to_the_help)
{
	struct err err = { .kind = ERR_USAGE };

	hint_for(&err, "backup");
	cr_expect_str_eq(err.hint, "see 'litesafe backup --help'");
	err.hint[0] = '\0';
	hint_for(&err, NULL);
	cr_expect_str_eq(err.hint, "see 'litesafe --help'");
}

Test(exit_code, a_repository_may_not_be_mounted)
{
	struct err err = { .kind = ERR_REPOSITORY };

	hint_for(&err, "list");
	cr_expect(strstr(err.hint, "mounted") != NULL);
}

Test(exit_code, a_full_disk_of_a_repository_can_be_pruned)
{
	struct err err = { .kind = ERR_NO_SPACE };

	hint_for(&err, "run");
	cr_expect(strstr(err.hint, "'litesafe prune'") != NULL);
	err.hint[0] = '\0';
	hint_for(&err, "restore");
	cr_expect(strstr(err.hint, "make room") != NULL);
	cr_expect(strstr(err.hint, "prune") == NULL);
}

Test(exit_code, no_hint_where_none_is_known)
{
	struct err err = { .kind = ERR_DAMAGED };

	hint_for(&err, "verify");
	cr_expect_str_empty(err.hint);
}

/* 13 is also SQLITE_FULL, which has a kind of its own. */
Test(exit_code, who_lacks_permission_is_told_to_be_another)
{
	static const enum err_kind kinds[] = { ERR_FAILED, ERR_REPOSITORY };

	for (size_t i = 0; i < 2; i++) {
		struct err err = { .kind = kinds[i], .code = EACCES };

		hint_for(&err, "prune");
		cr_expect(strstr(err.hint, "as the user who owns") != NULL);
	}
	struct err err = { .kind = ERR_INPUT, .code = EACCES };
	hint_for(&err, "prune");
	cr_expect_str_empty(err.hint);
}
