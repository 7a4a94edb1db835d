/*
 * What makes a folder a repository, what does not, and what is said of it.
 */
#include "repository/repository.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sealed.h"
#include "repository/readme.h"
#include "tests/unit/repository/tree.h"

TestSuite(repository, .init = tree_make, .fini = tree_remove);

static struct repository opened;

static const char *
beside(const char *name)
{
	static char path[PATH_MAX + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", tree_folder, name);
	return path;
}

static int
init(const char *path, bool if_missing, bool *ret_made, struct err *err)
{
	memset(err, 0, sizeof(*err));
	return repository_init(path, if_missing, &opened, ret_made, err);
}

static void
refused(const char *path, enum err_kind kind, const char *says)
{
	struct err err = { 0 };

	cr_assert_eq(repository_open(path, &opened, &err), -1);
	cr_expect_eq(err.kind, kind, "%s: kind %d", err.text, err.kind);
	cr_expect_not_null(
	    strstr(err.text, says), "'%s' not in: %s", says, err.text);
}

Test(repository, is_made_private_and_opened)
{
	struct err err = { 0 };
	struct stat st;

	cr_assert_eq(repository_open(tree.path, &opened, &err), 0);
	cr_expect_str_eq(opened.id, tree.id);
	cr_expect_str_eq(opened.path, tree.path);
	cr_expect_eq(strspn(tree.id, "0123456789abcdef"), 32);
	cr_assert_eq(stat(tree.path, &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0700);
	cr_assert_eq(stat(tree_path("README.txt"), &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
	cr_assert_eq(stat(tree_path("app.db"), &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0700);
}

Test(repository, the_umask_does_not_decide)
{
	bool made = false;
	struct err err;
	struct stat st;

	(void)umask(0777);
	cr_assert_eq(init(beside("u"), false, &made, &err), 0, "%s", err.text);
	cr_assert_eq(
	    repository_make_set(&opened, "a/b.db", &err), 0, "%s", err.text);
	cr_assert_eq(stat(beside("u/a/b.db"), &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0700);
}

Test(repository, is_not_made_twice)
{
	char id[REPOSITORY_ID_BYTES];
	bool made = true;
	struct err err;

	(void)strcpy(id, tree.id);
	cr_assert_eq(init(tree.path, false, &made, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect_not_null(strstr(err.text, "is a repository already"));
	cr_assert_eq(init(tree.path, true, &made, &err), 0, "%s", err.text);
	cr_expect(!made);
	cr_expect_str_eq(opened.id, id);
	cr_assert_eq(init(beside("new"), true, &made, &err), 0, "%s", err.text);
	cr_expect(made);
}

Test(repository, a_folder_with_anything_in_it_is_refused)
{
	bool made = false;
	struct err err;

	cr_assert_eq(mkdir(beside("d"), 0755), 0);
	tree_write(beside("d/precious"), "x");
	cr_assert_eq(init(beside("d"), true, &made, &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED);
	cr_expect_not_null(strstr(err.text, "'precious'"));
	cr_assert_eq(unlink(beside("d/precious")), 0);

	/* A README of somebody else. */
	tree_write(beside("d/README.txt"), "A repository of git\n");
	cr_assert_eq(init(beside("d"), true, &made, &err), -1);
	cr_expect_not_null(strstr(err.text, "'README.txt'"));
}

Test(repository, an_init_that_was_interrupted_is_done_again)
{
	bool made = false;
	struct err err;

	cr_assert_eq(mkdir(beside("d"), 0700), 0);
	cr_assert_eq(mkdir(beside("d/lost+found"), 0700), 0);
	tree_write(beside("d/README.txt.litesafe-0a1b2c"), "A repo");
	tree_write(beside("d/README.txt"), README_TITLE "as it was once\n");
	cr_assert_eq(init(beside("d"), false, &made, &err), 0, "%s", err.text);
	cr_expect(made);
	cr_expect(tree_has(beside("d/litesafe-repository.json")));
}

/* Its sets would be taken for sets of the one around it. */
Test(repository, none_is_made_inside_another)
{
	static const char *const paths[] = { "new", "app.db/new", "link/new",
		"empty", "empty/", "new/" };
	bool made = false, make = false;
	struct err err = { 0 };

	(void)mkdir(tree_path("app.db"), 0700);
	cr_assert_eq(mkdir(tree_path("empty"), 0700), 0);
	cr_assert_eq(symlink("app.db", tree_path("link")), 0);
	for (unsigned i = 0; i < 6; i++) {
		cr_expect_eq(
		    init(tree_path("%s", paths[i]), true, &made, &err), -1);
		cr_expect_eq(err.kind, ERR_REFUSED, "%s", err.text);
		cr_expect_not_null(strstr(err.text, "inside the repository"));
		err = (struct err){ 0 };
		int rc = repository_init_foresee(
		    tree_path("%s", paths[i]), true, &opened, &make, &err);
		cr_expect_eq(rc, -1);
		cr_expect_eq(err.kind, ERR_REFUSED);
	}
	cr_expect_not(tree_has(tree_path("new")));
	cr_expect_not(tree_has(tree_path("app.db/new")));
	/* One that is there, from before this was refused. */
	tree_write(tree_path("empty/litesafe-repository.json"), "{}");
	err = (struct err){ 0 };
	(void)init(tree_path("empty"), true, &made, &err);
	cr_expect_null(strstr(err.text, "inside the repository"));
}

/* Of all that init makes, refuses or finds, a look before tells the same. */
Test(repository, what_init_would_do_is_foreseen)
{
	static const char *const paths[] = { "new", "empty", "full", "file",
		"no/way", "there" };

	cr_assert_eq(mkdir(beside("empty"), 0700), 0);
	cr_assert_eq(mkdir(beside("full"), 0700), 0);
	tree_write(beside("full/precious"), "x");
	tree_write(beside("file"), "");
	for (unsigned i = 0; i < 6; i++) {
		for (unsigned if_missing = 0; if_missing < 2; if_missing++) {
			const char *path = beside(paths[i]);
			bool made = false, make = false;
			struct err err = { 0 }, foreseen = { 0 };

			if (strcmp(paths[i], "there") == 0)
				(void)init(path, true, &made, &err);
			int look = repository_init_foresee(
			    path, if_missing, &opened, &make, &foreseen);
			int rc = init(path, if_missing, &made, &err);
			cr_expect_eq(look, rc, "%s", path);
			cr_expect_eq(make, rc == 0 && made, "%s", path);
			cr_expect(rc == 0 || foreseen.kind == err.kind);
			cr_expect(
			    rc == 0 || strcmp(foreseen.text, err.text) == 0);
		}
	}
}

Test(repository, an_empty_folder_is_no_repository)
{
	struct err err = { 0 };

	cr_assert_eq(mkdir(beside("mnt"), 0755), 0);
	cr_assert_eq(repository_open(beside("mnt"), &opened, &err), -1);
	cr_expect_eq(err.kind, ERR_REPOSITORY);
	cr_expect_not_null(strstr(err.text, "is not a repository"));
	cr_expect_not_null(strstr(err.hint, "mounted"));
	cr_expect_not_null(strstr(err.hint, "litesafe init"));
	refused(beside("none"), ERR_REPOSITORY, "No such file");
	tree_write(beside("file"), "");
	refused(beside("file"), ERR_REPOSITORY, "Not a directory");
}

Test(repository, init_needs_the_folder_above)
{
	bool made = false;
	struct err err;

	cr_assert_eq(init(beside("no/way"), false, &made, &err), -1);
	cr_expect_eq(err.code, ENOENT);
	cr_expect_str_eq(err.hint, "make the folder above it first");
}

/* The file, sealed again after a change. */
static void
seal(const char *from, const char *to)
{
	const char *path = tree_path("litesafe-repository.json");
	struct err err = { 0 };
	size_t len = 0;
	char *text = tree_read(path, &len), *line = NULL, *sealed = NULL;

	*strchr(text, '\n') = '\0';
	char *at = strstr(text, from);
	cr_assert_not_null(at, "%s", text);
	cr_assert(asprintf(&line, "%.*s%s%s", (int)(at - text), text, to,
		      at + strlen(from)) > 0);
	cr_assert_eq(sealed_encode(line, strlen(line), &sealed, &len, &err), 0);
	tree_write(path, sealed);
	free(text);
	free(line);
	free(sealed);
}

Test(repository, a_newer_one_is_refused_by_name)
{
	seal("\"litesafe_repository\":1", "\"litesafe_repository\":2");
	refused(tree.path, ERR_REPOSITORY, "format 2");
}

Test(repository, an_unknown_feature_is_refused_by_name)
{
	struct err err = { 0 };

	seal("\"features\":[]", "\"features\":[\"age\\u001b\"]");
	refused(tree.path, ERR_REPOSITORY, "'age\xef\xbf\xbd'");
	cr_assert_eq(repository_open(tree.path, &opened, &err), -1);
	cr_expect_not_null(strstr(err.hint, "upgrade"));
}

Test(repository, unknown_fields_are_ignored)
{
	struct err err = { 0 };

	seal("\"features\":[]", "\"x\":{\"y\":[1]},\"features\":[]");
	cr_expect_eq(
	    repository_open(tree.path, &opened, &err), 0, "%s", err.text);
}

Test(repository, every_byte_of_its_file_counts)
{
	const char *path = tree_path("litesafe-repository.json");
	struct err err = { 0 };
	size_t len = 0;
	char *text = tree_read(path, &len);

	for (size_t i = 0; i < len; i++) {
		text[i] = (char)(text[i] ^ 1);
		tree_write(path, text);
		text[i] = (char)(text[i] ^ 1);
		cr_assert_eq(repository_open(tree.path, &opened, &err), -1,
		    "byte %zu", i);
		cr_assert_eq(err.kind, ERR_REPOSITORY);
	}
	free(text);
}

Test(repository, hostile_files_in_its_place)
{
	const char *path = tree_path("litesafe-repository.json");

	cr_assert_eq(rename(path, beside("aside")), 0);
	cr_assert_eq(symlink(beside("aside"), path), 0);
	refused(tree.path, ERR_REPOSITORY, "not a regular file");
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(mkfifo(path, 0600), 0);
	refused(tree.path, ERR_REPOSITORY, "not a regular file");
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(mkdir(path, 0700), 0);
	refused(tree.path, ERR_REPOSITORY, "not a regular file");
	cr_assert_eq(rmdir(path), 0);
	tree_write(path, "");
	cr_assert_eq(truncate(path, 1l << 40), 0);
	refused(tree.path, ERR_REPOSITORY, "more than the limit");
}

/* --- checking ----------------------------------------------------------- */

static char faults[4096];

static void
note(void *ctx, const char *text)
{
	(void)ctx;
	(void)strcat(strcat(faults, text), "\n");
}

static const char *
check(void)
{
	struct err err = { 0 };

	faults[0] = '\0';
	cr_assert_eq(
	    repository_check(&tree, note, NULL, &err), 0, "%s", err.text);
	return faults;
}

Test(repository, check_tells_what_was_changed)
{
	size_t len = 0;

	cr_expect_str_eq(check(), "");
	char *readme = tree_read(tree_path("README.txt"), &len);
	readme[100] ^= 1;
	tree_write(tree_path("README.txt"), readme);
	free(readme);
	cr_expect_not_null(strstr(check(), "README.txt' is not as"));
	cr_assert_eq(unlink(tree_path("README.txt")), 0);
	cr_expect_not_null(strstr(check(), "No such file"));
	seal(tree.id, "00000000000000000000000000000000");
	cr_expect_not_null(strstr(check(), "another repository"));
	tree_write(tree_path("litesafe-repository.json"), "{}\n");
	cr_expect_not_null(strstr(check(), "SHA-256"));
}

/* --- sets --------------------------------------------------------------- */

static int
collect(void *ctx, const char *set, struct err *err)
{
	(void)strcat(strcat(ctx, set), "\n");
	return strcmp(set, "stop") == 0 ? err_set(err, ERR_STOPPED, 0, "enough")
					: 0;
}

static void
make_with_snapshot(const char *set)
{
	struct err err = { 0 };

	cr_assert_eq(repository_make_set(&tree, set, &err), 0, "%s", err.text);
	tree_write(
	    tree_path("%s/20261120T231500Z-full-7f3a9c2b.tar.zst", set), "");
}

Test(repository, sets_are_the_folders_with_files_of_ours)
{
	char names[4096] = "";
	struct err err = { 0 };

	make_with_snapshot("b.db");
	make_with_snapshot("x/y/z.db");
	make_with_snapshot("x");
	make_with_snapshot("B.db");
	tree_write(tree_path("app.db/notes.txt"), "");
	cr_assert_eq(mkdir(tree_path("new\nline"), 0700), 0);
	tree_write(
	    tree_path("new\nline/20261120T231500Z-full-7f3a9c2b.json"), "");
	cr_assert_eq(mkdir(tree_path(".litesafe-x"), 0700), 0);
	tree_write(
	    tree_path(".litesafe-x/20261120T231500Z-full-7f3a9c2b.json"), "");
	cr_assert_eq(symlink(tree_path("x"), tree_path("link")), 0);
	cr_assert_eq(symlink("..", tree_path("x/up")), 0);
	cr_assert_eq(mkfifo(tree_path("fifo"), 0600), 0);
	/* A name of ours in the wrong place makes no set of the repository. */
	tree_write(tree_path("20261120T231500Z-full-7f3a9c2b.json"), "");
	cr_assert_eq(
	    repository_sets(&tree, collect, names, &err), 0, "%s", err.text);
	cr_expect_str_eq(names, "B.db\nb.db\nx\nx/y/z.db\n");
}

Test(repository, who_visits_sets_can_end_it)
{
	char names[4096] = "";
	struct err err = { 0 };

	make_with_snapshot("a");
	make_with_snapshot("stop");
	make_with_snapshot("z");
	cr_assert_eq(repository_sets(&tree, collect, names, &err), -1);
	cr_expect_eq(err.kind, ERR_STOPPED);
	cr_expect_str_eq(names, "a\nstop\n");
}

Test(repository, a_thousand_folders_deep_is_not_followed)
{
	char names[4096] = "";
	struct err err = { 0 };
	int fd = open(tree.path, O_RDONLY);

	for (int i = 0; i < 1000; i++) {
		cr_assert_eq(mkdirat(fd, "d", 0700), 0);
		int next = openat(fd, "d", O_RDONLY);
		(void)close(fd);
		fd = next;
	}
	(void)close(fd);
	cr_assert_eq(
	    repository_sets(&tree, collect, names, &err), 0, "%s", err.text);
	cr_expect_str_eq(names, "");
	/* Too deep for nftw() and its paths. */
	cr_assert_eq(chdir(tree.path), 0);
	for (int i = 0; i < 999; i++)
		cr_assert_eq(chdir("d"), 0);
	for (int i = 0; i < 999; i++) {
		cr_assert_eq(rmdir("d"), 0);
		cr_assert_eq(chdir(".."), 0);
	}
}

Test(repository, no_set_leads_out_of_it)
{
	static const char *const names[] = { "..", "../x", "/etc", "a/../b", "",
		"a//b", ".", ".litesafe" };
	struct err err = { 0 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		cr_expect_eq(repository_make_set(&tree, names[i], &err), -1);
		cr_expect_eq(err.kind, ERR_REFUSED, "%s", err.text);
	}
	cr_assert_eq(symlink("/tmp", tree_path("out")), 0);
	cr_expect_eq(repository_make_set(&tree, "out/app.db", &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED, "%s", err.text);
	cr_expect_eq(repository_make_set(&tree, "out", &err), -1);
	cr_expect_not_null(strstr(err.text, "'out'"));
	cr_expect_eq(repository_make_set(&tree, "README.txt", &err), -1);
	cr_expect_eq(err.kind, ERR_REFUSED, "%s", err.text);
}

/* --- the README --------------------------------------------------------- */

Test(repository, the_readme_has_a_script_between_its_marks)
{
	size_t len = 0;
	char *readme = tree_read(tree_path("README.txt"), &len);
	char *begin = strstr(readme, "\n" README_BEGIN "\n");
	unsigned lines = 0;

	cr_assert_not_null(begin);
	begin += strlen("\n" README_BEGIN "\n");
	char *end = strstr(begin, "\n" README_END "\n");
	cr_assert_not_null(end);
	for (const char *p = begin; p <= end; p++)
		lines += *p == '\n';
	cr_expect_leq(lines, 30u);
	cr_expect_gt(lines, 10u);
	/* Plain text, as everyone can read it. */
	for (size_t i = 0; i < len; i++)
		cr_assert(readme[i] == '\n' ||
			  (readme[i] >= ' ' && readme[i] <= '~'));
	free(readme);
}
