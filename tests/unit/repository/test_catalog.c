/*
 * What a set's folder may hold, and what the catalog makes of it.
 */
#include "repository/catalog.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repository/chain.h"
#include "tests/unit/repository/tree.h"

static struct catalog catalog;

static void
done(void)
{
	catalog_done(&catalog);
	tree_remove();
}

TestSuite(catalog, .init = tree_make, .fini = done);

static void
read_set(void)
{
	struct err err = { 0 };

	catalog_done(&catalog);
	cr_assert_eq(
	    catalog_read(&tree, "app.db", &catalog, &err), 0, "%s", err.text);
}

/* The snapshot of that name. */
static const struct snapshot *
find(const char *name)
{
	for (size_t i = 0; i < catalog.count; i++)
		if (strcmp(catalog.list[i].name, name) == 0)
			return &catalog.list[i];
	cr_assert_fail("no %s", name);
	return NULL;
}

static void
has_faults(const char *name, unsigned faults)
{
	cr_expect_eq(find(name)->faults, faults, "%s: %x instead of %x", name,
	    find(name)->faults, faults);
}

static size_t
at(const char *name)
{
	return (size_t)(find(name) - catalog.list);
}

Test(catalog, knows_what_the_manifests_say)
{
	const char *full = tree_snapshot('a', 0, 10);
	const char *incr = tree_snapshot('b', 'a', 20);
	const char *late = tree_snapshot('c', 'b', 30);

	tree_write(tree_path("app.db/%s.pin", incr), "");
	read_set();
	cr_assert_eq(catalog.count, 3);
	cr_expect_eq(catalog.orphan_count, 0);
	cr_expect_eq(catalog.foreign, 0);
	cr_expect_str_eq(catalog.list[0].name, full);
	cr_expect_str_eq(catalog.list[1].name, incr);
	cr_expect_str_eq(catalog.list[2].name, late);
	cr_expect(catalog.list[0].full && !catalog.list[1].full);
	cr_expect(!catalog.list[0].pinned && catalog.list[1].pinned);
	cr_expect_str_eq(catalog.list[0].parent, "");
	cr_expect_str_eq(catalog.list[1].parent, "aaaaaaaaaaaaaaaa");
	cr_expect_eq(catalog.list[1].parent_at, 0);
	cr_expect_eq(catalog.list[2].parent_at, 1);
	cr_expect_eq(catalog.list[2].chain, 0);
	cr_expect_eq(catalog.list[0].chain, 0);
	cr_expect_eq(catalog.list[2].time_ms, TREE_START_MS + 30 * 60000);
	cr_expect_eq(catalog.list[2].archive_bytes, 19);
	cr_expect_eq(catalog.list[2].page_count, 7u);
	cr_expect_eq(catalog.list[2].pages_stored, 1u);
	for (size_t i = 0; i < 3; i++)
		cr_expect_eq(catalog.list[i].faults, SNAPSHOT_GOOD);
}

