#include "base/err.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

Test(err, set_fills_all_fields_and_says_minus_one)
{
	struct err err = { .hint = "an old hint" };

	cr_assert_eq(err_set(&err, ERR_BUSY, 5, "'%s' is locked", "a.db"), -1);
	cr_assert_eq(err.kind, ERR_BUSY);
	cr_assert_eq(err.code, 5);
	cr_assert_str_eq(err.text, "'a.db' is locked");
	cr_assert_str_eq(err.hint, "", "a hint belongs to one error only");
}

Test(err, system_adds_the_reason)
{
	struct err err = { 0 };

	errno = ENOENT;
	cr_assert_eq(err_system(&err, "open '%s'", "x"), -1);
	cr_assert_eq(err.kind, ERR_FAILED);
	cr_assert_eq(err.code, ENOENT);
	cr_assert_str_eq(err.text, "open 'x': No such file or directory");
}

Test(err, system_knows_a_full_disk)
{
	static const int full[] = { ENOSPC, EDQUOT };

	for (size_t i = 0; i < 2; i++) {
		struct err err = { 0 };

		errno = full[i];
		(void)err_system(&err, "write to 'x'");
		cr_assert_eq(err.kind, ERR_NO_SPACE);
		cr_assert_eq(err.code, full[i]);
	}
}

Test(err, within_keeps_kind_code_and_hint)
{
	struct err err = { 0 };

	(void)err_set(&err, ERR_DAMAGED, 7, "page 3 is wrong");
	(void)err_hint(&err, "restore another one");
	cr_assert_eq(err_within(&err, "verify '%s'", "a.tar.zst"), -1);
	cr_assert_str_eq(err.text, "verify 'a.tar.zst': page 3 is wrong");
	cr_assert_eq(err.kind, ERR_DAMAGED);
	cr_assert_eq(err.code, 7);
	cr_assert_str_eq(err.hint, "restore another one");
}

Test(err, long_text_is_cut_and_ended)
{
	struct err err = { 0 };
	char name[4096];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	(void)err_set(&err, ERR_INPUT, 0, "open '%s'", name);
	cr_assert_eq(strlen(err.text), sizeof(err.text) - 1);
	cr_assert(strncmp(err.text, "open 'nnn", 9) == 0);

	errno = EIO;
	(void)err_system(&err, "open '%s'", name);
	cr_assert_eq(strlen(err.text), sizeof(err.text) - 1);
	cr_assert_eq(err.code, EIO);

	for (int i = 0; i < 3; i++)
		(void)err_within(&err, "level %d '%s'", i, name);
	cr_assert_eq(strlen(err.text), sizeof(err.text) - 1);
	cr_assert(strncmp(err.text, "level 2 'n", 10) == 0);

	(void)err_hint(&err, "%s", name);
	cr_assert_eq(strlen(err.hint), sizeof(err.hint) - 1);
}
