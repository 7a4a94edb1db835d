/*
 * What a prune deletes, what it leaves, and what it does about the states in
 * which a prune that was killed leaves a folder.
 */
#include "repository/prune.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "repository/commit.h"
#include "repository/pin_mark.h"
#include "tests/unit/repository/pruning.h"
#include "tests/unit/repository/tree.h"

TestSuite(prune, .init = pruning_begin, .fini = pruning_end);

Test(prune, deletes_whole_chains_and_nothing_else)
{
	pruning_plan(&pruning_last_one);
	cr_expect_eq(pruning.plan.goes, 5u);
	cr_expect_eq(pruning.plan.bytes, 5 * 19u);
	cr_expect_eq(tree_count(), 16u, "a plan changes nothing");
	pruning_run();
	cr_expect_eq(pruning.result.deleted, 5u);
	cr_expect_eq(pruning.result.bytes, 5 * 19u);
	cr_expect_eq(pruning.result.given_back, 0u);
	cr_expect(pruning_is_gone(pruning.a) && pruning_is_gone(pruning.b) &&
		  pruning_is_gone(pruning.c) && pruning_is_gone(pruning.d));
	cr_expect(pruning_is_gone(pruning.e) && pruning_is_whole(pruning.f));
	cr_expect_eq(tree_count(), 6u);
	pruning_go(&pruning_last_one);
	cr_expect_eq(pruning.result.deleted, 0u);
}

Test(prune, a_pin_keeps_its_chain)
{
	tree_write(tree_path("app.db/%s.pin", pruning.d), "");
	pruning_go(&pruning_last_one);
	cr_expect_eq(pruning.result.deleted, 2u);
	cr_expect(pruning_is_gone(pruning.a) && pruning_is_whole(pruning.c) &&
		  pruning_is_whole(pruning.d) && pruning_is_whole(pruning.e));
}

Test(prune, the_young_stay)
{
	const struct retention_policy grace = { .last = 1, .grace = 3600 };

	tree_age(tree_path("app.db/%s.json", pruning.a), 3700);
	tree_age(tree_path("app.db/%s.json", pruning.b), 3601);
	pruning_go(&grace);
	cr_expect_eq(pruning.result.deleted, 2u);
	cr_expect(pruning_is_gone(pruning.a) && pruning_is_gone(pruning.b) &&
		  pruning_is_whole(pruning.c));
}

/* --- what is damaged ---------------------------------------------------- */