Test(catalog, an_absent_set_and_the_nearest)
{
	struct err err = { 0 };
	char hint[PATH_MAX + 80];

	(void)tree_snapshot('a', 0, 10);
	cr_assert_eq(catalog_read(&tree, "ap.db", &catalog, &err), -1);
	cr_expect_eq(err.kind, ERR_ABSENT);
	cr_expect_str_eq(err.hint, "did you mean 'app.db'?");
	cr_assert_eq(catalog_read(&tree, "zzzzzzzz", &catalog, &err), -1);
	cr_expect_eq(err.kind, ERR_ABSENT);
	(void)snprintf(hint, sizeof(hint),
	    "the sets are shown by: litesafe list -r %s", tree.path);
	cr_expect_str_eq(err.hint, hint);
	cr_assert_eq(catalog_read(&tree, "../r/app.db", &catalog, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
}

Test(catalog, a_set_that_is_a_symlink_is_refused)
{
	struct err err = { 0 };

	(void)tree_snapshot('a', 0, 10);
	cr_assert_eq(symlink("app.db", tree_path("link.db")), 0);
	cr_assert_eq(catalog_read(&tree, "link.db", &catalog, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect_not_null(strstr(err.text, "'link.db'"), "%s", err.text);
	cr_assert_eq(symlink(".", tree_path("up")), 0);
	cr_assert_eq(catalog_read(&tree, "up/app.db", &catalog, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	tree_write(tree_path("file"), "");
	cr_assert_eq(catalog_read(&tree, "file", &catalog, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
}

Test(catalog, archives_are_there_and_of_their_size)
{
	const char *gone = tree_snapshot('a', 0, 10);
	const char *small = tree_snapshot('b', 0, 20);
	const char *link = tree_snapshot('c', 0, 30);
	const char *folder = tree_snapshot('d', 0, 40);

	cr_assert_eq(unlink(tree_path("app.db/%s.tar.zst", gone)), 0);
	cr_assert_eq(truncate(tree_path("app.db/%s.tar.zst", small), 18), 0);
	cr_assert_eq(unlink(tree_path("app.db/%s.tar.zst", link)), 0);
	cr_assert_eq(
	    symlink("/etc/passwd", tree_path("app.db/%s.tar.zst", link)), 0);
	cr_assert_eq(unlink(tree_path("app.db/%s.tar.zst", folder)), 0);
	cr_assert_eq(mkdir(tree_path("app.db/%s.tar.zst", folder), 0700), 0);
	read_set();
	has_faults(gone, SNAPSHOT_NO_ARCHIVE);
	has_faults(small, SNAPSHOT_BAD_SIZE);
	has_faults(link, SNAPSHOT_NO_ARCHIVE);
	has_faults(folder, SNAPSHOT_NO_ARCHIVE);
	cr_expect_eq(catalog.foreign, 1u, "the link");
}

Test(catalog, a_fault_runs_down_its_chain_only)
{
	const char *full = tree_snapshot('a', 0, 10);
	const char *one = tree_snapshot('b', 'a', 20);
	const char *two = tree_snapshot('c', 'b', 30);
	const char *branch = tree_snapshot('d', 'a', 40);
	const char *leaf = tree_snapshot('e', 'c', 50);
	const char *other = tree_snapshot('f', 0, 60);

	cr_assert_eq(unlink(tree_path("app.db/%s.tar.zst", one)), 0);
	read_set();
	has_faults(full, SNAPSHOT_GOOD);
	has_faults(one, SNAPSHOT_NO_ARCHIVE);
	has_faults(two, SNAPSHOT_BAD_ANCESTOR);
	has_faults(branch, SNAPSHOT_GOOD);
	has_faults(leaf, SNAPSHOT_BAD_ANCESTOR);
	has_faults(other, SNAPSHOT_GOOD);
	cr_expect_eq(find(leaf)->chain, at(full));
}

Test(catalog, manifests_that_are_not_believed)
{
	const char *flipped = tree_snapshot('a', 0, 10);
	const char *copied = tree_snapshot('b', 0, 20);
	const char *strange = tree_snapshot('c', 0, 30);
	const char *fifo = tree_snapshot('d', 0, 40);
	const char *link = tree_snapshot('e', 0, 50);
	const char *folder = tree_snapshot('f', 0, 60);
	const char *huge = tree_snapshot('0', 0, 70);
	const char *empty = tree_snapshot('1', 0, 80);
	struct manifest other = tree_manifest('2', 0, 90);
	size_t len = 0;
	char *text = tree_read(tree_path("app.db/%s.json", flipped), &len);

	text[len / 2] ^= 1;
	tree_write(tree_path("app.db/%s.json", flipped), text);
	free(text);
	/* Somebody copied it under another name. */
	text = tree_read(tree_path("app.db/%s.json", copied), &len);
	tree_write(tree_path("app.db/%s.json", strange), text);
	free(text);
	cr_assert_eq(unlink(tree_path("app.db/%s.json", fifo)), 0);
	cr_assert_eq(mkfifo(tree_path("app.db/%s.json", fifo), 0600), 0);
	cr_assert_eq(
	    rename(tree_path("app.db/%s.json", link), tree_path("e")), 0);
	cr_assert_eq(symlink("../e", tree_path("app.db/%s.json", link)), 0);
	cr_assert_eq(unlink(tree_path("app.db/%s.json", folder)), 0);
	cr_assert_eq(mkdir(tree_path("app.db/%s.json", folder), 0700), 0);
	cr_assert_eq(truncate(tree_path("app.db/%s.json", huge), 1l << 40), 0);
	tree_write(tree_path("app.db/%s.json", empty), "");
	/* Of another set, moved here. */
	(void)strcpy(other.set, "other.db");
	cr_assert_eq(mkdir(tree_path("other.db"), 0700), 0);
	const char *moved = tree_store(&other);
	cr_assert_eq(rename(tree_path("other.db/%s.json", moved),
			 tree_path("app.db/%s.json", moved)),
	    0);
	read_set();
	cr_assert_eq(catalog.count, 9);
	for (size_t i = 0; i < catalog.count; i++) {
		bool good = strcmp(catalog.list[i].name, copied) == 0;

		cr_expect_eq(catalog.list[i].faults,
		    good ? SNAPSHOT_GOOD : SNAPSHOT_BAD_MANIFEST, "%s",
		    catalog.list[i].name);
		cr_expect(catalog.list[i].full);
	}
	/* Its time is what the name tells: some time in that second. */
	cr_expect_eq(find(flipped)->time_ms, TREE_START_MS + 10 * 60000 + 999);
	cr_expect_str_eq(find(flipped)->id, "");
}

/* Which of them is the newest cannot be known; "latest" must not be the other. */
Test(catalog, a_bad_one_may_be_the_newest_of_its_second)
{
	struct manifest first = tree_manifest('a', 0, 10);
	struct manifest second = tree_manifest('b', 'a', 10);

	first.pin_start_ms += 1;
	second.pin_start_ms += 200;
	(void)tree_store(&first);
	const char *bad = tree_store(&second);
	tree_write(tree_path("app.db/%s.json", bad), "");
	read_set();
	cr_assert_eq(catalog.count, 2);
	cr_expect_str_eq(catalog.list[1].name, bad);
}

Test(catalog, parents_that_cannot_be_the_parent)
{
	const char *full = tree_snapshot('a', 0, 10);
	const char *missing = tree_snapshot('b', '9', 20);
	const char *younger = tree_snapshot('d', 'e', 40);
	const char *older = tree_snapshot('e', 'd', 50);
	struct manifest root = tree_manifest('f', 'a', 60);
	struct manifest size = tree_manifest('0', 'a', 70);

	root.database.parent_root[31] ^= 1;
	size.database.page_size = 8192;
	size.database.sums_offset += 4096;
	const char *wrong_root = tree_store(&root);
	const char *wrong_size = tree_store(&size);
	read_set();
	has_faults(full, SNAPSHOT_GOOD);
	has_faults(missing, SNAPSHOT_NO_PARENT);
	has_faults(younger, SNAPSHOT_NO_PARENT);
	has_faults(older, SNAPSHOT_BAD_ANCESTOR);
	has_faults(wrong_root, SNAPSHOT_NO_PARENT);
	has_faults(wrong_size, SNAPSHOT_NO_PARENT);
	cr_expect_eq(find(older)->chain, SNAPSHOT_NONE);
}

Test(catalog, two_of_one_id_are_both_bad)
{
	const char *first = tree_snapshot('a', 0, 10);
	const char *second = tree_snapshot('a', 0, 20);
	const char *child = tree_snapshot('b', 'a', 30);

	read_set();
	has_faults(first, SNAPSHOT_BAD_MANIFEST);
	has_faults(second, SNAPSHOT_BAD_MANIFEST);
	has_faults(child, SNAPSHOT_NO_PARENT);
}

Test(catalog, what_belongs_to_no_snapshot)
{
	const char *name = tree_snapshot('a', 0, 10);
	struct manifest m = tree_manifest('b', 0, 20);
	const char *none = tree_name(&m);
	static const char *const files[] = {
		"20201120T002000Z-full-bbbbbbbb.condemned",
		"20201120T002000Z-full-bbbbbbbb.pin",
		"20201120T002000Z-full-bbbbbbbb.tar.zst",
		"20201120T002000Z-full-bbbbbbbb.tar.zst.litesafe-0a1b2c",
	};
	static const enum snapshot_file kinds[] = { SNAPSHOT_CONDEMNED,
		SNAPSHOT_PIN, SNAPSHOT_ARCHIVE, SNAPSHOT_DRAFT };

	(void)tree_store(&m);
	cr_assert_eq(rename(tree_path("app.db/%s.json", none),
			 tree_path("app.db/%s.condemned", none)),
	    0);
	tree_write(tree_path("app.db/%s.pin", none), "");
	tree_write(tree_path("app.db/%s", files[3]), "draft");
	tree_write(tree_path("app.db/notes"), "");
	tree_write(tree_path("app.db/new\nline"), "");
	cr_assert_eq(mkfifo(tree_path("app.db/fifo"), 0600), 0);
	cr_assert_eq(mkdir(tree_path("app.db/sub"), 0700), 0);
	read_set();
	cr_assert_eq(catalog.count, 1);
	cr_expect_str_eq(catalog.list[0].name, name);
	cr_assert_eq(catalog.orphan_count, 4);
	for (size_t i = 0; i < 4; i++) {
		cr_expect_str_eq(catalog.orphans[i].file, files[i]);
		cr_expect_eq(catalog.orphans[i].kind, kinds[i]);
	}
	cr_expect_eq(catalog.orphans[3].bytes, 5u);
	cr_expect_eq(catalog.foreign, 3u);
}

Test(catalog, to_a_prune_what_is_condemned_is_a_snapshot)
{
	const char *full = tree_snapshot('a', 0, 10);
	const char *incr = tree_snapshot('b', 'a', 20);
	struct err err = { 0 };

	cr_assert_eq(rename(tree_path("app.db/%s.json", full),
			 tree_path("app.db/%s.condemned", full)),
	    0);
	read_set();
	cr_assert_eq(catalog.count, 1);
	has_faults(incr, SNAPSHOT_NO_PARENT);
	catalog_done(&catalog);
	cr_assert_eq(
	    catalog_read_condemned(&tree, "app.db", &catalog, &err), 0);
	cr_assert_eq(catalog.count, 2);
	cr_expect_eq(catalog.orphan_count, 0);
	cr_expect(find(full)->condemned && !find(incr)->condemned);
	has_faults(full, SNAPSHOT_GOOD);
	has_faults(incr, SNAPSHOT_GOOD);
	cr_expect_eq(find(incr)->chain, at(full));
}

/* --- finding ------------------------------------------------------------ */

static void
finds(const char *text, const char *name)
{
	struct err err = { 0 };
	size_t found = 0;

	cr_assert_eq(catalog_find(&catalog, text, &found, &err), 0, "%s: %s",
	    text, err.text);
	cr_expect_str_eq(catalog.list[found].name, name);
}

static void
finds_none(const char *text, enum err_kind kind, const char *says)
{
	struct err err = { 0 };
	size_t found = 0;

	cr_assert_eq(
	    catalog_find(&catalog, text, &found, &err), -1, "%s", text);
	cr_expect_eq(err.kind, kind, "%s: kind %d", err.text, err.kind);
	cr_expect_not_null(strstr(err.text, says), "%s", err.text);
}

Test(catalog, finds_by_id_name_and_latest)
{
	const char *full = tree_snapshot('a', 0, 10);
	struct manifest m = tree_manifest('b', 0, 20), n = m;
	const char *bad = tree_snapshot('c', 0, 90);

	memcpy(m.id, "bbbb1", 5);
	memcpy(n.id, "bbbb2", 5);
	n.pin_start_ms += 60000;
	const char *one = tree_store(&m), *two = tree_store(&n);
	tree_write(tree_path("app.db/%s.json", bad), "damaged");
	read_set();
	finds("aaaa", full);
	finds("aaaaaaaaaaaaaaaa", full);
	finds("bbbb1", one);
	finds("latest", two);
	finds(bad, bad);
	finds_none("bbbb", ERR_USAGE, one);
	finds_none("bbbb", ERR_USAGE, two);
	finds_none("aaa", ERR_ABSENT, "no snapshot 'aaa'");
	finds_none("", ERR_ABSENT, "no snapshot ''");
	finds_none("aaaaaaaaaaaaaaaaa", ERR_ABSENT, "no snapshot");
	finds_none("\033[2J", ERR_ABSENT, "'\xef\xbf\xbd[2J'");
	cr_expect_eq(catalog_newest_good(&catalog), at(two));
	cr_expect_eq(catalog_good_before(&catalog, at(two)), at(one));
	cr_expect_eq(catalog_good_before(&catalog, at(full)), SNAPSHOT_NONE);
}

Test(catalog, latest_of_nothing_good)
{
	read_set();
	finds_none("latest", ERR_ABSENT, "has no snapshot");
	tree_write(tree_path("app.db/%s.json", tree_snapshot('a', 0, 10)), "x");
	read_set();
	finds_none("latest", ERR_ABSENT, "is good");
}

Test(catalog, finds_by_time)
{
	struct err err = { 0 };
	size_t found = 0;

	(void)tree_snapshot('a', 0, 10);
	const char *bad = tree_snapshot('b', 0, 20);
	(void)tree_snapshot('c', 0, 30);
	cr_assert_eq(unlink(tree_path("app.db/%s.tar.zst", bad)), 0);
	read_set();
	cr_assert_eq(
	    catalog_at_time(&catalog, TREE_START_MS + 25 * 60000, &found, &err),
	    0);
	cr_expect_eq(found, 1u, "a bad one counts");
	cr_assert_eq(
	    catalog_at_time(&catalog, TREE_START_MS + 20 * 60000, &found, &err),
	    0);
	cr_expect_eq(found, 1u);
	cr_assert_eq(
	    catalog_at_time(&catalog, TREE_START_MS, &found, &err), -1);
	cr_expect_eq(err.kind, ERR_ABSENT);
	cr_expect_str_eq(err.hint, "the oldest is of 2020-11-20T00:10:00.000Z");
}

Test(catalog, a_whole_manifest_is_read_and_believed)
{
	const char *name = tree_snapshot('a', 0, 10);
	const char *other = tree_snapshot('b', 0, 20);
	struct manifest m;
	struct stored_file file;
	struct err err = { 0 };
	char path[PATH_MAX];

	read_set();
	cr_assert_eq(catalog_manifest(&catalog, find(name), &m, &file, &err), 0,
	    "%s", err.text);
	cr_expect_str_eq(m.database.path, "/srv/app.db");
	cr_expect_eq(file.bytes, 19u);
	catalog_path(
	    &catalog, find(name), SNAPSHOT_MANIFEST, path, sizeof(path));
	cr_assert_eq(rename(tree_path("app.db/%s.json", other), path), 0);
	cr_assert_eq(
	    catalog_manifest(&catalog, find(name), &m, &file, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
}

/* --- chains ------------------------------------------------------------- */

Test(catalog, a_chain_is_what_a_restore_needs)
{
	const char *full = tree_snapshot('a', 0, 10);
	const char *one = tree_snapshot('b', 'a', 20);
	const char *two = tree_snapshot('c', 'b', 30);
	struct chain chain;
	struct err err = { 0 };

	read_set();
	cr_assert_eq(chain_of(&catalog, at(two), &chain, &err), 0);
	cr_assert_eq(chain.count, 3u);
	cr_expect_eq(chain.at[0], at(two));
	cr_expect_eq(chain.at[1], at(one));
	cr_expect_eq(chain.at[2], at(full));
	chain_done(&chain);
	cr_assert_eq(chain_of(&catalog, at(full), &chain, &err), 0);
	cr_expect_eq(chain.count, 1u);
	chain_done(&chain);
	cr_assert_eq(unlink(tree_path("app.db/%s.tar.zst", full)), 0);
	read_set();
	cr_assert_eq(chain_of(&catalog, at(two), &chain, &err), -1);
	cr_expect_eq(err.kind, ERR_DAMAGED);
	cr_expect_str_eq(err.text,
	    "snapshot '20201120T003000Z-incr-cccccccc' of the set 'app.db' "
	    "needs '20201120T001000Z-full-aaaaaaaa', which has no archive");
	cr_assert_eq(chain_of(&catalog, at(full), &chain, &err), -1);
	cr_expect_str_eq(err.text,
	    "snapshot '20201120T001000Z-full-aaaaaaaa' of the set 'app.db' "
	    "has no archive");
}
