/* A slip of the finger finds the name; noise finds nothing. */
#include "base/nearest.h"

#include <criterion/criterion.h>
#include <stddef.h>

static const char *
nearest_of(const char *word)
{
	static const char *const names[] = { "backup", "verify", "restore",
		"show", "max-pin", "max-wal-growth", "level", "to" };
	struct nearest nearest = NEAREST_TO(word);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		nearest_offer(&nearest, names[i]);
	return nearest.name;
}

Test(nearest, slips_are_understood)
{
	cr_expect_str_eq(nearest_of("bakcup"), "backup");
	cr_expect_str_eq(nearest_of("backpu"), "backup");
	cr_expect_str_eq(nearest_of("verfy"), "verify");
	cr_expect_str_eq(nearest_of("verifyy"), "verify");
	cr_expect_str_eq(nearest_of("shwo"), "show");
	cr_expect_str_eq(nearest_of("max-wal-grwoth"), "max-wal-growth");
	cr_expect_str_eq(nearest_of("levle"), "level");
}

Test(nearest, a_beginning_is_understood)
{
	cr_expect_str_eq(nearest_of("rest"), "restore");
	cr_expect_str_eq(nearest_of("max-w"), "max-wal-growth");
}

Test(nearest, noise_is_not)
{
	cr_expect(nearest_of("xyzzy") == NULL);
	cr_expect(nearest_of("") == NULL);
	cr_expect(nearest_of("b") == NULL);
	cr_expect(nearest_of("delete") == NULL);
	cr_expect(nearest_of("a-very-long-word-that-no-command-could-ever-"
			     "have-as-its-name") == NULL);
}
