/* What can only be discarded goes with what needs it, and nothing else. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/repository/pruning.h"
#include "tests/unit/repository/tree.h"

TestSuite(discard, .init = pruning_begin, .fini = pruning_end);

static int
plan(const char *id, struct err *err)
{
	prune_plan_done(&pruning.plan);
	pruning.plan = (struct prune_plan){ .goes = 0 };
	return prune_plan_discard(&tree, "app.db", id, &pruning.plan, err);
}

static void
must_plan(const char *id)
{
	struct err err = { 0 };

	cr_assert_eq(plan(id, &err), 0, "%s", err.text);
}

static const char d_id[] = "dddddddddddddddd", c_id[] = "cccccccccccccccc";

Test(discard, it_and_its_descendants_go)
{
	const char *beside = tree_snapshot('2', 'c', 90);

	must_plan(d_id);
	cr_expect_eq(pruning.plan.goes, 2u);
	pruning_run();
	cr_expect_eq(pruning.result.deleted, 2u);
	cr_expect(pruning_is_gone(pruning.d) && pruning_is_gone(pruning.e));
	cr_expect(pruning_is_whole(pruning.c) && pruning_is_whole(beside));
	cr_expect(pruning_is_whole(pruning.a) && pruning_is_whole(pruning.f));
}

Test(discard, a_full_takes_its_chain)
{
	must_plan(c_id);
	pruning_run();
	cr_expect(pruning_is_gone(pruning.c) && pruning_is_gone(pruning.e));
	cr_expect(pruning_is_whole(pruning.b) && pruning_is_whole(pruning.f));
	cr_expect_eq(tree_count(), 10u);
}

/* An archive that is missing is damage, too. */
Test(discard, one_without_an_archive)
{
	pruning_lose(pruning.d, SNAPSHOT_ARCHIVE);
	must_plan(d_id);
	pruning_run();
	cr_expect(pruning_is_gone(pruning.d) && pruning_is_gone(pruning.e));
	cr_expect(pruning_is_whole(pruning.c));
}

Test(discard, a_pinned_one_is_refused)
{
	struct err err = { 0 };

	tree_write(tree_path("app.db/%s.pin", pruning.e), "");
	cr_expect_eq(plan(d_id, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect_not_null(strstr(err.hint, "unpin"));
	/* What it needs may not go either. */
	cr_expect_eq(plan(c_id, &err), -1);
}

Test(discard, an_unknown_one_and_a_set_with_faults)
{
	struct err err = { 0 };

	cr_expect_eq(plan("0000000000000001", &err), -1);
	cr_expect_eq(err.kind, ERR_ABSENT);
	pruning_lose(pruning.a, SNAPSHOT_MANIFEST);
	cr_expect_eq(plan(d_id, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
}

/* A backup had chosen its parent before; what it needs comes back. */
Test(discard, what_is_built_on_it_meanwhile_keeps_it)
{
	must_plan(d_id);
	const char *late = tree_snapshot('2', 'e', 90);
	pruning_run();
	cr_expect_eq(pruning.result.deleted, 0u);
	cr_expect_eq(pruning.result.given_back, 2u);
	cr_expect(pruning_is_whole(pruning.d) && pruning_is_whole(pruning.e));
	cr_expect(pruning_is_whole(late));
}

Test(discard, a_pin_that_came_meanwhile_keeps_it)
{
	must_plan(d_id);
	tree_write(tree_path("app.db/%s.pin", pruning.e), "");
	pruning_run();
	cr_expect_eq(pruning.result.deleted, 0u);
	cr_expect(pruning_is_whole(pruning.d) && pruning_is_whole(pruning.e));
}

/* Killed while it condemned: a prune undoes that, and discarding ends it. */
Test(discard, killed_while_it_condemned)
{
	const struct retention_policy all = { .last = 100 };

	for (int both = 0; both < 2; both++) {
		pruning_condemn(pruning.e);
		if (both)
			pruning_condemn(pruning.d);
		pruning_go(&all);
		cr_expect(pruning_is_whole(pruning.d));
		cr_expect(pruning_is_whole(pruning.e));
	}
	pruning_condemn(pruning.e);
	must_plan(d_id);
	pruning_run();
	cr_expect(pruning_is_gone(pruning.d) && pruning_is_gone(pruning.e));
	cr_expect(pruning_is_whole(pruning.c));
}

/* Killed while it deleted: the next prune removes what is left. */
Test(discard, killed_while_it_deleted)
{
	const struct retention_policy all = { .last = 100 };

	pruning_condemn(pruning.e);
	pruning_lose(pruning.d, SNAPSHOT_MANIFEST);
	pruning_go(&all);
	cr_expect(pruning_is_gone(pruning.d) && pruning_is_gone(pruning.e));
	cr_expect(pruning_is_whole(pruning.c) && pruning_is_whole(pruning.f));
}
