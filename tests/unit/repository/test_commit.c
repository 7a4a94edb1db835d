/*
 * A commit is a manifest under its name, and never one without its chain.
 */
#include "repository/commit.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repository/catalog.h"
#include "tests/unit/repository/tree.h"

TestSuite(commit, .init = tree_make, .fini = tree_remove);

static const struct stored_file file = { .bytes = 7 };

static int
commit(const struct manifest *m, struct err *err)
{
	memset(err, 0, sizeof(*err));
	return commit_manifest(&tree, m, &file, err);
}

static const char *
archive_of(const struct manifest *m)
{
	return tree_path("app.db/%s.tar.zst", tree_name(m));
}

static const char *
manifest_of(const struct manifest *m)
{
	return tree_path("app.db/%s.json", tree_name(m));
}

Test(commit, gives_the_manifest_its_name)
{
	struct manifest full = tree_manifest('a', 0, 10);
	struct manifest incr = tree_manifest('b', 'a', 20);
	struct err err;
	struct stat st;

	tree_write(archive_of(&full), "1234567");
	cr_assert_eq(commit(&full, &err), 0, "%s", err.text);
	cr_assert_eq(stat(manifest_of(&full), &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
	tree_write(archive_of(&incr), "1234567");
	cr_assert_eq(commit(&incr, &err), 0, "%s", err.text);
	cr_expect_eq(commit_ancestors_there(&tree, "app.db", incr.id, &err), 0);
	cr_expect_eq(tree_count(), 4u);
}

Test(commit, never_replaces)
{
	struct manifest full = tree_manifest('a', 0, 10);
	struct err err;
	size_t len = 0;

	tree_write(archive_of(&full), "1234567");
	tree_write(manifest_of(&full), "somebody's");
	cr_assert_eq(commit(&full, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	char *text = tree_read(manifest_of(&full), &len);
	cr_expect_str_eq(text, "somebody's");
	free(text);
}

static void
taken_back(const struct manifest *m, const char *says)
{
	struct err err;

	cr_assert_eq(commit(m, &err), -1);
	cr_expect_eq(err.kind, ERR_FAILED, "%s", err.text);
	cr_expect_not_null(strstr(err.text, says), "%s", err.text);
	cr_expect_not_null(strstr(err.hint, "run the backup again"));
	cr_expect(!tree_has(manifest_of(m)));
}

Test(commit, is_taken_back_when_an_ancestor_has_gone)
{
	struct manifest incr = tree_manifest('c', 'b', 30);

	(void)tree_snapshot('a', 0, 10);
	const char *parent = tree_snapshot('b', 'a', 20);
	tree_write(archive_of(&incr), "1234567");
	cr_assert_eq(rename(tree_path("app.db/%s.json", parent),
			 tree_path("app.db/%s.condemned", parent)),
	    0);
	taken_back(&incr, "is not there");
	cr_expect(tree_has(archive_of(&incr)), "the backup's own to remove");
}

Test(commit, is_taken_back_when_an_archive_has_gone)
{
	struct manifest incr = tree_manifest('b', 'a', 20);
	struct manifest full = tree_manifest('c', 0, 30);
	const char *parent = tree_snapshot('a', 0, 10);

	tree_write(archive_of(&incr), "1234567");
	cr_assert_eq(unlink(tree_path("app.db/%s.tar.zst", parent)), 0);
	taken_back(&incr, "has no archive");
	/* Its own: a prune took it for a leftover. */
	taken_back(&full, "has no archive");
}

Test(commit, a_manifest_that_could_not_be_read_is_not_stored)
{
	struct manifest full = tree_manifest('a', 0, 10);
	struct err err;

	(void)strcpy(full.database.encoding, "EBCDIC");
	tree_write(archive_of(&full), "1234567");
	cr_assert_eq(commit(&full, &err), -1);
	cr_expect_eq(tree_count(), 1u);
}