static void
refuses(const char *name)
{
	const struct prune_options app_db = {
		.repository = &tree,
		.set = "app.db",
		.policy = &pruning_last_one,
	};
	struct err err = { 0 };
	unsigned before = tree_count();

	prune_plan_done(&pruning.plan);
	cr_assert_eq(prune_plan(&app_db, &pruning.plan, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect_not_null(strstr(err.text, name), "%s", err.text);
	cr_expect_str_neq(err.hint, "");
	cr_expect_eq(tree_count(), before);
}

Test(prune, a_damaged_manifest_stops_it)
{
	tree_write(tree_path("app.db/%s.json", pruning.b), "{}");
	refuses(pruning.b);
}

Test(prune, a_missing_manifest_stops_it)
{
	pruning_lose(pruning.d, SNAPSHOT_MANIFEST);
	refuses(pruning.e);
}

/* Nothing else tells that it was there: no increment was made against it. */
Test(prune, a_missing_manifest_of_a_pinned_one_stops_it)
{
	tree_write(tree_path("app.db/%s.pin", pruning.e), "");
	tree_age(tree_path("app.db/%s.pin", pruning.e), 1000);
	pruning_lose(pruning.e, SNAPSHOT_MANIFEST);
	refuses(pruning.e);
	pruning_lose(pruning.e, SNAPSHOT_ARCHIVE);
	pruning_go(&pruning_last_one);
	cr_expect_eq(pruning.result.leftovers, 1u);
}

Test(prune, something_else_by_the_name_of_a_manifest_stops_it)
{
	pruning_lose(pruning.b, SNAPSHOT_MANIFEST);
	cr_assert_eq(
	    symlink("nowhere", tree_path("app.db/%s.json", pruning.b)), 0);
	refuses(pruning.b);
	pruning_lose(pruning.b, SNAPSHOT_MANIFEST);
	cr_assert_eq(mkfifo(tree_path("app.db/%s.json", pruning.b), 0600), 0);
	refuses(pruning.b);
}

Test(prune, what_cannot_be_restored_counts_for_nothing)
{
	struct retention_policy two = { .last = 2 };

	pruning_lose("20201120T012000Z-incr-11111111", SNAPSHOT_ARCHIVE);
	pruning_lose("20201120T011000Z-incr-00000000", SNAPSHOT_ARCHIVE);
	pruning_go(&two);
	/* Of the good ones: f, e, d. */
	cr_expect_eq(pruning.result.deleted, 2u);
	cr_expect(pruning_is_gone(pruning.a) && pruning_is_whole(pruning.c) &&
		  pruning_is_whole(pruning.e));
}

/* Of what verify found damaged the listing shows nothing. */
Test(prune, what_verify_found_damaged_counts_for_nothing)
{
	struct state_check check = {
		.level = STATE_STORED,
		.answer = STATE_DAMAGED,
		.time_ms = clock_now_ms(),
	};
	struct err err = { 0 };
	AUTO(state) struct state state = STATE_CLOSED;
	char base[PATH_MAX + 8];

	(void)snprintf(base, sizeof(base), "%s/state", tree_folder);
	cr_assert_eq(
	    state_open(base, &tree, "app.db", &state, &err), 0, "%s", err.text);
	pruning_plan(&pruning_last_one);
	size_t at = pruning.plan.catalog.count - 3;
	cr_assert_str_eq(pruning.plan.catalog.list[at].name, pruning.f);
	(void)memcpy(
	    check.id, pruning.plan.catalog.list[at].id, sizeof(check.id));
	cr_assert_eq(state_check_add(&state, &check, &err), 0);
	pruning.state = base;
	pruning_go(&pruning_last_one);
	pruning.state = NULL;
	/* The newest chain stays, but the last good ones are e, d and c. */
	cr_expect_eq(pruning.result.deleted, 2u);
	cr_expect(pruning_is_gone(pruning.a) && pruning_is_gone(pruning.b));
	cr_expect(pruning_is_whole(pruning.c) && pruning_is_whole(pruning.d) &&
		  pruning_is_whole(pruning.e) && pruning_is_whole(pruning.f));
}

Test(prune, an_absent_set)
{
	const struct prune_options options = {
		.repository = &tree,
		.set = "no.db",
		.policy = &pruning_last_one,
	};
	struct err err = { 0 };

	cr_assert_eq(prune_plan(&options, &pruning.plan, &err), -1);
	cr_expect_eq(err.kind, ERR_ABSENT);
}

/* --- after a prune that was killed -------------------------------------- */

Test(prune, finishes_what_was_half_condemned)
{
	pruning_condemn(pruning.e);
	pruning_condemn(pruning.d);
	pruning_plan(&pruning_last_one);
	cr_expect_eq(pruning.plan.goes, 5u);
	pruning_run();
	cr_expect_eq(pruning.result.deleted, 5u);
	cr_expect_eq(tree_count(), 6u);
}

Test(prune, gives_back_what_is_kept_now)
{
	const struct retention_policy all = { .last = 100 };

	pruning_condemn(pruning.e);
	pruning_condemn(pruning.d);
	pruning_condemn(pruning.c);
	pruning_condemn(pruning.b);
	pruning_go(&all);
	cr_expect_eq(pruning.result.given_back, 4u);
	cr_expect_eq(pruning.result.deleted, 0u);
	cr_expect(pruning_is_whole(pruning.b) && pruning_is_whole(pruning.c) &&
		  pruning_is_whole(pruning.d) && pruning_is_whole(pruning.e));
	cr_expect_eq(tree_count(), 16u);
}

Test(prune, gives_back_what_a_snapshot_needs)
{
	const struct retention_policy grace = { .last = 1, .grace = 3600 };

	for (const char *const *name = (const char *[]){ pruning.a, pruning.b,
		 pruning.c, pruning.d, pruning.e, NULL };
	     *name != NULL; name++)
		tree_age(tree_path("app.db/%s.json", *name), 4000);
	/* e was committed while the prune that died had condemned c and d. */
	tree_age(tree_path("app.db/%s.json", pruning.e), 10);
	pruning_condemn(pruning.d);
	pruning_condemn(pruning.c);
	pruning_go(&grace);
	cr_expect_eq(pruning.result.given_back, 2u);
	cr_expect_eq(pruning.result.deleted, 2u);
	cr_expect(pruning_is_whole(pruning.c) && pruning_is_whole(pruning.d) &&
		  pruning_is_whole(pruning.e) && pruning_is_gone(pruning.a));
}

Test(prune, finishes_what_was_half_deleted)
{
	pruning_condemn(pruning.e);
	pruning_condemn(pruning.d);
	pruning_condemn(pruning.c);
	pruning_lose(pruning.c, SNAPSHOT_CONDEMNED);
	pruning_lose(pruning.c, SNAPSHOT_ARCHIVE);
	pruning_lose(pruning.d, SNAPSHOT_ARCHIVE);
	/* Nobody could want it back: whatever the rules say. */
	pruning_go(&(struct retention_policy){ .last = 100 });
	cr_expect_eq(pruning.result.deleted, 2u);
	cr_expect(pruning_is_gone(pruning.c) && pruning_is_gone(pruning.d) &&
		  pruning_is_gone(pruning.e) && pruning_is_whole(pruning.a));
	cr_expect_eq(tree_count(), 10u);
}

Test(prune, every_state_on_the_way_is_finished)
{
	/* In the order of prune_run(), cut off after each step. */
	const char *const manifests[] = { pruning.e, pruning.d, pruning.c,
		pruning.b, pruning.a };

	for (unsigned steps = 0; steps <= 15; steps++) {
		pruning_make_set();
		for (unsigned i = 0; i < 5 && i < steps; i++)
			pruning_condemn(manifests[i]);
		if (steps > 5)
			pruning_lose(pruning.a, SNAPSHOT_CONDEMNED);
		if (steps > 6)
			pruning_lose(pruning.c, SNAPSHOT_CONDEMNED);
		for (unsigned i = 0; i < 5 && i + 7 < steps; i++)
			pruning_lose(manifests[4 - i], SNAPSHOT_ARCHIVE);
		if (steps > 12)
			pruning_lose(pruning.b, SNAPSHOT_CONDEMNED);
		if (steps > 13)
			pruning_lose(pruning.d, SNAPSHOT_CONDEMNED);
		if (steps > 14)
			pruning_lose(pruning.e, SNAPSHOT_CONDEMNED);
		pruning_go(&pruning_last_one);
		cr_expect_eq(tree_count(), 6u, "%u steps: %u files", steps,
		    tree_count());
	}
}

/* --- what happens meanwhile --------------------------------------------- */

static const struct stored_file file = { .bytes = 7 };

/* A backup that had chosen its parent before the plan was made. */
static int
backup(char id, char parent, int minute, struct err *err)
{
	struct manifest m = tree_manifest(id, parent, minute);

	tree_write(tree_path("app.db/%s.tar.zst", tree_name(&m)), "1234567");
	return commit_manifest(&tree, &m, &file, err);
}

Test(prune, a_backup_that_was_first_keeps_its_chain)
{
	struct err err = { 0 };

	pruning_plan(&pruning_last_one);
	cr_assert_eq(backup('2', 'e', 90, &err), 0, "%s", err.text);
	pruning_run();
	cr_expect_eq(pruning.result.deleted, 2u);
	cr_expect_eq(pruning.result.given_back, 3u);
	cr_expect(pruning_is_gone(pruning.a) && pruning_is_whole(pruning.c) &&
		  pruning_is_whole(pruning.d) && pruning_is_whole(pruning.e));
	cr_expect_eq(
	    commit_ancestors_there(&tree, "app.db", "2222222222222222", &err),
	    0);
}

Test(prune, a_backup_that_came_second_fails)
{
	struct err err = { 0 };

	pruning_go(&pruning_last_one);
	cr_assert_eq(backup('2', 'e', 90, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
}

Test(prune, a_pin_that_came_meanwhile_keeps_its_chain)
{
	struct err err = { 0 };
	bool changed = false;

	pruning_plan(&pruning_last_one);
	for (size_t i = 0; i < pruning.plan.catalog.count; i++)
		if (strcmp(pruning.plan.catalog.list[i].name, pruning.d) == 0)
			cr_assert_eq(
			    pin_mark_set(&pruning.plan.catalog,
				&pruning.plan.catalog.list[i], &changed, &err),
			    0);
	cr_expect(changed);
	pruning_run();
	cr_expect_eq(pruning.result.deleted, 2u);
	cr_expect(pruning_is_whole(pruning.c) && pruning_is_whole(pruning.d) &&
		  pruning_is_whole(pruning.e));
}

Test(prune, damage_that_appears_meanwhile_undoes_it)
{
	struct err err = { 0 };

	pruning_plan(&pruning_last_one);
	tree_write(tree_path("app.db/20201120T013000Z-incr-22222222.json"), "");
	cr_assert_eq(
	    prune_run(&tree, &pruning.plan, NULL, &pruning.result, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect_not_null(strstr(err.text, "22222222"), "%s", err.text);
	cr_expect_eq(pruning.result.deleted + pruning.result.given_back, 0u);
	cr_expect(pruning_is_whole(pruning.a) && pruning_is_whole(pruning.b) &&
		  pruning_is_whole(pruning.e));
}

Test(prune, a_stop_undoes_it)
{
	struct work work = { .stop = 15 };
	struct err err = { 0 };

	pruning_plan(&pruning_last_one);
	cr_assert_eq(
	    prune_run(&tree, &pruning.plan, &work, &pruning.result, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
	cr_expect_eq(tree_count(), 16u);
	cr_expect(pruning_is_whole(pruning.a) && pruning_is_whole(pruning.e));
}

/* The plans of two prunes are made at the same time. */
Test(prune, two_at_once_delete_once)
{
	struct prune_plan first;

	pruning_plan(&pruning_last_one);
	first = pruning.plan;
	pruning.plan = (struct prune_plan){ .goes = 0 };
	pruning_go(&pruning_last_one);
	cr_expect_eq(pruning.result.deleted, 5u);
	prune_plan_done(&pruning.plan);
	pruning.plan = first;
	pruning_run();
	cr_expect_eq(pruning.result.deleted, 0u);
	cr_expect_eq(tree_count(), 6u);
}

/* One had condemned a chain, another one keeps it. */
Test(prune, who_moves_the_full_first_decides)
{
	struct prune_plan first;

	pruning_condemn(pruning.e);
	pruning_condemn(pruning.d);
	pruning_condemn(pruning.c);
	pruning_plan(&pruning_last_one);
	first = pruning.plan;
	pruning.plan = (struct prune_plan){ .goes = 0 };
	pruning_go(&(struct retention_policy){ .last = 100 });
	cr_expect(pruning_is_whole(pruning.c) && pruning_is_whole(pruning.d) &&
		  pruning_is_whole(pruning.e));
	prune_plan_done(&pruning.plan);
	pruning.plan = first;
	pruning_run();
	cr_expect_eq(pruning.result.deleted, 2u);
	cr_expect(pruning_is_gone(pruning.a) && pruning_is_whole(pruning.c) &&
		  pruning_is_whole(pruning.d) && pruning_is_whole(pruning.e));
}
