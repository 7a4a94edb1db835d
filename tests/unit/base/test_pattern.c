/* A pattern is expanded as a shell would, but nothing is lost in silence. */
#include "base/pattern.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/shared/folder.h"

static char matched[64][64], faults[256];
static unsigned count;

TestSuite(pattern, .init = folder_make, .fini = folder_remove);

static int
match(void *ctx, const char *path, struct err *err)
{
	(void)ctx;
	(void)err;
	(void)snprintf(matched[count++ % 64], sizeof(matched[0]), "%s",
	    path + strlen(folder));
	return 0;
}

static int
fault(void *ctx, const char *path, int reason, struct err *err)
{
	size_t len = strlen(faults);

	(void)ctx;
	(void)err;
	(void)snprintf(faults + len, sizeof(faults) - len, "%s %s;",
	    path + strlen(folder), strerrorname_np(reason));
	return 0;
}

static int
by_text(const void *left, const void *right)
{
	return strcmp(left, right);
}

/* The matches, each with a ';' behind. */
static void
expect(const char *pattern, const char *matches, const char *what_faults)
{
	const struct pattern_visitor visitor = { match, fault, NULL };
	struct err err = { 0 };
	char all[1024] = "";

	count = 0;
	faults[0] = '\0';
	cr_assert_eq(pattern_expand(folder_path(pattern), &visitor, &err), 0);
	cr_assert(count <= 64);
	qsort(matched, count, sizeof(matched[0]), by_text);
	for (unsigned i = 0; i < count; i++)
		(void)strcat(strcat(all, matched[i]), ";");
	cr_expect_str_eq(all, matches, "%s: %s", pattern, all);
	cr_expect_str_eq(faults, what_faults, "%s: %s", pattern, faults);
}

static void
make_tree(void)
{
	static const char *const folders[] = { "a", "b", ".c", "a/x", "b/x" };
	static const char *const files[] = { "a/app.db", "b/app.db",
		".c/app.db", "a/x/1.db", "b/x/2.db", "file", "b/[1].db" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		cr_assert_eq(mkdir(folder_path(folders[i]), 0755), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		folder_write(folder_path(files[i]), "x");
	cr_assert_eq(symlink("a", folder_path("link")), 0);
}

Test(pattern, as_a_shell_expands_it)
{
	make_tree();
	expect("*/app.db", "/a/app.db;/b/app.db;/link/app.db;", "");
	expect(".*/app.db", "/.c/app.db;", "");
	expect("?/x/*", "/a/x/1.db;/b/x/2.db;", "");
	expect("[!a]*/x/[0-9].db", "/b/x/2.db;/link/x/1.db;", "");
	expect("b/[[]1].db", "/b/[1].db;", "");
	expect("a/*", "/a/app.db;/a/x;", "");
	expect("*/*/1.db", "/a/x/1.db;/link/x/1.db;", "");
	expect("none/*", "", "");
	expect("file/*", "", "");
	expect("*/none", "", "");
	expect("\\*/app.db", "", "");
}

Test(pattern, below_the_current_folder)
{
	const struct pattern_visitor visitor = { match, fault, NULL };
	struct err err = { 0 };
	char cwd[PATH_MAX], here[PATH_MAX];

	make_tree();
	cr_assert_not_null(getcwd(cwd, sizeof(cwd)));
	(void)strcpy(here, folder);
	cr_assert_eq(chdir(folder), 0);
	folder[0] = '\0';
	cr_expect_eq(pattern_expand("a/x/*.db", &visitor, &err), 0);
	cr_expect_eq(count, 1);
	cr_expect_str_eq(matched[0], "a/x/1.db");
	cr_expect_eq(pattern_expand("fil?", &visitor, &err), 0);
	cr_expect_str_eq(matched[1], "file");
	(void)strcpy(folder, here);
	cr_assert_eq(chdir(cwd), 0);
}

Test(pattern, what_leads_nowhere_and_what_may_not_be_looked_at)
{
	make_tree();
	cr_assert_eq(symlink("nowhere", folder_path("b/dangling")), 0);
	expect("b/d*", "", "/b/dangling ENOENT;");
	cr_assert_eq(symlink("loop", folder_path("loop")), 0);
	expect("l*/app.db", "/link/app.db;", "/loop/app.db ELOOP;");
	if (geteuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(chmod(folder, 0755), 0);
	cr_assert_eq(chmod(folder_path("b"), 0), 0);
	cr_assert_eq(seteuid(65534), 0);
	/* glob(3) would say nothing of either. */
	expect("[ab]/app.db", "/a/app.db;", "/b/app.db EACCES;");
	expect("b/*", "", "/b/ EACCES;");
	cr_assert_eq(seteuid(0), 0);
}

Test(pattern, the_fixed_part)
{
	cr_expect(pattern_is_one("/srv/*/a") && pattern_is_one("a?") &&
		  pattern_is_one("[") && !pattern_is_one("/srv/a\\b{c,d}"));
	cr_expect_eq(pattern_fixed("/srv/*/app.db"), 5);
	cr_expect_eq(pattern_fixed("/srv/a*"), 5);
	cr_expect_eq(pattern_fixed("*.db"), 0);
	cr_expect_eq(pattern_fixed("/*"), 1);
}
