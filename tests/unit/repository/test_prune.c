/*
 * What a prune deletes, what it leaves, and what it does about the states in
 * which a prune that was killed leaves a folder.
 *
 * The usual set: chain A is a-b, chain C is c-d-e, chain F is f-0-1, each
 * younger than the one before.  With `last` 1 the first two go.
 */
#include "repository/prune.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "repository/commit.h"
#include "repository/pin_mark.h"
#include "tests/unit/repository/tree.h"

static struct prune_plan plan;
static struct prune_result result;
static const char *memory; /* folder of state; NULL: none */
static const char *a, *b, *c, *d, *e, *f;

/* 7 minutes of one day: one snapshot of it is kept. */
static const struct retention_policy last_one = { .last = 1 };

static void
make_set(void)
{
	a = tree_snapshot('a', 0, 10);
	b = tree_snapshot('b', 'a', 20);
	c = tree_snapshot('c', 0, 30);
	d = tree_snapshot('d', 'c', 40);
	e = tree_snapshot('e', 'd', 50);
	f = tree_snapshot('f', 0, 60);
	(void)tree_snapshot('0', 'f', 70);
	(void)tree_snapshot('1', '0', 80);
}

static void
make(void)
{
	tree_make();
	make_set();
}

static void
done(void)
{
	prune_plan_done(&plan);
	tree_remove();
}

TestSuite(prune, .init = make, .fini = done);

static void
make_plan(const struct retention_policy *policy)
{
	const struct prune_options options = {
		.repository = &tree,
		.set = "app.db",
		.policy = policy,
		.state = memory,
	};
	struct err err = { 0 };

	prune_plan_done(&plan);
	cr_assert_eq(prune_plan(&options, &plan, &err), 0, "%s", err.text);
}

static void
run(void)
{
	struct err err = { 0 };

	cr_assert_eq(
	    prune_run(&tree, &plan, NULL, &result, &err), 0, "%s", err.text);
}

static void
prune(const struct retention_policy *policy)
{
	make_plan(policy);
	run();
}

/* All of a snapshot's files, or none of them. */
static bool
is_whole(const char *name)
{
	return tree_has(tree_path("app.db/%s.json", name)) &&
	       tree_has(tree_path("app.db/%s.tar.zst", name)) &&
	       !tree_has(tree_path("app.db/%s.condemned", name));
}

static bool
is_gone(const char *name)
{
	return !tree_has(tree_path("app.db/%s.json", name)) &&
	       !tree_has(tree_path("app.db/%s.tar.zst", name)) &&
	       !tree_has(tree_path("app.db/%s.condemned", name));
}

static void
condemn(const char *name)
{
	cr_assert_eq(rename(tree_path("app.db/%s.json", name),
			 tree_path("app.db/%s.condemned", name)),
	    0);
}

static void
lose(const char *name, enum snapshot_file file)
{
	cr_assert_eq(
	    unlink(tree_path("app.db/%s%s", name, snapshot_suffix[file])), 0);
}

Test(prune, deletes_whole_chains_and_nothing_else)
{
	make_plan(&last_one);
	cr_expect_eq(plan.goes, 5u);
	cr_expect_eq(plan.bytes, 5 * 19u);
	cr_expect_eq(tree_count(), 16u, "a plan changes nothing");
	run();
	cr_expect_eq(result.deleted, 5u);
	cr_expect_eq(result.bytes, 5 * 19u);
	cr_expect_eq(result.given_back, 0u);
	cr_expect(is_gone(a) && is_gone(b) && is_gone(c) && is_gone(d));
	cr_expect(is_gone(e) && is_whole(f));
	cr_expect_eq(tree_count(), 6u);
	prune(&last_one);
	cr_expect_eq(result.deleted, 0u);
}

Test(prune, a_pin_keeps_its_chain)
{
	tree_write(tree_path("app.db/%s.pin", d), "");
	prune(&last_one);
	cr_expect_eq(result.deleted, 2u);
	cr_expect(is_gone(a) && is_whole(c) && is_whole(d) && is_whole(e));
}

Test(prune, the_young_stay)
{
	const struct retention_policy grace = { .last = 1, .grace = 3600 };

	tree_age(tree_path("app.db/%s.json", a), 3700);
	tree_age(tree_path("app.db/%s.json", b), 3601);
	prune(&grace);
	cr_expect_eq(result.deleted, 2u);
	cr_expect(is_gone(a) && is_gone(b) && is_whole(c));
}

