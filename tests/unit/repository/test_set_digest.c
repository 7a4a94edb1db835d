/* The sum changes with everything that a catalog could be made of. */
#include "repository/set_digest.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/repository/tree.h"

TestSuite(set_digest, .init = tree_make, .fini = tree_remove);

static uint8_t last[SHA256_BYTES];

/* Whether it is another one than at the last call. */
static bool
moved(void)
{
	uint8_t now[SHA256_BYTES];
	struct err err = { 0 };

	cr_assert_eq(set_digest(&tree, "app.db", now, &err), 0, "%s", err.text);
	bool other = memcmp(now, last, sizeof(now)) != 0;
	memcpy(last, now, sizeof(now));
	return other;
}

Test(set_digest, stands_still_and_moves)
{
	struct err err = { 0 };
	char path[PATH_MAX], other[PATH_MAX];

	cr_expect_eq(set_digest(&tree, "none", last, &err), -1);
	cr_expect_eq(err.kind, ERR_ABSENT);
	for (int i = 0; i < 5; i++)
		(void)tree_snapshot(
		    (char)('1' + i), i == 0 ? 0 : (char)('0' + i), i);
	cr_assert(moved());
	cr_assert(!moved());
	(void)strcpy(path, tree_path("app.db/strange"));
	(void)strcpy(other, tree_path("app.db/stranger"));
	tree_write(path, "x");
	cr_assert(moved());
	tree_write(path, "xx");
	cr_assert(moved());
	tree_age(path, 5);
	cr_assert(moved());
	cr_assert_eq(rename(path, other), 0);
	cr_assert(moved());
	cr_assert_eq(chmod(other, 0644), 0);
	cr_assert_eq(unlink(other), 0);
	cr_assert(moved());
	cr_assert(!moved());
}
