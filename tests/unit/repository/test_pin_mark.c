/* A pin is a file beside the manifest, and only beside one that is there. */
#include "repository/pin_mark.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/repository/tree.h"

static struct catalog catalog;
static const char *name;

static void
make(void)
{
	struct err err = { 0 };

	tree_make();
	name = tree_snapshot('a', 0, 10);
	cr_assert_eq(catalog_read(&tree, "app.db", &catalog, &err), 0);
}

static void
done(void)
{
	catalog_done(&catalog);
	tree_remove();
}

TestSuite(pin_mark, .init = make, .fini = done);

static bool
set(void)
{
	struct err err = { 0 };
	bool changed = false;

	cr_assert_eq(pin_mark_set(&catalog, catalog.list, &changed, &err), 0,
	    "%s", err.text);
	return changed;
}

static bool
clear(void)
{
	struct err err = { 0 };
	bool changed = false;

	cr_assert_eq(pin_mark_clear(&catalog, catalog.list, &changed, &err), 0,
	    "%s", err.text);
	return changed;
}

Test(pin_mark, comes_and_goes)
{
	struct stat st;

	cr_expect(set());
	cr_assert_eq(stat(tree_path("app.db/%s.pin", name), &st), 0);
	cr_expect_eq(st.st_size, 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
	cr_expect(!set());
	cr_expect(clear());
	cr_expect(!clear());
	cr_expect(!tree_has(tree_path("app.db/%s.pin", name)));
}

Test(pin_mark, is_not_set_on_what_was_pruned_meanwhile)
{
	struct err err = { 0 };
	bool changed = false;

	cr_assert_eq(rename(tree_path("app.db/%s.json", name),
			 tree_path("app.db/%s.condemned", name)),
	    0);
	cr_assert_eq(pin_mark_set(&catalog, catalog.list, &changed, &err), -1);
	cr_expect_eq(err.kind, ERR_ABSENT);
	cr_expect(!tree_has(tree_path("app.db/%s.pin", name)));
}

Test(pin_mark, a_link_with_its_name_pins_and_is_not_followed)
{
	cr_assert_eq(symlink("nowhere", tree_path("app.db/%s.pin", name)), 0);
	cr_expect(!set());
	cr_expect(!tree_has(tree_path("app.db/nowhere")));
	cr_expect(clear());
}
