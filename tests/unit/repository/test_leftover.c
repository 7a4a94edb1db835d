/* Files that belong to no snapshot: which go, and when. */
#include "repository/leftover.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repository/commit.h"
#include "tests/unit/repository/pruning.h"
#include "tests/unit/repository/tree.h"

static const struct stored_file file = { .bytes = 7 };

TestSuite(leftover, .init = pruning_begin, .fini = pruning_end);

static const char *const leftovers[] = {
	"20201120T050000Z-full-99999999.tar.zst",
	"20201120T060000Z-full-88888888.json.litesafe-0a1b2c",
	"20201120T070000Z-full-77777777.pin",
	"20201120T080000Z-full-66666666.condemned",
};

static void
make_leftovers(long age)
{
	for (size_t i = 0; i < 4; i++) {
		const char *path = tree_path("app.db/%s", leftovers[i]);

		tree_write(path, "12345");
		tree_age(path, age);
	}
}

Test(leftover, leftovers_go_after_the_grace_period)
{
	const struct retention_policy policy = { .last = 100, .grace = 3600 };

	make_leftovers(3500);
	pruning_go(&policy);
	cr_expect_eq(pruning.plan.bytes, 0u);
	cr_expect_eq(pruning.result.leftovers, 0u);
	cr_expect_eq(tree_count(), 20u);
	make_leftovers(3700);
	pruning_plan(&policy);
	cr_expect_eq(pruning.plan.bytes, 20u);
	pruning_run();
	cr_expect_eq(pruning.result.leftovers, 4u);
	cr_expect_eq(pruning.result.bytes, 20u);
	cr_expect_eq(tree_count(), 16u);
}

Test(leftover, leftovers_from_the_future_stay)
{
	make_leftovers(-3600);
	pruning_go(&(struct retention_policy){ .last = 100 });
	cr_expect_eq(pruning.result.leftovers, 0u);
}

Test(leftover, foreign_files_stay)
{
	static const char *const names[] = { "notes", "app.db-copy",
		"20201120T050000Z-full-99999999", "new\nline",
		"20201120T050000Z-full-99999999.tar.zst.bak" };

	for (size_t i = 0; i < 5; i++) {
		tree_write(tree_path("app.db/%s", names[i]), "");
		tree_age(tree_path("app.db/%s", names[i]), 1000000);
	}
	cr_assert_eq(symlink("/etc/passwd",
			 tree_path("app.db/20201120T050000Z-full-99999999.tar"
				   ".zst")),
	    0);
	pruning_go(&pruning_last_one);
	cr_expect_eq(pruning.result.leftovers, 0u);
	cr_expect_eq(tree_count(), 12u);
}

/* Its backup was asleep for longer than the grace period. */
Test(leftover, an_archive_that_gets_its_manifest_meanwhile_stays)
{
	struct manifest m = tree_manifest('2', 0, 90);
	const char *archive = tree_path("app.db/%s.tar.zst", tree_name(&m));
	struct err err = { 0 };

	tree_write(archive, "1234567");
	tree_age(archive, 1000);
	pruning_plan(&pruning_last_one);
	cr_expect_eq(pruning.plan.bytes, 5 * 19u + 7);
	cr_assert_eq(commit_manifest(&tree, &m, &file, &err), 0);
	pruning_run();
	cr_expect_eq(pruning.result.leftovers, 0u);
	cr_expect(pruning_is_whole(tree_name(&m)));
}

Test(leftover, a_backup_whose_archive_was_removed_fails)
{
	struct manifest m = tree_manifest('2', 0, 90);
	const char *archive = tree_path("app.db/%s.tar.zst", tree_name(&m));
	struct err err = { 0 };

	tree_write(archive, "1234567");
	tree_age(archive, 1000);
	pruning_go(&pruning_last_one);
	cr_expect_eq(pruning.result.leftovers, 1u);
	cr_assert_eq(commit_manifest(&tree, &m, &file, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect(pruning_is_gone(tree_name(&m)));
}

/* A prune set it aside, saw that it had got its manifest, and was killed. */
static const char *
set_aside(const char *name)
{
	const char *aside =
	    tree_path("app.db/%s.tar.zst.litesafe-0a1b2c", name);

	cr_assert_eq(rename(tree_path("app.db/%s.tar.zst", name), aside), 0);
	return aside;
}

Test(leftover, an_archive_that_was_set_aside_gets_its_name_back)
{
	const char *aside = set_aside(pruning.f);

	pruning_go(&pruning_last_one);
	cr_expect_eq(pruning.result.leftovers, 0u);
	cr_expect(pruning_is_whole(pruning.f) && !tree_has(aside));
	/* It is no snapshot's: it goes. */
	pruning_lose("20201120T012000Z-incr-11111111", SNAPSHOT_MANIFEST);
	aside = set_aside("20201120T012000Z-incr-11111111");
	pruning_go(&pruning_last_one);
	cr_expect_eq(pruning.result.leftovers, 1u);
	cr_expect(!tree_has(aside));
}

/* Of the good ones it may be one that a rule keeps. */
Test(leftover, a_chain_that_is_completed_meanwhile_waits)
{
	const char *aside = set_aside(pruning.c);

	tree_age(aside, 1000);
	pruning_plan(&(struct retention_policy){ .last = 7 });
	cr_expect_eq(pruning.plan.goes, 3u);
	pruning_run();
	cr_expect_eq(pruning.result.deleted, 0u);
	cr_expect(pruning_is_whole(pruning.c) && pruning_is_whole(pruning.d) &&
		  pruning_is_whole(pruning.e));
}

/* The archive of a manifest that another prune may give back. */
Test(leftover, an_archive_of_a_condemned_manifest_stays)
{
	pruning_lose(pruning.b, SNAPSHOT_MANIFEST);
	pruning_plan(&pruning_last_one);
	tree_write(tree_path("app.db/%s.condemned", pruning.b), "{}");
	cr_expect_eq(pruning.plan.catalog.orphan_count, 1u);
	pruning_run();
	cr_expect_eq(pruning.result.leftovers, 0u);
	cr_expect(tree_has(tree_path("app.db/%s.tar.zst", pruning.b)));
}
