#include "tests/unit/repository/pruning.h"

#include <stdio.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/unit/repository/tree.h"

struct pruning pruning;

const struct retention_policy pruning_last_one = { .last = 1 };

void
pruning_make_set(void)
{
	pruning.a = tree_snapshot('a', 0, 10);
	pruning.b = tree_snapshot('b', 'a', 20);
	pruning.c = tree_snapshot('c', 0, 30);
	pruning.d = tree_snapshot('d', 'c', 40);
	pruning.e = tree_snapshot('e', 'd', 50);
	pruning.f = tree_snapshot('f', 0, 60);
	(void)tree_snapshot('0', 'f', 70);
	(void)tree_snapshot('1', '0', 80);
}

void
pruning_begin(void)
{
	tree_make();
	pruning_make_set();
}

void
pruning_end(void)
{
	prune_plan_done(&pruning.plan);
	tree_remove();
}

void
pruning_plan(const struct retention_policy *policy)
{
	const struct prune_options options = {
		.repository = &tree,
		.set = "app.db",
		.policy = policy,
		.state = pruning.state,
	};
	struct err err = { 0 };

	prune_plan_done(&pruning.plan);
	cr_assert_eq(
	    prune_plan(&options, &pruning.plan, &err), 0, "%s", err.text);
}

void
pruning_run(void)
{
	struct err err = { 0 };

	cr_assert_eq(
	    prune_run(&tree, &pruning.plan, NULL, &pruning.result, &err), 0,
	    "%s", err.text);
}

void
pruning_go(const struct retention_policy *policy)
{
	pruning_plan(policy);
	pruning_run();
}

bool
pruning_is_whole(const char *name)
{
	return tree_has(tree_path("app.db/%s.json", name)) &&
	       tree_has(tree_path("app.db/%s.tar.zst", name)) &&
	       !tree_has(tree_path("app.db/%s.condemned", name));
}

bool
pruning_is_gone(const char *name)
{
	return !tree_has(tree_path("app.db/%s.json", name)) &&
	       !tree_has(tree_path("app.db/%s.tar.zst", name)) &&
	       !tree_has(tree_path("app.db/%s.condemned", name));
}

void
pruning_condemn(const char *name)
{
	cr_assert_eq(rename(tree_path("app.db/%s.json", name),
			 tree_path("app.db/%s.condemned", name)),
	    0);
}

void
pruning_lose(const char *name, enum snapshot_file file)
{
	cr_assert_eq(
	    unlink(tree_path("app.db/%s%s", name, snapshot_suffix[file])), 0);
}
