/* Old files put aside as a unit, nothing ever overwritten. */
#include "restore/aside.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "world.h"

TestSuite(aside, .init = world_begin, .fini = world_end);

static struct target
inspected(const char *path)
{
	struct target target;
	struct err err = { 0 };

	cr_assert_eq(target_inspect(path, &target, &err), 0, "%s", err.text);
	return target;
}

static void
put_set(void)
{
	world_put("app.db", "main", 4);
	world_put("app.db-wal", "wal", 3);
	world_put("app.db-shm", "shm", 3);
}

Test(aside, a_set_keeps_together_under_one_new_name)
{
	struct aside aside = { .count = 0 };
	struct err err = { 0 };

	put_set();
	struct target target = inspected("app.db");
	cr_assert_eq(aside_keep(&aside, &target, 0, FAMILY_FILES, &err), 0,
	    "%s", err.text);
	cr_assert_eq(aside.count, 3);
	cr_expect(world_exists("app.db"));
	cr_expect_eq(world_inode(aside.file[0].to), world_inode("app.db"));
	cr_assert_eq(aside_let_go(&aside, &err), 0, "%s", err.text);

	cr_expect_not(world_exists("app.db"));
	cr_expect_not(world_exists("app.db-wal"));
	cr_expect_not(world_exists("app.db-shm"));
	cr_expect(world_same(aside.file[0].to, (const uint8_t *)"main", 4));
	cr_expect(world_same(aside.file[1].to, (const uint8_t *)"wal", 3));
	char wal[600];
	(void)snprintf(wal, sizeof(wal), "%s-wal", aside.file[0].to);
	cr_expect_str_eq(aside.file[1].to, wal);

	/* app.db.before-20261121T015800Z */
	const char *stamp = aside.file[0].to + strlen("app.db.before-");
	cr_expect_eq(strlen(stamp), 16);
	cr_expect_eq(stamp[8], 'T');
	cr_expect_eq(stamp[15], 'Z');
	cr_expect_eq(strspn(stamp, "0123456789"), 8);
	aside_done(&aside);
}

/* A second set in the same second must neither meet nor mix with the first. */
Test(aside, an_earlier_set_is_never_overwritten_nor_joined)
{
	struct aside first = { .count = 0 }, second = { .count = 0 };
	struct err err = { 0 };

	world_put("app.db", "one", 3);
	struct target target = inspected("app.db");
	cr_assert_eq(aside_keep(&first, &target, 0, 1, &err), 0);
	cr_assert_eq(aside_let_go(&first, &err), 0);

	world_put("app.db-wal", "two", 3);
	target = inspected("app.db");
	cr_assert_eq(aside_keep(&second, &target, 1, FAMILY_FILES, &err), 0);
	cr_assert_eq(aside_let_go(&second, &err), 0);
	cr_assert_eq(second.count, 1);

	char joined[600];
	(void)snprintf(joined, sizeof(joined), "%s-wal", first.file[0].to);
	cr_expect_str_neq(second.file[0].to, joined);
	cr_expect_not(world_exists(joined));
	cr_expect(world_same(first.file[0].to, (const uint8_t *)"one", 3));
	cr_expect(world_same(second.file[0].to, (const uint8_t *)"two", 3));
	aside_done(&first);
	aside_done(&second);
}

Test(aside, many_in_one_second_all_get_a_name)
{
	struct err err = { 0 };

	for (int i = 0; i < 20; i++) {
		struct aside aside = { .count = 0 };

		world_put("app.db", "x", 1);
		struct target target = inspected("app.db");
		cr_assert_eq(
		    aside_keep(&aside, &target, 0, 1, &err), 0, "%s", err.text);
		cr_assert_eq(aside_let_go(&aside, &err), 0, "%s", err.text);
		aside_done(&aside);
	}
	cr_expect_eq(world_count("app.db.before-"), 20);
}

Test(aside, undo_takes_the_second_names_back)
{
	struct aside aside = { .count = 0 };
	struct err err = { 0 };

	put_set();
	struct target target = inspected("app.db");
	cr_assert_eq(aside_keep(&aside, &target, 0, FAMILY_FILES, &err), 0);
	aside_undo(&aside);
	cr_expect_eq(aside.count, 0);
	cr_expect_eq(world_count("app.db"), 3);
	cr_expect_eq(world_count("app.db.before-"), 0);
}

Test(aside, undo_touches_nothing_once_a_first_name_is_gone)
{
	struct aside aside = { .count = 0 };
	struct err err = { 0 };

	put_set();
	struct target target = inspected("app.db");
	cr_assert_eq(aside_keep(&aside, &target, 0, FAMILY_FILES, &err), 0);
	cr_assert_eq(unlink("app.db"), 0);
	aside_undo(&aside);
	cr_expect_eq(aside.count, 3);
	cr_expect_eq(world_count("app.db.before-"), 3);
	aside_done(&aside);
}

/* The -wal of an application that started meanwhile is not ours to remove. */
Test(aside, a_name_that_became_anothers_is_left_alone)
{
	struct aside aside = { .count = 0 };
	struct err err = { 0 };

	put_set();
	struct target target = inspected("app.db");
	cr_assert_eq(aside_keep(&aside, &target, 0, FAMILY_FILES, &err), 0);
	cr_assert_eq(unlink("app.db-wal"), 0);
	world_put("app.db-wal", "new", 3);
	cr_expect_eq(aside_let_go(&aside, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect(world_same("app.db-wal", (const uint8_t *)"new", 3));
	cr_expect(world_same(aside.file[1].to, (const uint8_t *)"wal", 3));
	aside_done(&aside);
}