/* --- what is damaged ---------------------------------------------------- */

static void
refuses(const char *name)
{
	const struct prune_options app_db = {
		.repository = &tree,
		.set = "app.db",
		.policy = &last_one,
	};
	struct err err = { 0 };
	unsigned before = tree_count();

	prune_plan_done(&plan);
	cr_assert_eq(prune_plan(&app_db, &plan, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect_not_null(strstr(err.text, name), "%s", err.text);
	cr_expect_str_neq(err.hint, "");
	cr_expect_eq(tree_count(), before);
}

Test(prune, a_damaged_manifest_stops_it)
{
	tree_write(tree_path("app.db/%s.json", b), "{}");
	refuses(b);
}

Test(prune, a_missing_manifest_stops_it)
{
	lose(d, SNAPSHOT_MANIFEST);
	refuses(e);
}

/* Nothing else tells that it was there: no increment was made against it. */
Test(prune, a_missing_manifest_of_a_pinned_one_stops_it)
{
	tree_write(tree_path("app.db/%s.pin", e), "");
	tree_age(tree_path("app.db/%s.pin", e), 1000);
	lose(e, SNAPSHOT_MANIFEST);
	refuses(e);
	lose(e, SNAPSHOT_ARCHIVE);
	prune(&last_one);
	cr_expect_eq(result.leftovers, 1u);
}

Test(prune, something_else_by_the_name_of_a_manifest_stops_it)
{
	lose(b, SNAPSHOT_MANIFEST);
	cr_assert_eq(symlink("nowhere", tree_path("app.db/%s.json", b)), 0);
	refuses(b);
	lose(b, SNAPSHOT_MANIFEST);
	cr_assert_eq(mkfifo(tree_path("app.db/%s.json", b), 0600), 0);
	refuses(b);
}

Test(prune, what_cannot_be_restored_counts_for_nothing)
{
	struct retention_policy two = { .last = 2 };

	lose("20201120T012000Z-incr-11111111", SNAPSHOT_ARCHIVE);
	lose("20201120T011000Z-incr-00000000", SNAPSHOT_ARCHIVE);
	prune(&two);
	/* Of the good ones: f, e, d. */
	cr_expect_eq(result.deleted, 2u);
	cr_expect(is_gone(a) && is_whole(c) && is_whole(e));
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
	struct state state;
	char base[PATH_MAX + 8];

	(void)snprintf(base, sizeof(base), "%s/state", tree_folder);
	cr_assert_eq(
	    state_open(base, &tree, "app.db", &state, &err), 0, "%s", err.text);
	make_plan(&last_one);
	size_t at = plan.catalog.count - 3;
	cr_assert_str_eq(plan.catalog.list[at].name, f);
	(void)memcpy(check.id, plan.catalog.list[at].id, sizeof(check.id));
	cr_assert_eq(state_check_add(&state, &check, &err), 0);
	memory = base;
	prune(&last_one);
	memory = NULL;
	/* The newest chain stays, but the last good ones are e, d and c. */
	cr_expect_eq(result.deleted, 2u);
	cr_expect(is_gone(a) && is_gone(b));
	cr_expect(is_whole(c) && is_whole(d) && is_whole(e) && is_whole(f));
}

Test(prune, an_absent_set)
{
	const struct prune_options options = {
		.repository = &tree,
		.set = "no.db",
		.policy = &last_one,
	};
	struct err err = { 0 };

	cr_assert_eq(prune_plan(&options, &plan, &err), -1);
	cr_expect_eq(err.kind, ERR_ABSENT);
}

/* --- after a prune that was killed -------------------------------------- */

Test(prune, finishes_what_was_half_condemned)
{
	condemn(e);
	condemn(d);
	make_plan(&last_one);
	cr_expect_eq(plan.goes, 5u);
	run();
	cr_expect_eq(result.deleted, 5u);
	cr_expect_eq(tree_count(), 6u);
}

Test(prune, gives_back_what_is_kept_now)
{
	const struct retention_policy all = { .last = 100 };

	condemn(e);
	condemn(d);
	condemn(c);
	condemn(b);
	prune(&all);
	cr_expect_eq(result.given_back, 4u);
	cr_expect_eq(result.deleted, 0u);
	cr_expect(is_whole(b) && is_whole(c) && is_whole(d) && is_whole(e));
	cr_expect_eq(tree_count(), 16u);
}

Test(prune, gives_back_what_a_snapshot_needs)
{
	const struct retention_policy grace = { .last = 1, .grace = 3600 };

	for (const char *const *name = (const char *[]){ a, b, c, d, e, NULL };
	     *name != NULL; name++)
		tree_age(tree_path("app.db/%s.json", *name), 4000);
	/* e was committed while the prune that died had condemned c and d. */
	tree_age(tree_path("app.db/%s.json", e), 10);
	condemn(d);
	condemn(c);
	prune(&grace);
	cr_expect_eq(result.given_back, 2u);
	cr_expect_eq(result.deleted, 2u);
	cr_expect(is_whole(c) && is_whole(d) && is_whole(e) && is_gone(a));
}

Test(prune, finishes_what_was_half_deleted)
{
	condemn(e);
	condemn(d);
	condemn(c);
	lose(c, SNAPSHOT_CONDEMNED);
	lose(c, SNAPSHOT_ARCHIVE);
	lose(d, SNAPSHOT_ARCHIVE);
	/* Nobody could want it back: whatever the rules say. */
	prune(&(struct retention_policy){ .last = 100 });
	cr_expect_eq(result.deleted, 2u);
	cr_expect(is_gone(c) && is_gone(d) && is_gone(e) && is_whole(a));
	cr_expect_eq(tree_count(), 10u);
}

Test(prune, every_state_on_the_way_is_finished)
{
	/* In the order of prune_run(), cut off after each step. */
	const char *const manifests[] = { e, d, c, b, a };

	for (unsigned steps = 0; steps <= 15; steps++) {
		make_set();
		for (unsigned i = 0; i < 5 && i < steps; i++)
			condemn(manifests[i]);
		if (steps > 5)
			lose(a, SNAPSHOT_CONDEMNED);
		if (steps > 6)
			lose(c, SNAPSHOT_CONDEMNED);
		for (unsigned i = 0; i < 5 && i + 7 < steps; i++)
			lose(manifests[4 - i], SNAPSHOT_ARCHIVE);
		if (steps > 12)
			lose(b, SNAPSHOT_CONDEMNED);
		if (steps > 13)
			lose(d, SNAPSHOT_CONDEMNED);
		if (steps > 14)
			lose(e, SNAPSHOT_CONDEMNED);
		prune(&last_one);
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

	make_plan(&last_one);
	cr_assert_eq(backup('2', 'e', 90, &err), 0, "%s", err.text);
	run();
	cr_expect_eq(result.deleted, 2u);
	cr_expect_eq(result.given_back, 3u);
	cr_expect(is_gone(a) && is_whole(c) && is_whole(d) && is_whole(e));
	cr_expect_eq(
	    commit_ancestors_there(&tree, "app.db", "2222222222222222", &err),
	    0);
}

Test(prune, a_backup_that_came_second_fails)
{
	struct err err = { 0 };

	prune(&last_one);
	cr_assert_eq(backup('2', 'e', 90, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
}

Test(prune, a_pin_that_came_meanwhile_keeps_its_chain)
{
	struct err err = { 0 };
	bool changed = false;

	make_plan(&last_one);
	for (size_t i = 0; i < plan.catalog.count; i++)
		if (strcmp(plan.catalog.list[i].name, d) == 0)
			cr_assert_eq(pin_mark_set(&plan.catalog,
					 &plan.catalog.list[i], &changed, &err),
			    0);
	cr_expect(changed);
	run();
	cr_expect_eq(result.deleted, 2u);
	cr_expect(is_whole(c) && is_whole(d) && is_whole(e));
}

Test(prune, damage_that_appears_meanwhile_undoes_it)
{
	struct err err = { 0 };

	make_plan(&last_one);
	tree_write(tree_path("app.db/20201120T013000Z-incr-22222222.json"), "");
	cr_assert_eq(prune_run(&tree, &plan, NULL, &result, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect_not_null(strstr(err.text, "22222222"), "%s", err.text);
	cr_expect_eq(result.deleted + result.given_back, 0u);
	cr_expect(is_whole(a) && is_whole(b) && is_whole(e));
}

Test(prune, a_stop_undoes_it)
{
	struct work work = { .stop = 15 };
	struct err err = { 0 };

	make_plan(&last_one);
	cr_assert_eq(prune_run(&tree, &plan, &work, &result, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
	cr_expect_eq(tree_count(), 16u);
	cr_expect(is_whole(a) && is_whole(e));
}

/* The plans of two prunes are made at the same time. */
Test(prune, two_at_once_delete_once)
{
	struct prune_plan first;

	make_plan(&last_one);
	first = plan;
	plan = (struct prune_plan){ .goes = 0 };
	prune(&last_one);
	cr_expect_eq(result.deleted, 5u);
	prune_plan_done(&plan);
	plan = first;
	run();
	cr_expect_eq(result.deleted, 0u);
	cr_expect_eq(tree_count(), 6u);
}

/* One had condemned a chain, another one keeps it. */
Test(prune, who_moves_the_full_first_decides)
{
	struct prune_plan first;

	condemn(e);
	condemn(d);
	condemn(c);
	make_plan(&last_one);
	first = plan;
	plan = (struct prune_plan){ .goes = 0 };
	prune(&(struct retention_policy){ .last = 100 });
	cr_expect(is_whole(c) && is_whole(d) && is_whole(e));
	prune_plan_done(&plan);
	plan = first;
	run();
	cr_expect_eq(result.deleted, 2u);
	cr_expect(is_gone(a) && is_whole(c) && is_whole(d) && is_whole(e));
}

/* --- leftovers ---------------------------------------------------------- */

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

Test(prune, leftovers_go_after_the_grace_period)
{
	const struct retention_policy policy = { .last = 100, .grace = 3600 };

	make_leftovers(3500);
	prune(&policy);
	cr_expect_eq(plan.bytes, 0u);
	cr_expect_eq(result.leftovers, 0u);
	cr_expect_eq(tree_count(), 20u);
	make_leftovers(3700);
	make_plan(&policy);
	cr_expect_eq(plan.bytes, 20u);
	run();
	cr_expect_eq(result.leftovers, 4u);
	cr_expect_eq(result.bytes, 20u);
	cr_expect_eq(tree_count(), 16u);
}

Test(prune, leftovers_from_the_future_stay)
{
	make_leftovers(-3600);
	prune(&(struct retention_policy){ .last = 100 });
	cr_expect_eq(result.leftovers, 0u);
}

Test(prune, foreign_files_stay)
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
	prune(&last_one);
	cr_expect_eq(result.leftovers, 0u);
	cr_expect_eq(tree_count(), 12u);
}

/* Its backup was asleep for longer than the grace period. */
Test(prune, an_archive_that_gets_its_manifest_meanwhile_stays)
{
	struct manifest m = tree_manifest('2', 0, 90);
	const char *archive = tree_path("app.db/%s.tar.zst", tree_name(&m));
	struct err err = { 0 };

	tree_write(archive, "1234567");
	tree_age(archive, 1000);
	make_plan(&last_one);
	cr_expect_eq(plan.bytes, 5 * 19u + 7);
	cr_assert_eq(commit_manifest(&tree, &m, &file, &err), 0);
	run();
	cr_expect_eq(result.leftovers, 0u);
	cr_expect(is_whole(tree_name(&m)));
}

Test(prune, a_backup_whose_archive_was_removed_fails)
{
	struct manifest m = tree_manifest('2', 0, 90);
	const char *archive = tree_path("app.db/%s.tar.zst", tree_name(&m));
	struct err err = { 0 };

	tree_write(archive, "1234567");
	tree_age(archive, 1000);
	prune(&last_one);
	cr_expect_eq(result.leftovers, 1u);
	cr_assert_eq(commit_manifest(&tree, &m, &file, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED);
	cr_expect(is_gone(tree_name(&m)));
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

Test(prune, an_archive_that_was_set_aside_gets_its_name_back)
{
	const char *aside = set_aside(f);

	prune(&last_one);
	cr_expect_eq(result.leftovers, 0u);
	cr_expect(is_whole(f) && !tree_has(aside));
	/* It is no snapshot's: it goes. */
	lose("20201120T012000Z-incr-11111111", SNAPSHOT_MANIFEST);
	aside = set_aside("20201120T012000Z-incr-11111111");
	prune(&last_one);
	cr_expect_eq(result.leftovers, 1u);
	cr_expect(!tree_has(aside));
}

/* Of the good ones it may be one that a rule keeps. */
Test(prune, a_chain_that_is_completed_meanwhile_waits)
{
	const char *aside = set_aside(c);

	tree_age(aside, 1000);
	make_plan(&(struct retention_policy){ .last = 7 });
	cr_expect_eq(plan.goes, 3u);
	run();
	cr_expect_eq(result.deleted, 0u);
	cr_expect(is_whole(c) && is_whole(d) && is_whole(e));
}

/* The archive of a manifest that another prune may give back. */
Test(prune, an_archive_of_a_condemned_manifest_stays)
{
	lose(b, SNAPSHOT_MANIFEST);
	make_plan(&last_one);
	tree_write(tree_path("app.db/%s.condemned", b), "{}");
	cr_expect_eq(plan.catalog.orphan_count, 1u);
	run();
	cr_expect_eq(result.leftovers, 0u);
	cr_expect(tree_has(tree_path("app.db/%s.tar.zst", b)));
}

/* --- the storage -------------------------------------------------------- */

Test(prune, the_storage_tells_the_time)
{
	struct err err = { 0 };
	int64_t now = 0;

	make_plan(&last_one);
	tree_age(tree_path("app.db"), 100000);
	int64_t before = clock_now_ms();
	cr_assert_eq(prune_storage_now(&plan.catalog, &now, &err), 0);
	/* A kernel's tick may lie between the two clocks. */
	cr_expect_geq(now, before - 20);
	cr_expect_leq(now, clock_now_ms());
	cr_expect_eq(tree_count(), 16u);
}

/* Mounts of this test only; false where that cannot be had. */
static bool
own_mounts(void)
{
	return geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/*
 * ext4 has one block of 4096 bytes for the names of a folder, and wants another
 * one when it is full.
 */
static void
fill_names(void)
{
	char name[241];

	memset(name, 'x', 240);
	name[240] = '\0';
	for (char i = 'a'; i < 'a' + 13; i++) {
		name[0] = i;
		tree_write(tree_path("app.db/%s", name), "");
	}
}

/* A repository in a filesystem of its own, which is then filled up. */
static void
fill_up(const char *folder)
{
	char path[PATH_MAX + 8], block[1024];
	struct err err = { 0 };
	bool made = false;

	(void)snprintf(path, sizeof(path), "%s/r", folder);
	cr_assert_eq(repository_init(path, false, &tree, &made, &err), 0, "%s",
	    err.text);
	cr_assert_eq(repository_make_set(&tree, "app.db", &err), 0);
	make_set();
	fill_names();
	memset(block, 'x', sizeof(block));
	int fd = open(tree_path("fill"), O_WRONLY | O_CREAT, 0600);
	cr_assert_geq(fd, 0);
	while (write(fd, block, sizeof(block)) > 0)
		;
	cr_assert_eq(errno, ENOSPC);
	(void)close(fd);
}

static void
prunes_when_full(const char *folder)
{
	struct stat st;

	fill_up(folder);
	prune(&last_one);
	cr_expect_eq(result.deleted, 5u);
	cr_expect(is_gone(a) && is_gone(e) && is_whole(f));
	cr_expect_eq(tree_count(), 6u + 13);
	cr_expect_eq(stat(tree_path("litesafe-reserve"), &st), 0);
	cr_assert_eq(umount2(folder, MNT_DETACH), 0);
}

Test(prune, a_full_disk_can_be_pruned)
{
	char disk[PATH_MAX + 8];

	if (!own_mounts())
		cr_skip_test("needs root and mount namespaces");
	(void)snprintf(disk, sizeof(disk), "%s/disk", tree_folder);
	cr_assert_eq(mkdir(disk, 0700), 0);
	cr_assert_eq(mount("none", disk, "tmpfs", 0, "size=2m"), 0);
	prunes_when_full(disk);
}

Test(prune, a_full_ext4_can_be_pruned)
{
	char disk[PATH_MAX + 8];

	if (!own_mounts())
		cr_skip_test("needs root and mount namespaces");
	(void)snprintf(disk, sizeof(disk), "%s/disk", tree_folder);
	cr_assert_eq(chdir(tree_folder), 0);
	if (system("exec >/dev/null 2>&1; mkdir disk && "
		   "truncate -s 16M img && mkfs.ext4 -q -b 4096 img && "
		   "mount -o loop img disk && rmdir disk/lost+found") != 0)
		cr_skip_test("needs mkfs.ext4 and loop devices");
	prunes_when_full(disk);
}
